"""TIFF files: what samples and axes mean, and what of it is written again. Reads windows, too."""

import functools
import logging
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from ..errors import InputError
from .disk_arrays import filled_by
from .picture import Picture
from .sample_types import cmyk_to_rgb, lab_to_rgb, with_palette

_PHOTOMETRIC = tifffile.PHOTOMETRIC
_GREY = (_PHOTOMETRIC.MINISBLACK, _PHOTOMETRIC.MINISWHITE, _PHOTOMETRIC.CFA, _PHOTOMETRIC.LINEAR_RAW)
_LAB = {_PHOTOMETRIC.CIELAB: "signed", _PHOTOMETRIC.ICCLAB: "unsigned"}

_LOSSLESS = ("NONE", "LZW", "ADOBE_DEFLATE", "DEFLATE", "ZSTD", "PACKBITS", "LZMA")
"""Compressions that a result gets again; what was compressed with losses is not compressed so twice."""

_TEXT = (271, 272, 306, 315, 33432)
"""Tags of maker, model, time, artist and rights."""

_GEOGRAPHIC = (33550, 33922, 34264, 34735, 34736, 34737, 42112, 42113)
"""Tags of GeoTIFF and GDAL: where on the earth the pixels are, and what has no data."""

_NO_DATA = 42113
_XMP, _EXIF, _GPS, _ORIENTATION, _LARGEST = 700, 34665, 34853, 274, 281

logging.getLogger("tifffile").addHandler(logging.NullHandler())
logging.getLogger("tifffile").propagate = False


def open_tiff(path: Path, series: int | None, check_size: Any) -> Picture:
    """Opens a TIFF file of any kind: plain, BigTIFF, ImageJ, OME.

    Args:
        path: The file.
        series: Number of the series to take, if there are several.
        check_size: Function of the shape and the bytes on disk that refuses what is too large, called
            before anything is decoded.

    Raises:
        InputError: for what no picture can be made of. What tifffile raises is passed on.
    """
    with tifffile.TiffFile(path) as file:
        found = _series(file, series, path)
        page = found.keyframe
        check_size(found.shape, sum(sum(one.databytecounts) for one in found.pages if one is not None))
        if found.dtype is None or found.dtype.kind not in "biuf":
            raise InputError(f"{path.name!r} holds {found.dtype} numbers; a picture has real ones.")
        axes = _unique(found.axes.lower())
        notes = []
        if len(file.series) > 1 and series is None:
            notes.append(
                f"It has {len(file.series)} series, of which the first was taken (--series 0)."
            )
        if {"y", "x"} - set(axes):
            raise InputError(f"{path.name!r} holds no picture; its axes are {found.axes}.")
        values = filled_by(found.asarray, found.shape, found.dtype)
        kept, spacing = _kept(file, page), _spacing(file, page)
        bits, white = _bits(file, page, values.dtype)
        values, axes, samples, more = _samples(page, values, axes)
        values = upright(values, axes, _tag(page, _ORIENTATION, 1))
        if page.tags.get(_EXIF) or page.tags.get(_GPS):
            more.append("The EXIF of the camera is not kept in a TIFF.")
    if file.is_ome:
        kind = "ome"
    elif file.is_imagej:
        kind = "imagej"
    else:
        kind = "tiff"
    if values.dtype == bool:
        values, bits = values.astype(np.uint8) * 255, None
        more.append("Black and white became 8 bits.")
    notes, nodata = (*notes, *more), _nodata(page)
    return Picture(values, axes, samples, bits, white, spacing, kept, kind, notes, nodata)


def _series(file, number, path):
    if not file.series:
        raise InputError(f"{path.name!r} holds no picture.")
    if number is not None and not 0 <= number < len(file.series):
        raise InputError(f"{path.name!r} has series 0 to {len(file.series) - 1}. Received: {number}.")
    return file.series[number or 0]


def _unique(axes):
    """Axes of which none is there twice: tifffile calls all q that it does not know."""
    found = ""
    for letter in axes:
        others = (letter for letter in "qiabdefghjklmnopruvw" if letter not in axes + found)
        found += next(others) if letter in found else letter
    return found


def _tag(page, code, default=None):
    tag = page.tags.get(code)
    return default if tag is None else tag.value


def _nodata(page):
    """The value of pixels without data, a number in words as GDAL has it."""
    try:
        return float(_tag(page, _NO_DATA, ""))
    except ValueError:
        return None


def _samples(page, values, axes):
    """Values, axes and samples that mean what they are called, and notes."""
    count = values.shape[axes.index("s")] if "s" in axes else 1
    photometric, notes = page.photometric, []
    extra = "".join("A" if kind in (1, 2) else "C" for kind in page.extrasamples)
    if photometric == _PHOTOMETRIC.PALETTE and page.colormap is not None:
        values = with_palette(values, page.colormap)
        return values, axes + "s", "RGB", ["A palette became RGB."]
    if photometric == _PHOTOMETRIC.MINISWHITE:
        values = _inverted(values, page)
        notes.append("White was 0; it is the largest value now.")
    if "s" not in axes:
        return values, axes, "L", notes
    if photometric == _PHOTOMETRIC.SEPARATED or photometric in _LAB:
        last = np.moveaxis(values, axes.index("s"), -1)
        name = "CMYK" if photometric == _PHOTOMETRIC.SEPARATED else "LAB"
        needed = 4 if name == "CMYK" else 3
        if count < needed or _tag(page, 332, 1) != 1:
            raise InputError(f"Its {count} inks are not known; convert it to RGB first.")
        color = cmyk_to_rgb(last[..., :4]) if name == "CMYK" else lab_to_rgb(last, _LAB[photometric])
        values = np.concatenate([color, last[..., needed:].astype(color.dtype)], -1)
        return (
            values,
            axes.replace("s", "") + "s",
            "RGB" + extra[: count - needed],
            [f"{name} became RGB."],
        )
    colors = 3 if photometric in (_PHOTOMETRIC.RGB, _PHOTOMETRIC.YCBCR) and count >= 3 else 1
    samples = ("RGB" if colors == 3 else "L") + extra
    samples += "C" * (count - len(samples))
    return values, axes, samples[:count], notes


