"""Picture files that are written: as a whole, in the mode of what they replace, or not at all."""

import dataclasses
import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import InputError
from .array_files import of_array, optional
from .axes import in_order
from .files import check_place, replacing
from .picture import Picture
from .raster_files import png_chunks
from .tiff_output import write_tiff
from .zarr_files import SUFFIX as ZARR
from .zarr_files import is_zarr, write_zarr

TIFF = (".tif", ".tiff")
_JPEG = (".jpg", ".jpeg")
_NETPBM = (".pgm", ".ppm", ".pnm", ".pam", ".pfm")
_ANIMATED = (".gif", ".webp", ".png")

WRITABLE = (".png", *TIFF, *_JPEG, ".bmp", ".gif", ".webp", ".npy", ".mrc", *_NETPBM, ZARR)
"""Suffixes of the files that can be written; an OME-Zarr is a folder."""

_DEPTH = {".png": "u1 u2", ".jpg": "u1", ".jpeg": "u1", ".bmp": "u1", ".gif": "u1", ".webp": "u1"}
_DEPTH |= {".pgm": "u1 u2", ".ppm": "u1 u2", ".pnm": "u1 u2", ".pam": "u1 u2", ".pfm": "f4"}
_DEPTH |= {".mrc": "i1 i2 u2 f4 f2"}
_SAMPLES = {
    ".png": "L LA RGB RGBA",
    ".jpg": "L RGB",
    ".jpeg": "L RGB",
    ".bmp": "L RGB",
    ".gif": "L RGB",
}
_SAMPLES |= {
    ".webp": "L RGB RGBA",
    ".pgm": "L",
    ".ppm": "RGB",
    ".pnm": "L RGB",
    ".pam": "L LA RGB RGBA",
}
_SAMPLES |= {".pfm": "L RGB", ".mrc": "L"}

_INCHES = {"inch": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "µm": 1 / 25400, "um": 1 / 25400}
_INCHES |= {"nm": 1 / 25.4e6, "m": 1 / 0.0254}


def check_output(
    path: str | os.PathLike[str],
    suffixes: tuple[str, ...] = WRITABLE,
    picture: Picture | np.ndarray | None = None,
) -> Path:
    """Returns the path of a file to be written, after checking that it can be, by writing a little.

    Args:
        path: The file.
        suffixes: What it may end with.
        picture: A picture like the one to be written, if the format must be able to hold it.

    Returns:
        The path as a `Path`.

    Raises:
        InputError: if its folder does not exist, is read-only or full, it is a folder, its suffix is
            not among those, or the format cannot hold the picture.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     check_output(f"{folder}/clean.png").name
        'clean.png'
    """
    path = check_place(path)
    suffix = path.suffix.lower()
    if path.is_dir() and not (suffix == ZARR and is_zarr(path)):
        raise InputError(f"{str(path)!r} is a folder; name a file in it.")
    if suffix not in suffixes:
        raise InputError(f"{path.name!r} must end with {' or '.join(suffixes)}.")
    if picture is not None:
        _check_holds(suffix, _as_picture(picture))
    return path


def _as_picture(picture):
    return picture if isinstance(picture, Picture) else of_array(np.asarray(picture))


def _check_holds(suffix, picture):
    """Refuses a format that would lose bits, alpha, channels or planes."""
    if suffix == ZARR:
        optional("zarr", "zarr")
    if suffix in (*TIFF, ".npy", ZARR):
        return
    problem = None
    kind = picture.dtype.str[1:]
    if kind not in _DEPTH[suffix].split() and not _rounded(suffix, picture):
        problem = f"numbers of the type {picture.dtype}"
    elif picture.samples not in _SAMPLES[suffix].split():
        problem = f"{len(picture.samples)} samples of a pixel ({picture.samples})"
    elif picture.planes > 1 and (suffix not in (*_ANIMATED, ".mrc") or len(picture.axes) > 4):
        problem = f"{picture.planes} planes"
    elif picture.planes > 1 and picture.dtype != np.uint8 and suffix != ".mrc":
        problem = f"planes of the type {picture.dtype}"
    if problem:
        raise InputError(f"{suffix} cannot hold {problem}; write a .tif.")


def _rounded(suffix, picture):
    """Whether floating-point numbers in [0, 1] may become 8 bits, as picture viewers expect."""
    return picture.dtype.kind == "f" and suffix != ".pfm" and picture.scale().of_type


