"""Picture files other than TIFF: PNG, JPEG, GIF, WebP and what else Pillow reads, in all their bits."""

import contextlib
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageSequence

from ..errors import InputError
from .picture import Picture, native
from .sample_types import lab_to_rgb
from .tiff_files import upright

CheckSize = Callable[[tuple[int, ...], int], None]
"""Refuses a shape that is too large for a file of so many bytes."""

_ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_SAMPLES = {0: "L", 2: "RGB", 4: "LA", 6: "RGBA"}
_ONE_MAIN_PICTURE = ("MPO", "ICO", "ICNS", "PSD")
"""Formats whose further pictures are previews, other sizes or layers of the first."""


@contextlib.contextmanager
def pixel_limit(pixels: int | None) -> Iterator[None]:
    """Another limit than Pillow's own, none with `None`: sizes are checked here, with a switch."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, pixels
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def open_raster(path: Path, check_size: CheckSize) -> Picture:
    """Opens a file that Pillow knows.

    Args:
        path: The file.
        check_size: Called before anything is decoded.
    """
    size = path.stat().st_size
    with pixel_limit(None), Image.open(path) as image:
        frames = getattr(image, "n_frames", 1)
        notes = []
        if frames > 1 and image.format in _ONE_MAIN_PICTURE:
            notes.append(f"It holds {frames} pictures, of which the first was taken.")
            frames = 1
        samples = len(image.getbands())
        check_size((frames, image.height, image.width, samples), size)
        deep = _deep_png(path)
        if deep is not None:
            if frames > 1:
                notes.append(f"It has {frames} frames, of which the first was taken.")
            values, kinds = deep
        elif frames > 1:
            values, kinds = _stacked(list(_frames(image, notes)))
            if image.format == "GIF":
                # All its colors come from palettes.
                values, kinds = _grey_if_it_is(values, kinds)
        else:
            image.load()
            values, kinds = _array(image, notes)
        axes = ("t" if deep is None and frames > 1 else "") + ("yxs" if len(kinds) > 1 else "yx")
        exif = image.getexif()
        values = upright(values, axes, exif.get(_ORIENTATION, 1))
        kept = _kept(image, exif)
        kind = (image.format or "").lower()
        spacing = _spacing(image)
    return Picture(
        native(values), axes, kinds, None, None, spacing, kept, kind, tuple(dict.fromkeys(notes))
    )


def _deep_png(path):
    """The pixels of a PNG with 16 bits and more samples than one, which Pillow makes 8 bits."""
    with path.open("rb") as file:
        head = file.read(26)
    if head[:8] != _PNG or head[24] != 16 or head[25] not in (2, 4, 6):
        return None
    import imagecodecs

    values = imagecodecs.png_decode(path.read_bytes())
    return values, _PNG_SAMPLES[head[25]]


_SIZES_DIFFER = "Its frames have different sizes; take them apart first."


def _frames(image, notes):
    """Values and samples of all frames, which have the size that the file declares."""
    size = image.size
    # A frame of a GIF may reach beyond the others, and Pillow makes room for it before it is seen here.
    with pixel_limit(size[0] * size[1]):
        try:
            for frame in ImageSequence.Iterator(image):
                if frame.size != size:
                    raise InputError(_SIZES_DIFFER)
                yield _array(frame.copy(), notes)
        except Image.DecompressionBombError:
            raise InputError(_SIZES_DIFFER) from None


def _array(image, notes):
    """Values and samples of a picture in any mode of Pillow."""
    mode = image.mode
    if mode == "1":
        notes.append("Black and white became 8 bits.")
        return np.array(image).astype(np.uint8) * 255, "L"
    if mode in ("P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info or mode == "PA" else "RGB")
        return _grey_if_it_is(np.array(image), image.mode)
    if mode == "LAB":
        notes.append("LAB became RGB.")
        return lab_to_rgb(np.array(image), "unsigned"), "RGB"
    if mode in ("CMYK", "YCbCr", "HSV", "RGBX"):
        notes.append(f"{mode} became RGB.")
        return np.array(image.convert("RGB")), "RGB"
    if mode in ("La", "RGBa"):
        image = image.convert(mode.upper())
    elif mode in ("L", "RGB") and "transparency" in image.info:
        # One color that is transparent, or a table of them.
        image = image.convert(f"{mode}A")
    if image.mode in ("L", "LA", "RGB", "RGBA"):
        return np.array(image), image.mode
    if mode.startswith("I;16"):
        return native(np.array(image)).astype(np.uint16), "L"
    if mode in ("I", "F"):
        values = np.array(image)
        if mode == "I" and image.format in ("PNG", "PPM") and 0 <= values.min() <= values.max() < 65536:
            values = values.astype(np.uint16)
        return values, "L"
    raise InputError(f"Pictures in the mode {mode} of Pillow are not known; convert it to RGB first.")


def _grey_if_it_is(values, kinds):
    """A palette of greys is a grey picture."""
    if kinds == "RGB" and (values == values[..., :1]).all():
        return values[..., 0], "L"
    return values, kinds


def _stacked(parts):
    """Frames, in the samples of the richest."""
    kinds = max((kinds for _, kinds in parts), key=lambda k: ("L", "LA", "RGB", "RGBA").index(k))
    full = []
    for values, own in parts:
        values = values if values.ndim == 3 else values[..., None]
        color, alpha = values[..., : 3 if own.startswith("RGB") else 1], values[..., -1:]
        if "A" not in own:
            alpha = np.full_like(alpha, 255)
        if kinds.startswith("RGB"):
            color = np.broadcast_to(color, (*color.shape[:2], 3))
        full.append(np.concatenate([color, alpha], -1)[..., : len(kinds)] if "A" in kinds else color)
    stack = np.stack(full)
    return (stack[..., 0] if kinds == "L" else stack), kinds


def _kept(image, exif):
    """What a file that is written from this one gets again."""
    kept: dict[str, Any] = {}
    if image.info.get("icc_profile"):
        kept["icc_profile"] = image.info["icc_profile"]
    if len(exif):
        # The pixels are upright from here on.
        exif.pop(_ORIENTATION, None)
        kept["exif"] = exif.tobytes()
    if image.format == "PNG":
        text = {key: value for key, value in getattr(image, "text", {}).items()}
        if text:
            kept["text"] = text
    if "duration" in image.info:
        kept["animation"] = {k: image.info[k] for k in ("duration", "loop") if k in image.info}
    if image.info.get("comment"):
        kept["comment"] = image.info["comment"]
    return kept


def _spacing(image):
    dpi = image.info.get("dpi")
    try:
        x, y = (float(value) for value in dpi)
    except (TypeError, ValueError, ZeroDivisionError):
        return {}
    # Without a unit, it is the shape of the pixels that is meant.
    if not (x > 0 and y > 0) or image.info.get("jfif_unit") == 0:
        return {}
    return {"x": (1 / x, "inch"), "y": (1 / y, "inch")}


def png_chunks(picture: Picture, dots_per_meter: tuple[int, int] | None) -> bytes:
    """What a PNG says besides its pixels: profile, pixel size, texts, EXIF."""
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    found = b""
    if "icc_profile" in picture.kept:
        found += chunk(b"iCCP", b"ICC\0\0" + zlib.compress(picture.kept["icc_profile"]))
    if dots_per_meter is not None:
        found += chunk(b"pHYs", struct.pack(">IIB", *dots_per_meter, 1))
    if "exif" in picture.kept:
        found += chunk(b"eXIf", picture.kept["exif"].removeprefix(b"Exif\0\0"))
    for key, value in picture.kept.get("text", {}).items():
        body = key.encode("latin-1", "replace") + b"\0\0\0\0\0" + str(value).encode()
        found += chunk(b"iTXt", body)
    return found