def _inverted(values, page):
    if values.dtype.kind == "b":
        return ~values
    if values.dtype.kind == "f":
        return values.max(initial=0) - values
    largest = (1 << page.bitspersample) - 1 if values.dtype.kind == "u" else -1
    return np.subtract(values.dtype.type(largest), values, out=values)


def upright(values: np.ndarray, axes: str, orientation: int) -> np.ndarray:
    """The pixels turned and mirrored as the orientation of TIFF and EXIF says (1 to 8)."""
    y, x = axes.index("y"), axes.index("x")
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(y, x)
    # After rows and columns have changed places.
    if orientation in (2, 3, 6, 7):
        values = np.flip(values, x)
    if orientation in (3, 4, 7, 8):
        values = np.flip(values, y)
    return values


def _bits(file, page, dtype):
    """Bits of the camera, and the value of white, if the file says one of them."""
    if dtype.kind != "u":
        return None, None
    whole = 8 * dtype.itemsize
    if 1 < page.bitspersample < whole:
        return page.bitspersample, None
    stated = re.search(r'SignificantBits="(\d+)"', file.ome_metadata or "") if file.is_ome else None
    if stated and 1 < int(stated[1]) < whole:
        return int(stated[1]), None
    largest = np.max(_tag(page, _LARGEST, 0))
    if 1 < largest < (1 << whole) - 1:
        return None, float(largest)
    return None, None


@functools.cache
def _units():
    unit = tifffile.RESUNIT
    return {unit.INCH: "inch", unit.CENTIMETER: "cm", unit.MILLIMETER: "mm", unit.MICROMETER: "µm"}


def _spacing(file, page):
    """Physical size of a pixel, by axis."""
    if file.is_ome:
        return _ome_spacing(file.ome_metadata)
    found, unit = {}, _units().get(page.resolutionunit, "")
    about = file.imagej_metadata or {} if file.is_imagej else {}
    unit = _micro(str(about.get("unit", "")).strip()) or unit
    for letter, code in (("x", 282), ("y", 283)):
        value = _tag(page, code)
        if value is not None and min(value) > 0 and unit:
            found[letter] = (value[1] / value[0], unit)
    for letter, key in (("z", "spacing"), ("t", "finterval")):
        if isinstance(about.get(key), int | float) and about[key] > 0:
            found[letter] = (float(about[key]), unit if letter == "z" else str(about.get("tunit", "s")))
    return found


def _micro(unit):
    return {"um": "µm", "micron": "µm", "microns": "µm", "\\u00B5m": "µm", "pixel": ""}.get(unit, unit)


def _ome_spacing(text):
    found = {}
    for pixels in _pixels_of(text)[:1]:
        for letter, key in (("x", "PhysicalSizeX"), ("y", "PhysicalSizeY"), ("z", "PhysicalSizeZ")):
            if key in pixels.attrib:
                found[letter] = (float(pixels.attrib[key]), pixels.attrib.get(f"{key}Unit", "µm"))
        if "TimeIncrement" in pixels.attrib:
            unit = pixels.attrib.get("TimeIncrementUnit", "s")
            found["t"] = (float(pixels.attrib["TimeIncrement"]), unit)
    return found


def _pixels_of(text):
    try:
        return [one for one in ElementTree.fromstring(text).iter() if one.tag.endswith("}Pixels")]
    except ElementTree.ParseError:
        return []


def _kept(file, page):
    """What a TIFF that is written from this one gets again."""
    kept: dict[str, Any] = {}
    if page.iccprofile:
        kept["icc_profile"] = page.iccprofile
    if page.compression.name in _LOSSLESS:
        kept["compression"] = page.compression.name
    if page.is_tiled and page.tilelength % 16 == page.tilewidth % 16 == 0:
        kept["tile"] = (page.tilelength, page.tilewidth)
    if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE:
        kept["planar"] = True
    resolution = [_tag(page, code) for code in (282, 283)]
    if None not in resolution:
        kept["resolution"] = tuple(resolution), int(page.resolutionunit)
    kept["tags"] = [
        (code, int(tag.dtype), tag.count, tag.value)
        for code in (*_TEXT, _XMP, *_GEOGRAPHIC)
        if (tag := page.tags.get(code)) is not None
    ]
    if file.is_imagej:
        kept["imagej"] = dict(file.imagej_metadata or {})
    elif file.is_ome:
        kept["ome"] = file.ome_metadata
    elif not page.is_shaped and page.description:
        kept["description"] = page.description
    return kept