def write_picture(path: str | os.PathLike[str], picture: Picture | np.ndarray) -> None:
    """Writes a picture under a temporary name, then renames it: all of it or nothing.

    What a `Picture` keeps of its file (axes, pixel size, profile, texts) is written where the format
    can hold it. Floating-point numbers in [0, 1] are kept by TIFF, PFM and `.npy`; other formats get
    them rounded to uint8. A file that is replaced keeps its mode, and a symbolic link stays one.

    Args:
        path: The file; its suffix decides.
        picture: A `Picture`, or an array as `restore` takes it.

    Raises:
        InputError: if the folder does not exist or is full, or the format cannot hold the picture.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_picture(f"{folder}/clean.png", np.full((8, 12), 0.5))
        ...     os.listdir(folder)
        ['clean.png']
    """
    picture = _as_picture(picture)
    path = check_output(path, picture=picture)
    suffix = path.suffix.lower()
    if suffix not in (*TIFF, ".npy", ".pfm", ".mrc", ZARR) and picture.dtype.kind == "f":
        unit = np.clip(picture.values, 0, 1)
        picture = picture.holding(np.rint(unit * 255).astype(np.uint8))
    if picture.axes.endswith("s") and picture.samples == "L":
        picture = picture.holding(picture.values[..., 0], axes=picture.axes[:-1])
    try:
        with replacing(path) as temporary:
            _write(temporary, suffix, picture)
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(f"{str(path)!r} cannot be written. Received: {error}") from error


def _write(path: Path, suffix: str, picture: Picture) -> None:
    if suffix in TIFF:
        write_tiff(path, picture)
    elif suffix == ".npy":
        with path.open("wb") as file:
            np.save(file, picture.values, allow_pickle=False)
    elif suffix == ZARR:
        write_zarr(path, picture)
    elif suffix == ".mrc":
        _write_mrc(path, picture)
    elif suffix in _NETPBM:
        _write_netpbm(path, suffix, _in_pages(picture))
    else:
        _write_raster(path, suffix, _in_pages(picture))


def _in_pages(picture: Picture) -> Picture:
    """The picture with rows, columns and samples as its last axes."""
    order = "".join(a for a in picture.axes if a not in "yxs") + (
        "yxs" if "s" in picture.axes else "yx"
    )
    values = np.ascontiguousarray(in_order(picture.values, picture.axes, order))
    return dataclasses.replace(picture, values=values, axes=order)


def _write_netpbm(path, suffix, picture):
    import netpbmfile

    values = picture.values.reshape(picture.values.shape[-len(picture.axes.lstrip("tzc")) :])
    if suffix == ".pfm":
        # Rows from the bottom up; a negative scale says that the smallest byte comes first.
        head = f"{'PF' if values.ndim == 3 else 'Pf'}\n{values.shape[1]} {values.shape[0]}\n-1.0\n"
        path.write_bytes(head.encode() + np.flip(values, 0).astype("<f4").tobytes())
        return
    largest = int(picture.white or np.iinfo(values.dtype).max)
    magic = "P7" if suffix == ".pam" else {"L": "P5", "RGB": "P6"}[picture.samples]
    netpbmfile.imwrite(path, values, maxval=largest, magicnumber=magic)


def _write_mrc(path, picture):
    mrcfile = optional("mrcfile", "mrc")
    values = picture.values.astype("f4") if picture.dtype == np.float16 else picture.values
    with mrcfile.new(path, overwrite=True) as file:
        file.set_data(np.ascontiguousarray(values))
        if {"x", "y"} <= set(picture.spacing):
            sizes = [picture.spacing.get(a, (0, ""))[0] for a in "xyz"]
            file.voxel_size = tuple(sizes)


def _write_raster(path, suffix, picture):
    values, dots = picture.values, _dots_per_inch(picture)
    if suffix == ".png" and picture.planes == 1:
        # Also 16 bits of color, which Pillow does not write.
        import imagecodecs

        content = imagecodecs.png_encode(values)
        meter = None if dots is None else tuple(round(d / 0.0254) for d in dots)
        if meter and max(meter) >= 2**31:
            meter = None
        # After the header, which has a fixed length.
        path.write_bytes(content[:33] + png_chunks(picture, meter) + content[33:])
        return
    frames = values.reshape(-1, *values.shape[-(3 if "s" in picture.axes else 2) :])
    first, *rest = [Image.fromarray(frame) for frame in frames]
    options = {k: picture.kept[k] for k in ("icc_profile", "exif", "comment") if k in picture.kept}
    if suffix in (".bmp", ".gif"):
        options = {"comment": options["comment"]} if suffix == ".gif" and "comment" in options else {}
    if dots is not None and suffix in (*_JPEG, ".bmp") and max(dots) < 65536:
        options["dpi"] = tuple(dots)
    if suffix in _JPEG:
        options |= {"quality": 95}
    if suffix == ".webp":
        options |= {"lossless": True}
    if rest:
        options |= {"save_all": True, "append_images": rest, **picture.kept.get("animation", {})}
        options |= {"disposal": 2} if suffix == ".gif" else {}
    form = {".jpg": "JPEG", ".jpeg": "JPEG"}.get(suffix, suffix[1:].upper())
    buffer = io.BytesIO()
    first.save(buffer, format=form, **options)
    path.write_bytes(buffer.getvalue())


def _dots_per_inch(picture):
    """Pixels per inch across and down, if pixels have a size in a unit of length."""
    sizes = [picture.spacing.get(letter) for letter in "xy"]
    if None in sizes or any(unit not in _INCHES for _, unit in sizes):
        return None
    return tuple(1 / (size * _INCHES[unit]) for size, unit in sizes)
