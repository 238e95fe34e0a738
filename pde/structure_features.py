"""Quantised features of the structure tensor, from which a filter is selected (BLADE, section 2.1)."""

import math

from ..errors import InputError
from .backend import Tensor, ops
from .compilation import compiled
from .structure import Entries, eigenvalues, structure_at

_NO_DIRECTION = 1e-3
"""Eigenvalues that differ by less than this share of their sum are taken to be equal."""


def orientation_index(structure: Entries, count: int) -> Tensor:
    """The bin of the angle of the dominant eigenvector, the direction of the gradient modulo π.

    Bin k holds angles in [kπ/n, (k + 1)π/n), from the x axis towards the y axis. It is found by signs
    of 2 × 2 determinants instead of an arctangent, so that an image turned by 90° has exactly the bins
    k + n/2.

    Args:
        structure: Entries (j₁₁, j₁₂, j₂₂).
        count: n, an even number, or 1.

    Returns:
        int32 tensor of the shape of an entry; 0 where there is no direction.

    Raises:
        InputError: if the number of bins is odd.

    Example:
        >>> structure = [ops.array(entry) for entry in (0.0, 0.0, 1.0)]
        >>> int(orientation_index(structure, 8))
        4
    """
    if count == 1:
        return ops.zeros_like(structure[0], dtype="int32")
    if count % 2:
        raise InputError(f"The number of orientations must be even or 1. Received: {count}.")
    a, b, c = structure
    # The vector of twice the angle; in the lower half plane its negative is binned.
    cosine, sine = 0.5 * (a - c), b
    lower = ops.logical_or(sine < 0, ops.logical_and(sine == 0, cosine < 0))
    sign = ops.where(lower, -1.0, 1.0)
    cosine, sine = cosine * sign, sine * sign
    bins = ops.where(lower, count // 2, 0)
    for k in range(1, count // 2):
        angle = 2 * math.pi * k / count
        beyond = sine * math.cos(angle) - cosine * math.sin(angle) > 0
        bins = bins + ops.cast(beyond, "int32")
    return ops.cast(bins, "int32")


def centred_orientation_index(structure: Entries, count: int) -> Tensor:
    """The same with angles kπ/n in the middle of bin k, and bin n where there is no direction.

    An image that is mirrored or transposed has exactly the bins −k and n/2 − k modulo n, also where its
    structure is symmetric itself: such angles are in the middle of a bin, and where the eigenvalues
    differ by less than a thousandth there is no direction.

    Args:
        structure: Entries (j₁₁, j₁₂, j₂₂).
        count: n, a multiple of 4.

    Returns:
        int32 tensor of the shape of an entry, values in 0 … n.

    Example:
        >>> zero, one = ops.array(0.0), ops.array(1.0)
        >>> int(centred_orientation_index((zero, zero, one), 8))
        4
        >>> int(centred_orientation_index((one, zero, one), 8))
        8
    """
    a, b, c = structure
    # Twice the angle, taken to the first quadrant and back again, so that both ways are the same.
    cosine, sine = ops.abs(a - c), ops.abs(b + b)
    bins = ops.zeros_like(a, dtype="int32")
    for k in range(count // 4):
        angle = (2 * k + 1) * math.pi / count
        beyond = sine * math.cos(angle) - cosine * math.sin(angle) > 0
        bins = bins + ops.cast(beyond, "int32")
    bins = ops.where(a < c, count // 2 - bins, bins)
    bins = ops.where(ops.logical_and(b < 0, bins > 0), count - bins, bins)
    none = ops.maximum(cosine, sine) <= _NO_DIRECTION * (a + c)
    return ops.cast(ops.where(none, count, bins), "int32")


def strength_and_coherence(structure: Entries) -> tuple[Tensor, Tensor]:
    """√λ₁, the magnitude of the gradient, and (√λ₁ − √λ₂)/(√λ₁ + √λ₂) in [0, 1]."""
    large, small = (ops.sqrt(ops.maximum(value, 0.0)) for value in eigenvalues(structure))
    return large, (large - small) / (large + small + 1e-12)


def mean_at(u: Tensor, location: str = "pixels") -> Tensor:
    """The mean over channels, at the pixels or of the two pixels at an edge."""
    grey = ops.mean(u, axis=-1, keepdims=True)
    if location == "rows":
        return 0.5 * (grey[:, 1:] + grey[:, :-1])
    return 0.5 * (grey[:, :, 1:] + grey[:, :, :-1]) if location == "columns" else grey


def filter_index(
    u: Tensor,
    thresholds: Tensor,
    bins: tuple[int, ...],
    orientations: int,
    rho: float,
    location: str = "pixels",
    centred: bool = False,
) -> Tensor:
    """The index s = ori + n_ori (str + n_str (coh + n_coh int)) of BLADE (eq. 2.5).

    Args:
        u: Tensor `(batch, height, width, channels)`.
        thresholds: Tensor of those for √λ₁ in grey value per px, then for the coherence, then for the
            grey value.
        bins: n_str, n_coh and n_int, a tuple; each feature has one threshold less.
        orientations: n_ori, even or 1.
        rho: ρ of the structure tensor in px.
        location: As for `structure_at`.
        centred: Whether orientations are those of `centred_orientation_index`; then n_ori + 1 is in the
            place of n_ori.

    Returns:
        int32 tensor `(batch, height, width, 1)`, one shorter along the axis of the edges.

    Raises:
        InputError: if the number of orientations is odd and not 1.

    Example:
        >>> white, thresholds = ops.ones((1, 4, 4, 1)), ops.array([0.1, 0.5])
        >>> int(filter_index(white, thresholds, (2, 1, 2), 8, rho=0.5)[0, 0, 0, 0])
        16
    """
    structure = structure_at(u, rho, location, centred)
    return _quantised(*structure, mean_at(u, location), thresholds, bins, orientations, centred)


@compiled
def _quantised(j11, j12, j22, grey, thresholds, bins, orientations, centred):
    structure = j11, j12, j22
    large, small = eigenvalues(structure)

    def reaches(feature, threshold):
        if feature == 0:
            return large >= ops.square(threshold)
        if feature == 1:
            # The same as a threshold for the coherence, without roots.
            return small <= large * ops.square((1.0 - threshold) / (1.0 + threshold))
        return grey >= threshold

    directions = centred_orientation_index if centred else orientation_index
    index, stride, k = directions(structure, orientations), orientations + centred, 0
    for feature, count in enumerate(bins):
        for _ in range(count - 1):
            index = index + stride * ops.cast(reaches(feature, thresholds[k]), "int32")
            k += 1
        stride *= count
    return index
