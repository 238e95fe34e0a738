"""Color pictures: their grey value."""

import numpy as np

LUMA = np.array([0.298936, 0.587043, 0.114021])
"""BT.601 weights of red, green and blue."""


def luma(picture):
    """Grey value of a colour picture by BT.601, in the type of the picture; grey stays as it is."""
    if picture.ndim == 2:
        return picture
    if picture.shape[-1] == 1:
        return picture[..., 0]
    grey = picture[..., :3] @ LUMA
    return (grey if picture.dtype.kind == "f" else np.rint(grey)).astype(picture.dtype)
