"""A picture as a task wants it: shrunk, its center, divided by its largest value."""

import numpy as np

DARKEST = 1 / 255
"""A patch that is black all over is not made bright."""


def prepare(
    picture: np.ndarray, size: int | None = None, scale: float = 1.0, normalise: bool = False
) -> np.ndarray:
    """A picture as a task wants it: shrunk, its centre, divided by its largest value.

    Args:
        picture: Floating-point array `(height, width)` or `(height, width, channels)`.
        size: Height and width of the centre at most; all of it when `None`.
        scale: Factor by which it is shrunk first, with smoothing against aliasing.
        normalise: Whether the result is divided by its largest value.

    Returns:
        Array of the same type.

    Example:
        >>> prepare(np.ones((40, 60)), size=32).shape
        (32, 32)
    """
    if scale != 1.0:
        from skimage.transform import rescale

        axis = -1 if picture.ndim == 3 else None
        shrunk = rescale(picture, scale, order=1, anti_aliasing=True, channel_axis=axis)
        picture = shrunk.astype(picture.dtype)
    if size is not None:
        top, left = (max(0, side - size) // 2 for side in picture.shape[:2])
        picture = picture[top : top + size, left : left + size]
    return picture / max(picture.max(), DARKEST) if normalise else picture
