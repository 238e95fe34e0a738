"""Masks: which pixels are known."""

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError


def known_where(mask: ArrayLike, threshold: float | None = None) -> np.ndarray:
    """Where a mask says that pixels are known: above a threshold.

    Args:
        mask: Array of bool or of real numbers.
        threshold: What is above it is known; when `None` the middle between the smallest and the
            largest value, so that what a lossy file made of black stays black. A mask of a single value
            is known everywhere, unless that is zero.

    Returns:
        Array of bool.

    Raises:
        InputError: for NaN or infinity, and for other than real numbers.

    Example:
        >>> known_where(np.array([0, 3, 252, 255], "uint8"))
        array([False, False,  True,  True])
    """
    mask = np.asarray(mask)
    if mask.dtype.kind not in "biuf":
        raise InputError(f"A mask must hold real numbers. Received: dtype={mask.dtype}.")
    if mask.dtype.kind == "f" and not np.isfinite(mask).all():
        raise InputError("A mask must hold finite numbers. Received: NaN or infinity.")
    if mask.dtype.kind == "b" or mask.size == 0:
        return mask.astype(bool)
    if threshold is None:
        low, high = float(mask.min()), float(mask.max())
        if low == high:
            return mask != 0
        threshold = (low + high) / 2
    return mask > threshold


def looks_inverted(picture: np.ndarray, known: np.ndarray) -> bool:
    """Whether what a mask calls known is of one color, as holes are, and the rest is not."""
    if known.all() or not known.any():
        return False
    inside, outside = picture[known], picture[~known]
    return bool((inside == inside[:1]).all() and not (outside == outside[:1]).all())
