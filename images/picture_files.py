"""Picture files: read as NumPy arrays as they are, written without ever leaving half a file."""

import os
import warnings
from pathlib import Path
from typing import IO

import numpy as np
import tifffile
from PIL import Image, ImageOps
from skimage import io

from ..errors import InputError, reason
from .arrays import check_picture
from .files import check_place, is_file, replacing

_TIFF = (".tif", ".tiff")


def read_picture(path: str | os.PathLike[str]) -> np.ndarray:
    """Reads a picture file as uint8, uint16 or floating point, in the shape `restore` takes.

    A black-and-white file becomes uint8, grey with alpha becomes RGBA.

    Raises:
        InputError: if the file is missing, is no picture, or is one that `restore` does not take.
    """
    path = Path(path)
    if not is_file(path):
        raise InputError(f"There is no picture {str(path)!r}; check the path.")
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = _decode(file, path.suffix.lower())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"{str(path)!r} is too large to be opened safely: {error}") from error
    except Exception as error:
        # Decoders raise what they like; for the user it is all one.
        raise InputError(
            f"{str(path)!r} is no picture that can be read; expected PNG, JPEG, TIFF or the like. "
            f"Received: {reason(error)}"
        ) from error
    if picture.dtype == bool:
        picture = picture.astype(np.uint8) * 255
    if picture.ndim == 3 and picture.shape[-1] == 2:
        picture = np.stack([picture[..., 0]] * 3 + [picture[..., 1]], axis=-1)
    try:
        return check_picture(picture)
    except InputError as error:
        raise InputError(f"{str(path)!r} cannot be restored. {error}") from error


def _decode(file: IO[bytes], suffix: str) -> np.ndarray:
    if suffix in _TIFF:
        picture = tifffile.imread(file)
        return picture.astype(picture.dtype.newbyteorder("="))
    # A camera notes how it was held instead of turning the pixels; the written file has no such note.
    image = ImageOps.exif_transpose(Image.open(file))
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        image = image.convert("RGB")
    return np.array(image)


WRITABLE = (".png", *_TIFF, ".jpg", ".jpeg", ".bmp")
"""Suffixes of the files that `write_picture` can write."""


def check_output(
    path: str | os.PathLike[str],
    suffixes: tuple[str, ...] = WRITABLE,
    picture: np.ndarray | None = None,
) -> Path:
    """Returns the path of a file to be written, after checking that it can be, by writing a little.

    Args:
        path: The file.
        suffixes: What it may end with.
        picture: A picture like the one to be written, if the format must be able to hold it.

    Raises:
        InputError: if its folder does not exist, is read-only or full, it is a folder, its suffix is
            not among those, or the format cannot hold the picture.
    """
    path = check_place(path)
    suffix = path.suffix.lower()
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder; name a file in it.")
    if suffix not in suffixes:
        raise InputError(f"{path.name!r} must end with {' or '.join(suffixes)}.")
    if picture is not None and not _holds(suffix, picture):
        raise InputError(
            f"{suffix} cannot hold this picture: .png holds 16 bits for grey only, .jpg and .bmp hold "
            "8 bits and no alpha; write a .tif. "
            f"Received: {picture.dtype}, shape={picture.shape}."
        )
    return path


def _holds(suffix: str, picture: np.ndarray) -> bool:
    deep, colours = picture.dtype == np.uint16, picture.shape[2:]
    if suffix in _TIFF:
        return True
    if suffix == ".png":
        return not deep or colours in ((), (1,))
    return not deep and colours != (4,)


def write_picture(path: str | os.PathLike[str], picture: np.ndarray) -> None:
    """Writes a picture under a temporary name, then renames it: all of it or nothing.

    Floating-point pictures are kept by TIFF only; other formats get them rounded to uint8. JPEG and
    BMP hold 8 bits and no alpha, PNG holds 16 bits for grey only.

    Raises:
        InputError: if the folder does not exist or is full, or the format cannot hold the picture.
    """
    path = check_output(path, picture=picture)
    if picture.dtype.kind == "f" and path.suffix.lower() not in _TIFF:
        picture = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    if picture.ndim == 3 and picture.shape[-1] == 1:
        picture = picture[..., 0]
    try:
        with replacing(path) as temporary:
            if path.suffix.lower() in (".jpg", ".jpeg"):
                Image.fromarray(picture).save(temporary, format="JPEG", quality=95)
            else:
                io.imsave(temporary, picture, check_contrast=False)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written. Received: {error}") from error
