"""What is random in a task, for a NumPy picture and for a tf.data pipeline.

A task is defined once, in terms of a `draw`. The two kinds of draw have the same methods; their numbers
differ, and each depends on its seed alone.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from ..images.noise_base import NoiseModel
from ..pde.backend import ops


class ArrayDraw:
    """Random numbers for a NumPy picture `(height, width)` or `(height, width, channels)`.

    Args:
        seed: An integer, or a list of them.

    Example:
        >>> draw = ArrayDraw(seed=0)
        >>> draw.normal(np.zeros((4, 6))).shape
        (4, 6)
        >>> round(float(draw.chosen(np.zeros((100, 100)), share=0.3).mean()), 1)
        0.3
    """

    def __init__(self, seed: Any) -> None:
        self._seed = seed

    def split(self) -> tuple["ArrayDraw", "ArrayDraw"]:
        """Two draws that do not depend on each other, instead of this one."""
        return ArrayDraw([*np.atleast_1d(self._seed).tolist(), 1]), ArrayDraw(self._seed)

    def normal(self, picture: np.ndarray) -> np.ndarray:
        """Independent N(0, 1) numbers, float32, as many as the picture has values."""
        return self._generator().standard_normal(picture.shape, dtype=np.float32)

    def chosen(self, picture: np.ndarray, share: float) -> np.ndarray:
        """1 at a share of the pixels that is chosen at random, else 0; `(height, width[, 1])`."""
        numbers = self._generator().random(picture.shape[:2])
        numbers = numbers if picture.ndim == 2 else numbers[..., None]
        return (numbers < share).astype(picture.dtype)

    def level(self, low: float, high: float, logarithmic: bool = False) -> np.floating:
        """A strength of noise between two on the scale of 0 to 255, as a part of 1.

        Evenly distributed itself, or its logarithm.
        """
        if logarithmic:
            low, high = low / 255, high / 255
            return np.float32(low * (high / low) ** self._generator().uniform())
        return np.float32(self._generator().uniform(low, high) / 255)

    def noisy(self, noise: NoiseModel, picture: np.ndarray) -> np.ndarray:
        """The picture with noise of a model, float32."""
        return noise.draw(picture, self._generator()).astype(np.float32)

    def apply(self, function: Callable[[Any], Any], picture: np.ndarray) -> np.ndarray:
        """A function of a float32 tensor `(1, height, width, channels)`, of the picture."""
        images = np.asarray(picture, np.float32).reshape(1, *picture.shape[:2], -1)
        result = np.asarray(ops.convert_to_numpy(function(ops.convert_to_tensor(images))))[0]
        return result[..., 0] if picture.ndim == 2 else result

    def _generator(self) -> np.random.Generator:
        return np.random.default_rng(self._seed)


class TensorDraw:
    """The same for a tensor `(height, width, channels)` in a tf.data pipeline.

    Args:
        seed: A tensor of two integers.

    Example:
        >>> draw = TensorDraw([0, 1])
        >>> tuple(draw.normal(tf.zeros((4, 6, 1))).shape)
        (4, 6, 1)
    """

    def __init__(self, seed: Any) -> None:
        self._seed = seed

    def split(self) -> tuple["TensorDraw", "TensorDraw"]:
        """Two draws that do not depend on each other, instead of this one."""
        seeds = tf.random.split(self._seed, num=2)
        return TensorDraw(seeds[0]), TensorDraw(seeds[1])

    def normal(self, picture: Any) -> Any:
        """Independent N(0, 1) numbers, as many as the picture has values."""
        return tf.random.stateless_normal(tf.shape(picture), self._seed)

    def chosen(self, picture: Any, share: float) -> Any:
        """1 at a share of the pixels that is chosen at random, else 0; `(height, width, 1)`."""
        numbers = tf.random.stateless_uniform(tf.shape(picture[..., :1]), self._seed)
        return tf.cast(numbers < share, picture.dtype)

    def level(self, low: float, high: float, logarithmic: bool = False) -> Any:
        """A strength of noise between two on the scale of 0 to 255, as a part of 1."""
        low, high = low / 255, high / 255
        if logarithmic:
            exponent = tf.random.stateless_uniform((), self._seed, 0.0, math.log(high / low))
            return low * tf.exp(exponent)
        return tf.random.stateless_uniform((), self._seed, low, high)

    def noisy(self, noise: NoiseModel, picture: Any) -> Any:
        """The picture with noise of a model, float32."""

        def draw(pixels, seed):
            return noise.draw(pixels, np.random.default_rng(np.abs(seed))).astype(np.float32)

        drawn = tf.numpy_function(draw, [picture, self._seed], tf.float32, stateful=False)
        return tf.ensure_shape(drawn, picture.shape)

    def apply(self, function: Callable[[Any], Any], picture: Any) -> Any:
        """A function of a tensor `(1, height, width, channels)`, of the picture."""
        return function(picture[None])[0]


Draw = ArrayDraw | TensorDraw
