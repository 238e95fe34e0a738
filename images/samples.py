"""The pictures that come with scikit-image, by name."""

import numpy as np

from ..errors import InputError, reason
from .arrays import check_picture

_PREFIX = "skimage:"
_NO_PICTURES = ("data_dir", "download_all", "file_hash", "lbp_frontal_face_cascade_filename")
"""What else there is in `skimage.data`."""


def is_sample(name: str) -> bool:
    """Whether a name means a picture of scikit-image, as `skimage:camera`."""
    return name.startswith(_PREFIX)


def read_sample(name: str) -> np.ndarray:
    """A picture that comes with scikit-image; some it downloads when they are first used.

    Args:
        name: As in `skimage.data`, with or without `skimage:`; of a stereo pair the left picture.

    Returns:
        Array as `read_picture` returns it: uint8, uint16 or floating point.

    Raises:
        InputError: if there is no such picture, or none that `restore` takes.

    Example:
        >>> read_sample("camera").shape
        (512, 512)
    """
    from skimage import data

    name = name.removeprefix(_PREFIX)
    rule = f"scikit-image has no picture {name[:80]!r}; try skimage:camera or skimage:astronaut."
    if name not in data.__all__ or name in _NO_PICTURES:
        raise InputError(rule)
    try:
        found = getattr(data, name)()
    except Exception as error:
        # What it must download fails in many ways.
        raise InputError(f"{rule} Received: {reason(error)}") from error
    picture = np.asarray(found[0] if isinstance(found, tuple) else found)
    if picture.dtype == bool:
        picture = picture.astype(np.uint8) * 255
    try:
        return check_picture(picture)
    except InputError as error:
        raise InputError(f"'skimage:{name}' cannot be restored. {error}") from error
