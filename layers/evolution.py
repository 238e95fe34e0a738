"""A step of a partial differential equation, repeated with shared weights."""

import dataclasses

from ..pde import repeat
from ..pde.backend import keras
from .serialization import as_layer, build_once, check_positive_integer, register
from .traits import ImageLayer, Loop, Traits, loops_of, traits_of


@register
class Evolution(ImageLayer):
    """Repeats a step `steps` times, u⁽ᵏ⁺¹⁾ = step(u⁽ᵏ⁾), with the same weights each time.

    It stays a loop in the compiled program (see `imagepde.pde.repeat`).

    Args:
        step: Layer that maps an image to an image of the same shape, for instance
            `PeronaMalikStep`.
        steps: How often it is applied.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`.

    Example:
        >>> from imagepde.layers import ClassicalDiffusivity, PeronaMalikStep
        >>> from keras import ops
        >>> evolution = Evolution(PeronaMalikStep(ClassicalDiffusivity()), steps=10)
        >>> tuple(evolution(ops.ones((1, 8, 8, 1))).shape)
        (1, 8, 8, 1)
    """

    def __init__(self, step, steps=10, **kwargs):
        super().__init__(**kwargs)
        self.step = as_layer(step, "step")
        self.steps = check_positive_integer(steps, "steps")

    @property
    def traits(self) -> Traits:
        """Those of the step, which sees further with each repetition."""
        step = traits_of(self.step)
        return step if step.reach is None else dataclasses.replace(step, reach=self.steps * step.reach)

    def loops(self, input_shape: tuple) -> tuple[Loop, ...]:
        """The steps."""
        return (Loop(self.steps, self.step, (input_shape,), loops_of(self.step, input_shape)),)

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.step, input_shape)

    def call(self, inputs):
        return repeat(self.step, inputs, self.steps)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "step": keras.saving.serialize_keras_object(self.step),
            "steps": self.steps,
        }
