"""Models that need the whole image, one step after the other, each step in windows.

The memory of such a model is that of a window, and two images to go from step to step.
"""

import weakref
from collections.abc import Callable

import numpy as np

from ..images.tiling import WINDOW, Window, windows_of
from ..layers import ImageLayer, Stages
from ..pde.backend import keras
from .model_traits import traits

SIDES = (512, 768)
"""Sides of the windows, in px. A step of the largest takes about 300 MiB."""

ImagesOf = Callable[[Window], np.ndarray]
"""Function that returns what a model takes, `(batch, height, width, channels)`, for a window."""


class Stepwise:
    """A model of one layer with `Stages`, computed step by step.

    Args:
        model: The model.
        stages: Those of its layer.

    Attributes:
        steps: How often the image is advanced.
    """

    def __init__(self, model: keras.Model, stages: Stages):
        layer = _only_layer(model)
        given, made = model.input_shape[-1], model.output_shape[-1]
        images = keras.Input((None, None, given), name="images")
        mean = keras.Input((1, 1, made), name="mean")
        state = keras.Input((None, None, made), name="state")
        self._begin = _program(layer, stages.begin, [images, mean])
        self._advance = _program(layer, stages.advance, [state, images])
        self._stages, self._mirrors = stages, traits(model).mirrors
        self.steps = stages.steps

    def windows(self, height: int, width: int) -> list[list[Window]] | None:
        """The windows for the start and for a step; `None` for an image that is better left whole."""
        if height * width <= WINDOW**2:
            return None
        stages = self._stages
        found = [
            windows_of(height, width, reach, stages.alignment, self._mirrors, SIDES)
            for reach in (stages.begin_reach, stages.advance_reach)
        ]
        return None if any(len(windows) == 1 for windows in found) else found

    def __call__(
        self,
        windows: list[list[Window]],
        images_of: ImagesOf,
        mean: np.ndarray,
        shape: tuple[int, ...],
        advance: Callable[[float], None],
    ) -> np.ndarray:
        """The result for an image.

        Args:
            windows: What `windows` returned.
            images_of: Function that returns what the model takes for a window, of one image.
            mean: Mean of the known pixels, of each channel.
            shape: `(height, width, channels)` of the result.
            advance: Called with the share of the work that was done since.

        Returns:
            float32 array of this shape. It is that of the model applied to the whole, to rounding.
        """
        first, each = windows
        mean = np.asarray(mean, np.float32).reshape(1, 1, 1, -1)
        state = np.empty(shape, np.float32)
        for window in first:
            window.write(state, _applied(self._begin, images_of(window), mean))
        after = np.empty_like(state)
        for _ in range(self.steps):
            for window in each:
                piece = np.ascontiguousarray(window.read(state)[None])
                window.write(after, _applied(self._advance, piece, images_of(window)))
                advance(1 / (self.steps * len(each)))
            state, after = after, state
        return state


_STEPWISE: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def stepwise(model: keras.Model) -> Stepwise | None:
    """How a model is computed step by step; `None` for one that cannot be.

    Args:
        model: A `keras.Model`. Its layer must have `Stages`, and nothing may come before or after it.
    """
    if model not in _STEPWISE:
        layer = _only_layer(model)
        stages = None if layer is None else layer.stages()
        _STEPWISE[model] = None if stages is None else Stepwise(model, stages)
    return _STEPWISE[model]


def _only_layer(model):
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    return layers[0] if len(layers) == 1 and isinstance(layers[0], ImageLayer) else None


class _Part(keras.layers.Layer):
    """A function of tensors that a layer computes, as a layer."""

    def __init__(self, layer, function):
        super().__init__(dtype=layer.dtype_policy)
        self.layer, self.function = layer, function
        self.built = True

    def call(self, inputs):
        return self.function(*inputs)


def _program(layer, function, inputs):
    return keras.Model(inputs, _Part(layer, function)(inputs))


def _applied(program, *inputs):
    return np.asarray(program.predict_on_batch(list(inputs)))[0]
