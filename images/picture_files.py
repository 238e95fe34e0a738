"""Picture files: opened with all that they say, written without ever leaving half a file."""

import dataclasses
import math
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import InputError, reason
from .array_files import of_array, open_mrc, open_netpbm, open_npy
from .files import is_file
from .picture import Picture
from .raster_files import open_raster
from .tiff_files import open_tiff
from .zarr_files import is_zarr, open_zarr

MAX_PIXELS = 10**9
"""Largest picture in a compressed file that is opened if nothing else is said, in pixels."""

_LARGEST_RATIO = 8
"""A file holds what it says if that takes at most so many bytes for each one on the disk."""


def open_picture(
    path: str | os.PathLike[str],
    *,
    axes: str | None = None,
    series: int | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Picture:
    """Opens a picture file of any kind; its content decides what it is, not its name.

    Args:
        path: A file: TIFF (ImageJ, OME, BigTIFF, any common compression), PNG, JPEG, GIF, WebP and
            what else Pillow reads, PGM, PPM and PFM, `.npy`, MRC; or a folder, an OME-Zarr.
        axes: The axes of a file that does not name them, as `"zyx"`.
        series: Number of the series in a TIFF that has several; the first when `None`.
        max_pixels: Largest number of pixels, of all planes together, in a compressed file.

    Returns:
        A `Picture`.

    Raises:
        InputError: if the file is missing, is damaged, is no picture, or declares more pixels.

    Example:
        >>> from imagepde.images import open_picture
        >>> open_picture("cells.ome.tif").axes  # doctest: +SKIP
        'czyx'
    """
    path = Path(path)
    if not is_file(path) and not is_zarr(path):
        raise InputError(f"There is no picture {str(path)!r}; check the path.")

    def check_size(shape: tuple[int, ...], stored: int) -> None:
        pixels = math.prod(shape)
        if pixels > max_pixels and pixels > _LARGEST_RATIO * stored:
            raise InputError(
                f"{str(path)!r} declares {pixels:.3g} pixels in {stored:.3g} bytes; give "
                f"--max-pixels {pixels} (max_pixels={pixels}) if you trust it."
            )

    try:
        opener = _opener(path, axes, series)
        with warnings.catch_warnings():
            # Decoders warn of what is odd in a file, in words of their own.
            warnings.simplefilter("ignore")
            picture = opener(path, check_size)
    except InputError:
        raise
    except MemoryError:
        raise InputError(f"{str(path)!r} needs more memory than there is.") from None
    except Exception as error:
        # Decoders raise what they like; for the user it is all one.
        raise InputError(
            f"{str(path)!r} is no picture that can be read; expected TIFF, PNG, JPEG or the like. "
            f"Received: {reason(error)}"
        ) from error
    if 0 in picture.shape:
        raise InputError(f"{str(path)!r} holds no pixels. Received: shape={picture.shape}.")
    if axes is not None and axes.lower() != picture.axes:
        return _renamed(picture, axes, path)
    return picture


def _opener(path: Path, axes: str | None, series: int | None) -> Callable:
    """What opens a folder, or a file that begins as this one does."""
    if path.is_dir():
        return lambda path, check: open_zarr(path, axes, series, check)
    with path.open("rb") as file:
        head = file.read(512)
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return lambda path, check: open_tiff(path, series, check)
    if head[:6] == b"\x93NUMPY" or head[:4] == b"PK\x03\x04":
        return lambda path, check: open_npy(path, axes, check)
    if head[:1] == b"P" and head[1:2] in b"1234567Ff" and head[2:3].isspace():
        return open_netpbm
    if head[208:212] == b"MAP ":
        return open_mrc
    return open_raster


def _renamed(picture: Picture, axes: str, path: Path) -> Picture:
    """The picture with other names for its axes than the file has."""
    renamed = of_array(picture.values, axes)
    if ("s" in axes.lower()) != ("s" in picture.axes):
        return dataclasses.replace(picture, axes=renamed.axes, samples=renamed.samples)
    return dataclasses.replace(picture, axes=renamed.axes)


def read_picture(path: str | os.PathLike[str]) -> np.ndarray:
    """Reads a picture file as an array of the type and with the axes of the file.

    Grey with alpha becomes RGBA. `open_picture` says what the axes are, and more.

    Args:
        path: A file that `open_picture` opens.

    Returns:
        Array with the axes of the file, as `(height, width)` or `(height, width, channels)`.

    Raises:
        InputError: if the file is missing, is no picture, or has a side below 8 px.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/picture.npy", np.zeros((8, 12), "uint8"))
        ...     read_picture(f"{folder}/picture.npy").shape
        (8, 12)
    """
    picture = open_picture(path)
    values = np.asarray(picture.values)
    if picture.samples == "LA" and picture.axes.endswith("s"):
        values = np.concatenate([values[..., :1]] * 3 + [values[..., 1:]], axis=-1)
    return values
