"""How much a bank of correlations can enlarge an image: a bound from above for every image size."""

import math

import numpy as np

from .backend import Tensor, ops
from .boundary import Signs

_POINTS = 16
"""Frequencies on the circle, for each degree of the polynomial whose maximum is wanted."""

_SQUARINGS = 5
"""The largest eigenvalue λ of a matrix A ≥ 0 is bounded by tr(A^p)^(1/p), with p = 2^5."""

_ROUNDING = 1.00001
"""Single precision is worse than the bound."""


def spectral_norm_bound_of_bank(bank: Tensor, signs: Signs) -> Tensor:
    """An upper bound on ‖K‖², K the correlation of a mirrored image with a bank closed under flips.

    On the whole plane ‖K‖² is the largest eigenvalue of A(ω) = K̂(ω)ᴴ K̂(ω) over all frequencies. An
    image that is mirrored at its borders is periodic on a domain of four times its size, and for a bank
    that is closed under flips its responses on the four quarters have equal norms: so the mirrored
    correlation has no larger norm, whatever the size of the image.

    A(ω) is known at equidistant frequencies. Each xᴴ A(ω) x is a trigonometric polynomial of degree
    n = side − 1 along either axis, so its maximum is at most the largest of M > 2 n equidistant values,
    divided by cos(π n/M) for each axis (Ehlich and Zeller 1964): 1.04 in all for M = 16 n. The largest
    eigenvalue is bounded by tr(A^p)^(1/p), which is at most c^(1/p) too large for c components.

    Args:
        bank: Tensor `(side, side, components, filters)`, closed under flips.
        signs: The components' parities, as `parities` returns them.

    Returns:
        Scalar tensor, never below ‖K‖² but for rounding, which is allowed for.

    Example:
        >>> signs = (1.0,), (1.0,)
        >>> round(float(spectral_norm_bound_of_bank(ops.ones((1, 1, 1, 2)), signs)), 3)
        2.0
    """
    side, _, components, filters = bank.shape
    frequencies, slack = _frequencies(side)
    cosine, sine = _waves(side, frequencies)
    points, taps = cosine.shape
    flat = ops.reshape(ops.cast(bank, "float32"), (taps, components * filters))
    # With components that change their sign under a turn by 180° multiplied by i, A(ω) is real: the
    # imaginary parts of a filter and its turned copy cancel.
    odd = (np.array(signs[0]) * np.array(signs[1]) < 0)[:, None]
    even = ops.reshape(ops.matmul(cosine, flat), (points, components, filters))
    other = ops.reshape(ops.matmul(sine, flat), (points, components, filters))
    real, imaginary = ops.where(odd, other, even), ops.where(odd, -even, other)
    both = ops.concatenate([real, imaginary], axis=-1)
    power = ops.matmul(both, ops.transpose(both, (0, 2, 1)))
    return largest_eigenvalue_bound(power) * (slack * _ROUNDING)


def largest_eigenvalue_bound(matrices: Tensor) -> Tensor:
    """max over some matrices A ≥ 0 of tr(A^p)^(1/p), p = 32: no less than the largest eigenvalue.

    Args:
        matrices: Symmetric, positive semidefinite, `(count, c, c)`.

    Returns:
        Scalar tensor.

    Example:
        >>> round(float(largest_eigenvalue_bound(ops.array([[[3.0, 0.0], [0.0, 1.0]]]))), 3)
        3.0
    """
    logarithm, power, exponent = 0.0, matrices, 1.0
    # A product instead of `diagonal`, an operation that not every runtime has.
    identity = ops.eye(matrices.shape[-1], dtype=matrices.dtype)
    for squaring in range(_SQUARINGS + 1):
        if squaring:
            power, exponent = ops.matmul(power, power), 0.5 * exponent
        # Divided by the trace each time, so that nothing overflows and the largest does not vanish.
        trace = ops.sum(power * identity, axis=(1, 2)) + 1e-30
        logarithm = logarithm + exponent * ops.log(trace)
        power = power / trace[:, None, None]
    return ops.max(ops.exp(logarithm))


def _frequencies(side):
    """Equidistant frequencies of one axis in [0, π], and what lies between them at most."""
    degree = side - 1
    if degree == 0:
        return np.zeros(1), 1.0
    count = _POINTS * degree
    slack = 1.0 / math.cos(math.pi * degree / count) ** 2
    return 2.0 * math.pi * np.arange(count // 2 + 1) / count, slack


def _waves(side, frequencies):
    """cos and sin of ω·d for all frequencies `(points, side²)`; flips leave the others to symmetry."""
    offsets = np.arange(side) - (side - 1) / 2
    row, column = np.meshgrid(frequencies, frequencies, indexing="ij")
    dy, dx = np.meshgrid(offsets, offsets, indexing="ij")
    phase = row.reshape(-1, 1) * dy.reshape(1, -1) + column.reshape(-1, 1) * dx.reshape(1, -1)
    return (ops.convert_to_tensor(wave(phase).astype(np.float32)) for wave in (np.cos, np.sin))
