"""What `serve.py` takes and returns: TensorFlow Serving's JSON to arrays and back.

Every refusal is an `HTTPException` with the status code that the client gets.
"""

import base64
import io
import json
from dataclasses import dataclass

import numpy as np
from fastapi import HTTPException
from PIL import Image, ImageOps

# Sizes are checked here, from the header and with a lower limit than Pillow's own.
Image.MAX_IMAGE_PIXELS = None

MIN_SIDE = 8
"""Smallest height and width that are taken, in px."""

MAX_INSTANCES = 64
"""Most pictures in one request."""

MAX_NUMBERS = 2**20
"""Most numbers in one request: as JSON, each takes a hundred times the memory of a pixel in a file."""

ARRAYS, ENCODED = "serving_default", "encoded"


@dataclass
class Picture:
    """One instance of a request, `(height, width, channels)`; an encoded one may end with alpha."""

    model: str
    array: np.ndarray
    encoded: bool

    @property
    def kind(self):
        """Pictures of the same kind can be computed together."""
        return self.model, self.array.shape, self.array.dtype.char, self.encoded

    @property
    def colours(self):
        """Channels without alpha."""
        channels = self.array.shape[-1]
        return channels - (self.encoded and channels in (2, 4))

    def images(self, channels):
        """What a model computes: float32 `(batch, height, width, channels)`.

        For a grey model the colours of an encoded picture are a batch.
        """
        unit = self.array[..., : self.colours].astype(np.float32)
        if self.encoded:
            unit /= np.iinfo(self.array.dtype).max
        if channels == self.colours:
            return unit[None]
        if channels == 1 and self.encoded:
            return unit.transpose(2, 0, 1)[..., None]
        raise HTTPException(
            400, f"This model takes {channels} channels. Received: {self.colours}, alpha not counted."
        )

    def prediction(self, images):
        """What the client gets for what the model made of `images`."""
        if not self.encoded:
            # float32 near 1 has seven digits; those of a double would make the text twice as long.
            return np.round(images[0].astype(float), 9).tolist()
        result = images[0] if len(images) == 1 else images[..., 0].transpose(1, 2, 0)
        if result.shape != (*self.array.shape[:2], self.colours):
            raise HTTPException(400, "This model returns another shape than it takes; send arrays.")
        largest = np.iinfo(self.array.dtype).max
        result = np.rint(np.clip(result, 0, 1) * largest).astype(self.array.dtype)
        return {"b64": _png(np.concatenate([result, self.array[..., self.colours :]], axis=-1))}


def read_pictures(model, body, max_pixels):
    """The pictures in the body of a request, checked.

    Raises:
        HTTPException: 400 for what is no such request, 413 for too many pixels or numbers.
    """
    _check_numbers(body)
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"JSON parse error: {error}") from error
    instances = request.get("instances") if isinstance(request, dict) else None
    if not isinstance(instances, list) or not 1 <= len(instances) <= MAX_INSTANCES:
        raise HTTPException(400, f'Expected {{"instances": [...]}}, 1 to {MAX_INSTANCES} of them.')
    encoded = any(isinstance(instance, dict) for instance in instances)
    signature = request.get("signature_name", ENCODED if encoded else ARRAYS)
    if signature not in (ARRAYS, ENCODED):
        raise HTTPException(400, f'"signature_name" must be {ARRAYS!r} or {ENCODED!r}.')
    if encoded != (signature == ENCODED):
        wanted = '{"b64": "..."}' if signature == ENCODED else "(height, width, channels) of numbers"
        raise HTTPException(400, f"For the signature {signature!r} every instance must be {wanted}.")
    read = _read_encoded if encoded else _read_array
    pictures = []
    for instance in instances:
        array = read(instance, max_pixels)
        max_pixels -= array.shape[0] * array.shape[1]
        pictures.append(Picture(model, array, encoded))
    return pictures


def _check_numbers(body):
    """Bounds what the JSON can become, before it is read: numbers, lists and dictionaries."""
    lists = body.count(b"[")
    if max(body.count(b","), lists - lists // 8) >= MAX_NUMBERS or body.count(b"{") > 4 * MAX_INSTANCES:
        raise HTTPException(
            413, f"At most {MAX_NUMBERS} numbers in a request; send large pictures as files in base64."
        )


def _check_size(height, width, max_pixels):
    if height * width > max_pixels:
        raise HTTPException(
            413, f"Too many pixels in this request: {height}×{width}, where {max_pixels} were left."
        )
    if min(height, width) < MIN_SIDE:
        raise HTTPException(400, f"At least {MIN_SIDE}×{MIN_SIDE} pixels. Received: {height}×{width}.")


def _read_array(instance, max_pixels):
    try:
        array = np.array(instance)
    except (ValueError, OverflowError, RecursionError) as error:
        raise HTTPException(400, "An instance must be an array: it is ragged or too deep.") from error
    if array.ndim != 3 or array.dtype.kind not in "iuf":
        raise HTTPException(400, "An instance must be (height, width, channels) of numbers.")
    _check_size(*array.shape[:2], max_pixels)
    # NaN fails the comparisons. Noise may leave [0, 1], but bytes up to 255 are a mistake.
    if not (array.size and array.min() >= -3 and array.max() <= 4):
        raise HTTPException(400, "Numbers must be in [0, 1], with noise in [-3, 4], and not NaN.")
    return array.astype(np.float32)


def _read_encoded(instance, max_pixels):
    if isinstance(instance, dict) and set(instance) == {"image_bytes"}:
        instance = instance["image_bytes"]
    if not isinstance(instance, dict) or not isinstance(instance.get("b64"), str):
        raise HTTPException(400, 'An instance must be {"b64": "..."} or {"image_bytes": {"b64": ...}}.')
    try:
        data = base64.b64decode(instance["b64"], validate=True)
    except ValueError as error:
        raise HTTPException(400, f"Not base64: {error}") from error
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    except Exception as error:  # Decoders raise what they like.
        raise HTTPException(400, "The bytes are no PNG or JPEG picture.") from error
    _check_size(image.height, image.width, max_pixels)
    try:
        return _as_array(ImageOps.exif_transpose(image))
    except Exception as error:
        raise HTTPException(400, f"The picture cannot be decoded: {error}") from error


def _as_array(image):
    """uint8 or uint16 `(height, width, channels)`: grey or RGB, each with or without alpha."""
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif image.mode not in ("L", "LA", "RGB", "RGBA") and not image.mode.startswith("I"):
        image = image.convert("RGB")
    array = np.array(image)
    array = array.astype(np.uint16) if image.mode.startswith("I") else array
    return array[..., None] if array.ndim == 2 else array


def _png(image):
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(
        file, "PNG", compress_level=1
    )
    return base64.b64encode(file.getvalue()).decode()
