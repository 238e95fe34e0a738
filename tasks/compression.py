"""Compression as a degradation: a model learns to remove what JPEG adds."""

import dataclasses
from typing import Any

import tensorflow as tf

from ..errors import InputError
from .draws import Draw
from .task import Degradation, register


@register("jpeg")
@dataclasses.dataclass(frozen=True)
class JpegCompression(Degradation):
    """A picture written as JPEG and read again, by libjpeg.

    Attributes:
        quality: From 1 to 100, as libjpeg counts it.

    Raises:
        InputError: for a quality that is no whole number from 1 to 100.

    Example:
        >>> import numpy as np
        >>> task = JpegCompression(quality=10)
        >>> task.degrade(np.eye(16, dtype="float32"), seed=0).shape
        (16, 16)
    """

    quality: int

    def __post_init__(self) -> None:
        if isinstance(self.quality, bool) or self.quality not in range(1, 101):
            raise InputError(
                f"The `quality` of JPEG is a whole number from 1 to 100. Received: {self.quality!r}."
            )

    def __str__(self) -> str:
        return f"JPEG, quality {self.quality}"

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        return f"Removes the blocks and rings of {self}"

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The compressed picture; there is nothing random in it."""
        return draw.apply(self._compressed, clean)

    def _compressed(self, images: Any) -> Any:
        clean = images[0]
        pixels = tf.cast(tf.round(255.0 * tf.clip_by_value(clean, 0.0, 1.0)), tf.uint8)
        code = tf.io.encode_jpeg(pixels, quality=self.quality)
        # Not the fast transform, which is the default here: what other programs read is wanted.
        decoded = tf.io.decode_jpeg(code, clean.shape[-1], dct_method="INTEGER_ACCURATE")
        return tf.ensure_shape(tf.cast(decoded, tf.float32) / 255.0, clean.shape)[None]
