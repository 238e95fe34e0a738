"""OME-Zarr: folders of chunks, the format of large pictures of microscopes; needs `zarr`."""

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .array_files import of_array, optional
from .axes import in_order
from .disk_arrays import empty_beside, filled_by
from .picture import Picture
from .raster_files import CheckSize

SUFFIX = ".zarr"
_MARKS = ("zarr.json", ".zgroup", ".zarray")
_TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
_UNITS = {
    "µm": "micrometer",
    "um": "micrometer",
    "nm": "nanometer",
    "mm": "millimeter",
    "Å": "angstrom",
}
_UNITS |= {"cm": "centimeter", "m": "meter", "inch": "inch", "s": "second", "ms": "millisecond"}
_SHORT = {word: unit for unit, word in reversed(_UNITS.items())}
_CHUNK, _COARSEST, _ROWS = 512, 512, 256
_OWN = "imagepde"
"""Where a picture says what no OME-Zarr says: that three channels are the samples of a color."""


def is_zarr(path: Path) -> bool:
    """Whether this folder is a Zarr array or group."""
    try:
        return path.is_dir() and any((path / mark).is_file() for mark in _MARKS)
    except OSError:
        return False


def open_zarr(path: Path, axes: str | None, series: int | None, check_size: CheckSize) -> Picture:
    """Opens the finest level of an OME-Zarr (0.4 or 0.5), or a plain Zarr array.

    Args:
        path: The folder.
        axes: Axes of an array that does not name them.
        series: Number of the multiscale picture, if there are several.
        check_size: Function of the shape and the bytes on disk that refuses what is too large.

    Raises:
        InputError: without the package, and for a group that holds no picture.
    """
    zarr = optional("zarr", "zarr")
    node = zarr.open(str(path), mode="r")
    stored = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    if isinstance(node, zarr.Array):
        check_size(node.shape, stored)
        return of_array(_pixels(node), axes, format="zarr")
    attributes = dict(node.attrs)
    about = attributes.get("ome", attributes)
    scales = about.get("multiscales")
    if not scales:
        raise InputError(
            f"{path.name!r} is a Zarr group without `multiscales`; name the array or picture in it."
        )
    if series is not None and not 0 <= series < len(scales):
        raise InputError(f"{path.name!r} has series 0 to {len(scales) - 1}. Received: {series}.")
    chosen = scales[series or 0]
    finest = chosen["datasets"][0]
    level = node[finest["path"]]
    check_size(level.shape, stored)
    names = [one if isinstance(one, str) else one["name"] for one in chosen.get("axes", "tczyx")]
    letters = "".join(name[0].lower() for name in names)
    values = _pixels(level)
    version = "0.5" if "ome" in attributes else "0.4"
    kept: dict[str, Any] = {"zarr_version": version}
    if "omero" in about:
        kept["omero"] = about["omero"]
    spacing, bits = _spacing(chosen, finest, letters), _bits(about, values.dtype)
    notes = (f"Of {len(scales)} pictures the first was taken (--series 0).",)
    notes = notes if len(scales) > 1 and series is None else ()
    samples = attributes.get(_OWN, {}).get("samples", "L")
    if samples != "L" and len(samples) == values.shape[letters.index("c")]:
        letters = letters.replace("c", "s")
    else:
        samples = "L"
    picture = of_array(values, letters)
    return Picture(values, picture.axes, samples, bits, None, spacing, kept, format="zarr", notes=notes)


def _pixels(level):
    """All pixels of a Zarr array; of a large one some chunks at a time."""

    def read(out):
        if out is None:
            return np.asarray(level[...])
        # Along the first axis that is no single plane or channel.
        axis = next((k for k, side in enumerate(out.shape) if side > 1), 0)
        for start in range(0, out.shape[axis], level.chunks[axis]):
            at = (slice(None),) * axis + (slice(start, start + level.chunks[axis]),)
            out[at] = level[at]
        return out

    return filled_by(read, level.shape, level.dtype)


def _spacing(scale, level, letters):
    steps = [1.0] * len(letters)
    for transformation in (*level.get("coordinateTransformations", ()), *_common(scale)):
        if transformation.get("type") == "scale":
            steps = [a * b for a, b in zip(steps, transformation["scale"], strict=True)]
    found = {}
    for axis, step in zip(scale.get("axes", ()), steps, strict=False):
        unit = axis.get("unit") if isinstance(axis, dict) else None
        if unit and axis["name"][0] != "c":
            found[axis["name"][0].lower()] = (float(step), _SHORT.get(unit, unit))
    return found


