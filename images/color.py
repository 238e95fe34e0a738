"""Color pictures: their grey value."""

import numpy as np

from ..color import LUMA


def luma(picture: np.ndarray) -> np.ndarray:
    """Grey value of a colour picture by BT.601, in the type of the picture; grey stays as it is.

    Args:
        picture: Array `(height, width)` or `(height, width, channels)`.

    Returns:
        Array `(height, width)`.

    Example:
        >>> luma(np.array([[[255, 0, 0], [255, 255, 255]]], "uint8")).tolist()
        [[76, 255]]
    """
    if picture.ndim == 2:
        return picture
    if picture.shape[-1] == 1:
        return picture[..., 0]
    grey = picture[..., :3] @ np.array(LUMA)
    return (grey if picture.dtype.kind == "f" else np.rint(grey)).astype(picture.dtype)
