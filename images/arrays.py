"""Pictures as arrays: which are taken, and how they are brought to [0, 1] and back."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..errors import InputError

MIN_SIDE = 8
"""Smallest height and width that are taken, in px; below that there is nothing to filter."""


_FLOAT_RANGE = (-3.0, 4.0)


def check_picture(image: ArrayLike) -> np.ndarray:
    """Returns the picture as an array if `restore` can take it, and says why not otherwise."""
    image = np.asarray(image)
    if image.dtype not in (np.uint8, np.uint16) and image.dtype.kind != "f":
        raise InputError(
            f"A picture must be uint8, uint16 or floating point; convert it first. "
            f"Received: dtype={image.dtype}."
        )
    if image.ndim not in (2, 3, 4) or (image.ndim > 2 and image.shape[-1] not in (1, 3, 4)):
        raise InputError(
            "A picture must be (height, width), (height, width, channels) or (batch, height, width, "
            f"channels) with 1, 3 or 4 channels: grey, RGB or RGBA. Received: shape={image.shape}."
        )
    height, width = image.shape[:2] if image.ndim < 4 else image.shape[1:3]
    if min(height, width) < MIN_SIDE or image.size == 0:
        raise InputError(
            f"A picture must be at least {MIN_SIDE}×{MIN_SIDE} pixels. "
            f"Received: {height}×{width} pixels."
        )
    if image.dtype.kind == "f":
        if not np.isfinite(image).all():
            raise InputError(
                "A picture must hold finite numbers; replace NaN and infinity first. "
                f"Received: {int((~np.isfinite(image)).sum())} values that are not finite."
            )
        low, high = float(image.min()), float(image.max())
        if low < _FLOAT_RANGE[0] or high > _FLOAT_RANGE[1]:
            raise InputError(
                "A floating-point picture must lie in [0, 1] but for noise; divide it by its "
                f"largest possible value first. Received: values from {low:g} to {high:g}."
            )
    return image


def to_unit_range(image: np.ndarray) -> np.ndarray:
    """float32 in [0, 1]: integers are divided by their largest value, floats are kept."""
    if image.dtype.kind == "f":
        return image.astype(np.float32)
    return image.astype(np.float32) / np.iinfo(image.dtype).max


def from_unit_range(image: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """The inverse of `to_unit_range`, rounded and clipped for integers."""
    if np.dtype(dtype).kind == "f":
        return image.astype(dtype)
    largest = np.iinfo(dtype).max
    return np.rint(np.clip(image, 0.0, 1.0) * largest).astype(dtype)
