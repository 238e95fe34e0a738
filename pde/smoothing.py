"""Gaussian smoothing with the reflecting boundary."""

import math
from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .backend import Tensor
from .boundary import reflect
from .compilation import compiled
from .differences import COLUMNS, ROWS

Scale = float | Sequence[float | Tensor]
"""σ in px, or the weights of a kernel as `gaussian_weights` gives them."""


def gaussian_kernel(sigma: float, truncate: float = 4.0) -> np.ndarray:
    """Samples of exp(−x²/2σ²) at the integers up to `truncate`·σ, divided by their sum.

    Args:
        sigma: σ ≥ 0 in px.
        truncate: Radius r of the kernel in multiples of σ, rounded up to whole px.

    Returns:
        float64 array `(2r + 1,)`.

    Raises:
        InputError: if `sigma` is negative or not finite.

    Example:
        >>> gaussian_kernel(0.25).round(3)
        array([0.   , 0.999, 0.   ])
    """
    if not (math.isfinite(sigma) and sigma >= 0):
        raise InputError(f"`sigma` must be a number of pixels ≥ 0. Received: sigma={sigma}.")
    radius = math.ceil(truncate * sigma)
    x = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * np.square(x / sigma)) if radius else np.ones(1)
    return weights / weights.sum()


def gaussian_smooth(u: Tensor, sigma: Scale, truncate: float = 4.0) -> Tensor:
    """Convolution G_σ ∗ u with the sampled Gaussian, separable, mean preserved.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        sigma: Standard deviation in px; 0 returns u.
        truncate: Radius of the kernel in multiples of σ. Neither side of the image may be shorter
            than this radius.

    Returns:
        Tensor of the shape of u.

    Raises:
        InputError: if `sigma` is negative or not finite.

    Example:
        >>> from keras import ops
        >>> float(ops.sum(gaussian_smooth(ops.ones((1, 8, 8, 1)), 0.0)))
        64.0
    """
    weights = gaussian_weights(sigma, truncate)
    return smooth_valid(reflect(u, len(weights) // 2), weights)


def gaussian_weights(sigma: Scale, truncate: float = 4.0) -> Sequence[float | Tensor]:
    """The kernel as a list of numbers; a list, of numbers or scalar tensors, is handed through.

    Args:
        sigma: σ ≥ 0 in px, or the weights themselves.
        truncate: Radius r of the kernel in multiples of σ.

    Returns:
        The 2r + 1 weights.

    Raises:
        InputError: if `sigma` is negative or not finite.

    Example:
        >>> [round(weight, 3) for weight in gaussian_weights(0.25)]
        [0.0, 0.999, 0.0]
    """
    if isinstance(sigma, list | tuple):
        return sigma
    return [float(w) for w in gaussian_kernel(sigma, truncate)]


def smooth_valid(u: Tensor, weights: Sequence[float | Tensor]) -> Tensor:
    """Separable convolution with a symmetric kernel, without a boundary: radius lost at each side.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        weights: The 2r + 1 entries of the kernel, numbers or scalar tensors.

    Returns:
        Tensor `(batch, height − 2r, width − 2r, channels)`.

    Example:
        >>> from keras import ops
        >>> tuple(smooth_valid(ops.ones((1, 8, 8, 1)), [0.25, 0.5, 0.25]).shape)
        (1, 6, 6, 1)
    """
    if len(weights) == 1:
        return u
    # Both axes were padded first: a step that pads its input and then only slices is what XLA
    # fuses best, and a sum of shifted slices is faster there than a one-channel convolution.
    for axis in (ROWS, COLUMNS):
        u = _along(u, weights, axis)
    return u


@compiled
def smooth_along(u: Tensor, weights: tuple[float, ...], axis: int) -> Tensor:
    """One of the two passes of `smooth_valid`, compiled by itself.

    Where what is smoothed is computed pixel by pixel, and is looked at pixel by pixel afterwards, XLA
    would put all this into one loop and compute every value as often as there are weights.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        weights: A tuple of 2r + 1 numbers.
        axis: `ROWS` or `COLUMNS`.

    Returns:
        Tensor, 2r shorter along the axis.
    """
    return _along(u, weights, axis)


def _along(u, weights, axis):
    radius = len(weights) // 2
    return sum(w * _shifted(u, i, radius, axis) for i, w in enumerate(weights))


@compiled
def smooth_alike(u: Tensor, weights: tuple[float, ...], axis: int) -> Tensor:
    """The same as `smooth_along`, but a mirrored image has the mirrored result bit by bit.

    The two pixels of one weight are added first. Args and result as for `smooth_along`.
    """
    radius = len(weights) // 2
    sides = (
        weights[i] * (_shifted(u, i, radius, axis) + _shifted(u, 2 * radius - i, radius, axis))
        for i in range(radius)
    )
    return sum(sides, weights[radius] * _shifted(u, radius, radius, axis))


def _shifted(u, start, radius, axis):
    return u[(*(slice(None),) * axis, slice(start, start - 2 * radius or None))]
