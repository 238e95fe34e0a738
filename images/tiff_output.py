"""TIFF files that are written: plain, ImageJ or OME, as the picture was."""

import math
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import tifffile

from .axes import in_order
from .picture import Picture

_IMAGEJ_TYPES = ("uint8", "uint16", "float32")
_IMAGEJ_AXES = "tzcyxs"
_OME_AXES = "tzcyxs"
_LARGE = 2**32 - 2**25
"""Bytes from which on offsets need 64 bits, as tifffile has it."""


def form_of(picture: Picture) -> str:
    """What kind of TIFF can hold the axes of a picture: `"tiff"`, `"imagej"` or `"ome"`."""
    stack = picture.planes > 1 or picture.format in ("imagej", "ome")
    letters = set(picture.axes)
    if not stack or not letters <= set(_OME_AXES):
        return "tiff"
    if picture.format == "ome":
        return "ome"
    fits = picture.dtype.name in _IMAGEJ_TYPES and picture.values.nbytes < _LARGE
    # Colors are 8 bits there.
    color = picture.samples == "RGB" and picture.dtype == np.uint8
    if fits and (color or picture.samples == "L"):
        return "imagej"
    return "ome" if picture.dtype.kind in "uif" and picture.dtype.itemsize < 8 else "tiff"


def tiff_options(picture: Picture) -> tuple[np.ndarray, dict[str, Any]]:
    """The array that tifffile is given for a picture, and the arguments of `tifffile.imwrite`."""
    form, kept = form_of(picture), picture.kept
    axes, values = picture.axes, picture.values
    options: dict[str, Any] = {
        "photometric": "rgb" if picture.samples.startswith("RGB") else "minisblack"
    }
    if form == "imagej":
        order = "".join(letter for letter in _IMAGEJ_AXES if letter in axes)
        values, axes = in_order(values, axes, order), order
    if "s" in axes:
        if not axes.endswith("s"):
            order = axes.replace("s", "") + "s"
            values, axes = in_order(values, axes, order), order
        color = 3 if picture.samples.startswith("RGB") else 1
        extra = ["unassalpha" if one == "A" else "unspecified" for one in picture.samples[color:]]
        options |= {"planarconfig": "contig", "extrasamples": extra or None}
        if kept.get("planar") and form == "tiff":
            values = np.moveaxis(values, -1, axes.index("y"))
            axes = axes.replace("s", "").replace("y", "sy")
            options["planarconfig"] = "separate"
    if "compression" in kept and kept["compression"] != "NONE" and form != "imagej":
        options["compression"] = kept["compression"].lower()
    if "tile" in kept and form != "imagej":
        options["tile"] = kept["tile"]
    if "icc_profile" in kept:
        options["iccprofile"] = kept["icc_profile"]
    options |= _resolution(picture, form)
    options["metadata"] = _metadata(picture, axes, form)
    options["extratags"] = [(*tag, True) for tag in kept.get("tags", ())]
    options |= {"imagej": form == "imagej", "ome": form == "ome"}
    if form == "tiff":
        # Other axes than those of a page are named in the way of tifffile.
        options["metadata"] = None if picture.planes == 1 else {"axes": axes.upper()}
        options["description"] = kept.get("description")
        if options["metadata"] and options["description"]:
            options["description"] = None
    if form != "imagej":
        options["bigtiff"] = values.nbytes > _LARGE
    return values, {key: value for key, value in options.items() if value is not None}


def write_tiff(path: Path, picture: Picture) -> None:
    """Writes a picture with its axes, its pixel size and what else is kept."""
    values, options = tiff_options(picture)
    options.setdefault("metadata", None)
    tifffile.imwrite(path, np.ascontiguousarray(values), **options)


_LENGTHS = {"inch": 1, "cm": 2}
_IN_CENTIMETERS = {"nm": 1e-7, "µm": 1e-4, "um": 1e-4, "mm": 0.1, "cm": 1.0, "m": 100.0, "Å": 1e-8}


def _resolution(picture, form):
    spacing = picture.spacing
    if form == "imagej":
        # In the unit that its description names.
        if "x" in spacing and "y" in spacing:
            return {"resolution": (1 / spacing["x"][0], 1 / spacing["y"][0]), "resolutionunit": 1}
        return {}
    if "resolution" in picture.kept:
        (x, y), unit = picture.kept["resolution"]
        return {"resolution": (x, y), "resolutionunit": unit}
    sizes = [spacing.get(letter) for letter in "xy"]
    if None in sizes or sizes[0][1] != sizes[1][1]:
        return {}
    unit = sizes[0][1]
    if unit in _LENGTHS:
        return {"resolution": tuple(1 / s[0] for s in sizes), "resolutionunit": _LENGTHS[unit] + 1}
    if unit in _IN_CENTIMETERS:
        per_centimeter = tuple(1 / (s[0] * _IN_CENTIMETERS[unit]) for s in sizes)
        if all(math.isfinite(value) and 0 < value < 2**32 for value in per_centimeter):
            return {"resolution": per_centimeter, "resolutionunit": 3}
    return {}


def _metadata(picture, axes, form):
    if form == "imagej":
        kept = dict(picture.kept.get("imagej", {}))
        for key in ("ImageJ", "images", "frames", "slices", "channels", "hyperstack", "axes", "shape"):
            kept.pop(key, None)
        if "x" in picture.spacing:
            kept["unit"] = {"µm": "um"}.get(picture.spacing["x"][1], picture.spacing["x"][1])
        if "z" in picture.spacing:
            kept["spacing"] = picture.spacing["z"][0]
        if "t" in picture.spacing:
            kept["finterval"] = picture.spacing["t"][0]
        return {**kept, "axes": axes.upper()}
    if form == "ome":
        return {"axes": axes.upper(), **_ome(picture)}
    return None


def _ome(picture):
    """What OME-XML says besides the axes, in the words of `tifffile.OmeXml`."""
    found: dict[str, Any] = {}
    keys = {"x": "PhysicalSizeX", "y": "PhysicalSizeY", "z": "PhysicalSizeZ", "t": "TimeIncrement"}
    for letter, (size, unit) in picture.spacing.items():
        if letter in keys:
            found |= {keys[letter]: size, f"{keys[letter]}Unit": unit}
    if picture.bits is not None:
        found["SignificantBits"] = picture.bits
    text = picture.kept.get("ome")
    if text:
        root = ElementTree.fromstring(text)
        channels = [one for one in root.iter() if one.tag.endswith("}Channel")]
        for key in ("Name", "Color", "EmissionWavelength", "EmissionWavelengthUnit", "Fluor"):
            given = [channel.attrib.get(key) for channel in channels]
            if given and None not in given:
                values = [int(value) for value in given] if key == "Color" else given
                found.setdefault("Channel", {})[key] = values
        image = next((one for one in root.iter() if one.tag.endswith("}Image")), None)
        if image is not None and image.attrib.get("Name"):
            found["Name"] = image.attrib["Name"]
    return found
