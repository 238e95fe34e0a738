"""The signature of a SavedModel that takes picture files and returns PNG files."""

from ..images.arrays import MIN_SIDE
from ..images.color import LUMA
from ..pde.backend import keras
from ..pde.resizing import resize, resizing_matrix
from ..zoo import traits
from ..zoo.segmentation import SPREAD

_BIT_DEPTH_OF_PNG = 24
"""Where a PNG file says with how many bits it holds a value."""


def encoded_endpoint(model, serve):
    """A function of the bytes of PNG and JPEG files `(batch,)` that returns those of PNG files.

    What it does is `restore`: 8 and 16 bits are kept, a grey model takes the colours one by one, alpha
    is passed through. For a model that inpaints alpha is the mask: what is not transparent is known,
    and the answer is without alpha. A model that decides between regions takes the luma and answers
    in grey.

    Args:
        model: A `keras.Model` of images.
        serve: The endpoint that applies it, so that it is in the file once.

    Returns:
        The function; `None` for a model that wants more than a picture: a displacement, or the noise.
    """
    import tensorflow as tf

    if traits(model).takes in ("displacement", "noise"):
        return None

    def endpoint(image_bytes):
        answer = tf.map_fn(
            lambda file: _answer(model, serve, file),
            image_bytes,
            fn_output_signature=tf.TensorSpec((), tf.string),
        )
        return {"image_bytes": answer}

    return endpoint


def _answer(model, serve, file):
    """The answer to one file."""
    import tensorflow as tf

    pixels, deep = _decode(file)
    unit = tf.cast(pixels, tf.float32) / 65535.0
    found = tf.shape(unit)[-1]
    # Two channels are grey with alpha, four are colour with alpha.
    colours = found - (1 - found % 2)
    colour, alpha = unit[..., :colours], unit[..., colours:]
    # What is refused is refused first, whatever else would fail with it.
    with tf.control_dependencies(_checks(model, colour, alpha)):
        colour, alpha = tf.identity(colour), tf.identity(alpha)
    restored = _restored(model, serve, colour, alpha)
    return _encode(restored, deep)


def _decode(file):
    """All pixels in 16 bits, and whether the file has so many."""
    import tensorflow as tf

    is_jpeg = tf.strings.substr(file, 0, 2) == b"\xff\xd8"

    def jpeg():
        pixels = tf.io.decode_jpeg(file, dct_method="INTEGER_ACCURATE")
        # 65535 = 257 · 255: no digit is lost.
        return tf.cast(pixels, tf.uint16) * 257, tf.constant(False)

    def png():
        depth = tf.io.decode_raw(tf.strings.substr(file, _BIT_DEPTH_OF_PNG, 1), tf.uint8)
        return tf.io.decode_png(file, dtype=tf.uint16), tf.reduce_all(depth == 16)

    pixels, deep = tf.cond(is_jpeg, jpeg, png)
    return tf.ensure_shape(pixels, (None, None, None)), deep


def _checks(model, colour, alpha):
    """The operations that refuse what the model cannot take, when a file comes."""
    import tensorflow as tf

    found, (*size, channels) = traits(model), model.input_shape[1:]
    side = max(MIN_SIDE, found.smallest_side)
    check, sides = tf.debugging, tf.shape(colour)[:2]
    message = f"A picture must be at least {side}×{side} pixels."
    checks = [check.assert_greater_equal(tf.reduce_min(sides), side, message)]
    if None not in size:
        message = f"A picture must be {size[0]}×{size[1]} pixels."
        checks.append(check.assert_equal(sides, size, message))
    if channels - found.extra_channels != 1:
        message = "This model takes pictures in colour only."
        checks.append(check.assert_equal(tf.shape(colour)[-1], 3, message))
    if found.takes == "mask":
        message = "The picture must have alpha: what is transparent is filled in."
        checks.append(check.assert_equal(tf.shape(alpha)[-1], 1, message))
        message = "Nothing of the picture is known: it is transparent."
        checks.append(check.assert_greater(tf.reduce_max(alpha), 0.0, message))
    return checks


def _restored(model, serve, colour, alpha):
    """The picture `(height, width, …)` that is answered, with alpha if there is any."""
    import tensorflow as tf

    decides = traits(model).gives == "region"
    factor = traits(model).magnification
    channels = model.input_shape[-1] - traits(model).extra_channels
    if decides and channels == 1:
        luma = tf.constant(LUMA, tf.float32)
        colour = tf.cond(
            tf.shape(colour)[-1] == 3,
            lambda: tf.reduce_sum(colour * luma, -1, keepdims=True),
            lambda: colour[..., :1],
        )
    images = tf.transpose(colour, (2, 0, 1))[..., None] if channels == 1 else colour[None]
    images = tf.ensure_shape(images, (None, None, None, channels))
    if decides:
        # The contrast that `zoo.segment` brings a picture to.
        mean, variance = tf.nn.moments(images, (1, 2), keepdims=True)
        spread = tf.sqrt(tf.reduce_mean(variance, -1, keepdims=True))
        images = 0.5 + (images - mean) * (SPREAD / tf.maximum(spread, 1e-6))
    if traits(model).takes == "mask":
        known = tf.cast(alpha > 0, tf.float32)[None]
        mask = tf.broadcast_to(known, tf.concat([tf.shape(images)[:3], [1]], 0))
        result = serve(tf.concat([images * mask, mask], -1))
        result = tf.where(mask > 0, images, result) if factor == 1 else result
        alpha = alpha[..., :0]
    else:
        result = serve(images)
    result = tf.transpose(result[..., 0], (1, 2, 0)) if channels == 1 else result[0]
    if decides:
        return tf.cast(result > 0.5, tf.float32)
    if factor > 1:
        sides = [tf.shape(alpha)[axis] for axis in (0, 1)]
        matrices = (resizing_matrix(n, n * factor, "bicubic", keras.ops) for n in sides)
        finer = resize(tf.transpose(alpha, (2, 0, 1))[..., None], *matrices)
        alpha = tf.transpose(finer[..., 0], (1, 2, 0))
    return tf.concat([result, alpha], -1)


def _encode(unit, deep):
    """The bytes of a PNG file of 16 or 8 bits."""
    import tensorflow as tf

    def of(dtype):
        levels = tf.round(tf.clip_by_value(unit, 0.0, 1.0) * float(dtype.max))
        return tf.io.encode_png(tf.cast(levels, dtype))

    return tf.cond(deep, lambda: of(tf.uint16), lambda: of(tf.uint8))
