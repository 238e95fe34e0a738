"""Files that hold plain arrays: .npy, PGM, PPM and PFM, and MRC."""

import dataclasses
import importlib
from pathlib import Path

import numpy as np

from ..errors import InputError
from .axes import check_axes, guess_axes
from .picture import Picture, native, samples_of
from .raster_files import CheckSize


def open_npy(path: Path, axes: str | None, check_size: CheckSize) -> Picture:
    """Opens an array of NumPy, which is read from the disk when it is used.

    Raises:
        InputError: where its axes cannot be guessed, and for other than real numbers.
    """
    values = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(values, np.ndarray):
        raise InputError(f"{path.name!r} is an archive of arrays; save one of them as .npy.")
    check_size(values.shape, path.stat().st_size)
    return of_array(values, axes, format="npy")


def of_array(values: np.ndarray, axes: str | None = None, format: str = "") -> Picture:
    """A `Picture` of an array.

    Args:
        values: Array of real numbers.
        axes: Its axes; guessed from the shape when `None`, see `axes.guess_axes`.
        format: What it comes from.

    Raises:
        InputError: where the axes cannot be guessed or do not fit, and for other than real numbers.
    """
    if values.dtype.kind not in "biuf":
        raise InputError(f"A picture must hold real numbers. Received: dtype={values.dtype}.")
    axes = guess_axes(values.shape) if axes is None else check_axes(axes, values.shape)
    if "s" in axes:
        return Picture(values, axes, samples_of(values.shape[axes.index("s")]), format=format)
    return Picture(values, axes, format=format)


def open_netpbm(path: Path, check_size: CheckSize) -> Picture:
    """Opens PBM, PGM, PPM, PAM and PFM files, whose header names the value of white."""
    import netpbmfile

    with netpbmfile.NetpbmFile(path) as file:
        shape = (file.frames, file.height, file.width, file.depth)
        check_size(shape, path.stat().st_size)
        values, largest, magic = native(file.asarray()), file.maxval, file.magicnumber
    values = values.reshape(shape)
    if shape[3] == 1:
        values = values[..., 0]
    if shape[0] == 1:
        values = values[0]
    axes = ("t" if shape[0] > 1 else "") + ("yxs" if shape[3] > 1 else "yx")
    white, notes = None, ()
    if values.dtype.kind == "f":
        # Rows are stored from the bottom up.
        values = np.flip(values, axes.index("y"))
    elif values.dtype == bool or largest == 1:
        # In a bitmap, and only there, one is black.
        one_is_black = magic in ("P1", "P4") and values.dtype != bool
        values = (values == 0 if one_is_black else values != 0).astype(np.uint8) * 255
        notes = ("Black and white became 8 bits.",)
    elif largest != np.iinfo(values.dtype).max:
        white = float(largest)
    samples = samples_of(shape[3])
    return Picture(values, axes, samples, white=white, format="netpbm", notes=notes)


def open_mrc(path: Path, check_size: CheckSize) -> Picture:
    """Opens a volume or picture of electron microscopy, memory-mapped; needs `mrcfile`.

    Raises:
        InputError: without the package.
    """
    mrcfile = optional("mrcfile", "mrc")
    with mrcfile.mmap(path, mode="r", permissive=True) as file:
        values, size = file.data, file.voxel_size
    if values is None:
        raise InputError(f"{path.name!r} holds no picture.")
    check_size(values.shape, path.stat().st_size)
    axes = "tzyx"[4 - values.ndim :]
    picture = of_array(values, axes, format="mrc")
    found = {a: (float(size[a]), "Å") for a in axes if a in "zyx" and float(size[a]) > 0}
    return dataclasses.replace(picture, spacing=found)


def optional(module: str, extra: str):
    """A package that not everybody has installed.

    Raises:
        InputError: if it is missing, with what installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise InputError(f"This file needs {module}: pip install 'imagepde[{extra}]' first.") from None
