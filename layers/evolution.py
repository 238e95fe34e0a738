"""A step of a partial differential equation, repeated with shared weights."""

from ..pde import repeat
from ..pde.backend import keras
from .serialization import as_layer, build_once, check_positive_integer, register


@register
class Evolution(keras.layers.Layer):
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
    def promises(self):
        """What the step promises; see `zoo.certificate`."""
        return getattr(self.step, "promises", {})

    @property
    def smallest_side(self):
        """The smallest height and width of an image that can be mirrored as far as is needed."""
        return getattr(self.step, "smallest_side", 1)

    @property
    def reach(self):
        """How many pixels away a change of the input can change the output; `None` for any."""
        return None if self.step.reach is None else self.steps * self.step.reach

    @property
    def alignment(self):
        """A window of the image must start at a multiple of so many pixels to be seen alike."""
        return getattr(self.step, "alignment", 1)

    def build(self, input_shape):
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
