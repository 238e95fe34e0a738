"""Regions of a picture: how well two masks agree."""

import numpy as np
from numpy.typing import ArrayLike


def intersection_over_union(first: ArrayLike, second: ArrayLike) -> float:
    """How well two masks agree: 1 if they are the same.

    Args:
        first: Array of bool, or of numbers that are zero outside of the region.
        second: Another one of the same shape.

    Returns:
        The pixels in both masks divided by those in at least one, in [0, 1]; 1 for two empty masks.

    Example:
        >>> float(intersection_over_union([1, 1, 0], [1, 0, 0]))
        0.5
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0
