"""What `serve.py` takes and returns: TensorFlow Serving's JSON to arrays and back.

Every refusal is an `HTTPException` with the status code that the client gets.
"""

import base64
import io
import json
import math
import warnings
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

ARRAYS, ENCODED = "serving_default", "encoded"

_SPACE = b" \t\r\n"
_OF_NUMBERS = b"0123456789+-.eE[]," + _SPACE
_KINDS = bytes.maketrans(b"123456789+-.eE\t\r\n", b"0" * 14 + b"   ")
"""To tell numbers from spaces, brackets and commas."""


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
        """What the client gets for what the model made of `images`, as JSON."""
        if not self.encoded:
            # float32 near 1 has seven digits; those of a double would make the text twice as long.
            return json.dumps(np.round(images[0].astype(float), 9).tolist())
        result = images[0] if len(images) == 1 else images[..., 0].transpose(1, 2, 0)
        if result.shape != (*self.array.shape[:2], self.colours):
            raise HTTPException(400, "This model returns another shape than it takes; send arrays.")
        largest = np.iinfo(self.array.dtype).max
        result = np.rint(np.clip(result, 0, 1) * largest).astype(self.array.dtype)
        file = _png(np.concatenate([result, self.array[..., self.colours :]], axis=-1))
        return json.dumps({"b64": file})


def read_pictures(model, body, max_pixels):
    """The pictures in the body of a request, checked.

    Raises:
        HTTPException: 400 for what is no such request, 413 for too many pixels.
    """
    body = bytes(body)
    start, end = body.find(b"["), body.rfind(b"]") + 1
    numbers = body[start:end] if start >= 0 else b""
    encoded = bool(numbers.translate(None, _OF_NUMBERS)) or not numbers
    # Arrays never become lists: as such, each number takes a hundred times the memory of a pixel.
    rest = body if encoded else body[:start] + b"null" + body[end:]
    if rest.count(b",") + rest.count(b"[") + rest.count(b"{") > 8 * MAX_INSTANCES:
        raise HTTPException(400, "Expected arrays of numbers, or at most 64 pictures as files.")
    try:
        request = json.loads(rest)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"JSON parse error: {error}") from error
    fine = isinstance(request, dict) and "instances" in request
    if fine and encoded:
        instances = request["instances"]
        fine = isinstance(instances, list) and 1 <= len(instances) <= MAX_INSTANCES
    elif fine:
        fine = request["instances"] is None
    if not fine:
        raise HTTPException(400, f'Expected {{"instances": [...]}}, 1 to {MAX_INSTANCES} of them.')
    signature = request.get("signature_name", ENCODED if encoded else ARRAYS)
    if signature not in (ARRAYS, ENCODED):
        raise HTTPException(400, f'"signature_name" must be {ARRAYS!r} or {ENCODED!r}.')
    if encoded != (signature == ENCODED):
        wanted = '{"b64": "..."}' if signature == ENCODED else "(height, width, channels) of numbers"
        raise HTTPException(400, f"For the signature {signature!r} every instance must be {wanted}.")
    if not encoded:
        return [Picture(model, array, False) for array in _read_arrays(numbers, max_pixels)]
    pictures = []
    for instance in instances:
        array = _read_encoded(instance, max_pixels)
        max_pixels -= array.shape[0] * array.shape[1]
        pictures.append(Picture(model, array, True))
    return pictures


def _check_size(height, width, max_pixels):
    if height * width > max_pixels:
        raise HTTPException(
            413, f"Too many pixels in this request: {height}×{width}, where {max_pixels} were left."
        )
    if min(height, width) < MIN_SIDE:
        raise HTTPException(400, f"At least {MIN_SIDE}×{MIN_SIDE} pixels. Received: {height}×{width}.")


def _read_arrays(text, max_pixels):
    """The arrays of float32 in the text of a list of them."""
    kinds = text.translate(_KINDS)
    while b"  " in kinds:
        kinds = kinds.replace(b"  ", b" ")
    dense = kinds.translate(None, b" ")
    if b"0 0" in kinds or b"]0" in dense or b"0[" in dense:
        raise HTTPException(400, "An instance must be an array of numbers: a comma is missing.")
    frame = dense.translate(None, b"0")
    shapes, place = [], 1
    while place < len(frame):
        shape, place = _shape(frame, place, max_pixels)
        max_pixels -= shape[0] * shape[1]
        shapes.append(shape)
        if len(shapes) > MAX_INSTANCES or frame[place : place + 1] not in (b",", b"]"):
            raise HTTPException(400, f"Expected 1 to {MAX_INSTANCES} instances.")
        place += 1
    sizes = [math.prod(shape) for shape in shapes]
    try:
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            # What is no number ends the reading; whether that is an error depends on NumPy.
            warnings.simplefilter("error", DeprecationWarning)
            values = np.fromstring(text.translate(None, b"[]" + _SPACE), sep=",").astype(np.float32)
    except (ValueError, DeprecationWarning) as error:
        raise HTTPException(400, f"An instance must be an array of numbers: {error}") from error
    if not sizes or len(values) != sum(sizes):
        raise HTTPException(400, "An instance must be an array of numbers.")
    # NaN fails the comparisons. Noise may leave [0, 1], but bytes up to 255 are a mistake.
    if not (values.min() >= -3 and values.max() <= 4):
        raise HTTPException(400, "Numbers must be in [0, 1], with noise in [-3, 4], and not NaN.")
    parts = np.split(values, np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _shape(frame, start, max_pixels):
    """Height, width and channels of an array by its brackets and commas, and where it ends."""
    # `[[[,,],[,,]],[[,,],[,,]]]` is 2×2×3: each kind of end tells one of the numbers.
    ends = [frame.find(end, start) + len(end) for end in (b"]", b"]]", b"]]]")]
    if not frame.startswith(b"[[[", start) or min(ends) < start + 3:
        raise HTTPException(400, "An instance must be (height, width, channels) of numbers.")
    channels = ends[0] - start - 3
    row = frame[start + 2 : ends[0]]
    width = (ends[1] - start - 1) // (len(row) + 1)
    line = b"[" + b",".join([row] * width) + b"]"
    height = (ends[2] - start - 1) // (len(line) + 1)
    _check_size(height, width, max_pixels)
    whole = b"[" + b",".join([line] * height) + b"]"
    if row != b"[" + b"," * (channels - 1) + b"]" or not frame.startswith(whole, start):
        raise HTTPException(400, "An instance must be (height, width, channels): it is ragged.")
    return (height, width, channels), start + len(whole)


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
