"""Compression as a degradation: a model learns to remove what JPEG adds."""

import dataclasses

import numpy as np
import tensorflow as tf

from ..errors import InputError
from .degradations import Degradation


@dataclasses.dataclass(frozen=True)
class JpegCompression(Degradation):
    """A picture written as JPEG and read again, by libjpeg.

    Attributes:
        quality: From 1 to 100, as libjpeg counts it.
    """

    quality: int

    def __post_init__(self):
        if isinstance(self.quality, bool) or self.quality not in range(1, 101):
            raise InputError(
                f"The `quality` of JPEG is a whole number from 1 to 100. Received: {self.quality!r}."
            )

    def __str__(self):
        return f"JPEG, quality {self.quality}"

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        return f"Removes the blocks and rings of {self}"

    def degrade(self, clean, seed):
        """The compressed NumPy picture; there is nothing random in it."""
        image = np.reshape(clean, (*clean.shape[:2], -1))
        return np.reshape(self.degrade_tensor(tf.constant(image), seed).numpy(), clean.shape)

    def degrade_tensor(self, clean, seed):
        """The same in a tf.data pipeline."""
        pixels = tf.cast(tf.round(255.0 * tf.clip_by_value(clean, 0.0, 1.0)), tf.uint8)
        code = tf.io.encode_jpeg(pixels, quality=self.quality)
        # Not the fast transform, which is the default here: what other programs read is wanted.
        decoded = tf.io.decode_jpeg(code, clean.shape[-1], dct_method="INTEGER_ACCURATE")
        return tf.ensure_shape(tf.cast(decoded, tf.float32) / 255.0, clean.shape)