def _common(scale):
    return scale.get("coordinateTransformations", ())


def _bits(about, dtype):
    """Bits of the camera, if the windows of all channels end at so many."""
    ends = [c.get("window", {}).get("max") for c in about.get("omero", {}).get("channels", ())]
    if dtype != np.uint16 or not ends or None in ends:
        return None
    return {2.0**bits - 1: bits for bits in (8, 10, 12, 14)}.get(float(max(ends)))


def _windows(picture, channels):
    """The bits of the camera in the words of OME-Zarr: the window in which channels are shown."""
    if not picture.bits:
        return None
    white = 2**picture.bits - 1
    window = {"min": 0, "start": 0, "end": white, "max": white}
    return {"channels": [{"color": "FFFFFF", "window": window} for _ in range(channels)]}


def write_zarr(path: Path, picture: Picture) -> None:
    """Writes an OME-Zarr with coarser levels for viewers, each the mean of 2×2 pixels.

    The version is that of the file that the picture comes from, 0.5 for others.
    """
    zarr = optional("zarr", "zarr")
    version = str(picture.kept.get("zarr_version", "0.5"))
    letters = picture.axes.replace("s", "c") if "c" not in picture.axes else picture.axes
    if set(letters) - set(_TYPES):
        raise InputError(f"OME-Zarr has the axes t, c, z, y, x. Received: axes {picture.axes!r}.")
    order = "".join(letter for letter in "tczyx" if letter in letters)
    values = in_order(picture.values, letters, order)
    group = zarr.open_group(str(path), mode="w", zarr_format=2 if version == "0.4" else 3)
    datasets = []
    for number, level in enumerate(_levels(values)):
        chunks = tuple(
            min(side, _CHUNK) if letter in "yx" else 1
            for side, letter in zip(level.shape, order, strict=True)
        )
        array = group.create_array(
            str(number),
            shape=level.shape,
            chunks=chunks,
            dtype=level.dtype,
            dimension_names=None if version == "0.4" else list(order),
            **({"chunk_key_encoding": {"name": "v2", "separator": "/"}} if version == "0.4" else {}),
        )
        array[...] = level
        steps = [
            picture.spacing.get(letter, (1.0, ""))[0] * (2**number if letter in "yx" else 1)
            for letter in order
        ]
        datasets.append(
            {"path": str(number), "coordinateTransformations": [{"type": "scale", "scale": steps}]}
        )
    axes = [{"name": a, "type": _TYPES[a], **_unit(picture.spacing.get(a))} for a in order]
    scale = {"axes": axes, "datasets": datasets, "name": path.stem}
    about: dict[str, Any] = {"multiscales": [scale]}
    omero = picture.kept.get("omero") or _windows(
        picture, values.shape[order.index("c")] if "c" in order else 1
    )
    if omero:
        about["omero"] = omero
    if version == "0.4":
        scale["version"] = "0.4"
        group.attrs.update(about)
    else:
        group.attrs["ome"] = {"version": "0.5", **about}
    if "s" in picture.axes:
        group.attrs[_OWN] = {"samples": picture.samples}


def _unit(spacing):
    return {} if spacing is None or not spacing[1] else {"unit": _UNITS.get(spacing[1], spacing[1])}


def _levels(values):
    """The picture, and coarser ones as long as they are larger than `_COARSEST`."""
    while True:
        yield values
        if min(side // 2 * 2 for side in values.shape[-2:]) <= _COARSEST:
            return
        values = _halved(values)


def _halved(values):
    """Means of 2×2 pixels, without the last row or column of an odd side; some rows at a time."""
    height, width = (side // 2 for side in values.shape[-2:])
    half = empty_beside(values, (*values.shape[:-2], height, width), values.dtype)
    for index in np.ndindex(values.shape[:-2]):
        for top in range(0, height, _ROWS):
            target = half[index][top : top + _ROWS]
            even = values[index][2 * top :][: 2 * len(target), : 2 * width].astype(np.float64)
            mean = (even[::2, ::2] + even[::2, 1::2] + even[1::2, ::2] + even[1::2, 1::2]) / 4
            target[...] = np.rint(mean) if values.dtype.kind in "biu" else mean
    return half
