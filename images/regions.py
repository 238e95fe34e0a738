"""Regions of a picture: how well two masks agree."""

import numpy as np
from numpy.typing import ArrayLike


def intersection_over_union(first: ArrayLike, second: ArrayLike) -> float:
    """How well two masks agree: 1 if they are the same."""
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0
