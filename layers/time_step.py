"""A step in time, with a layer that computes the rate of change."""

from ..errors import InputError
from ..pde import explicit_euler, explicit_midpoint
from ..pde.backend import keras, ops
from .serialization import as_layer, build_once, check_image_shape, register

SCHEMES = {"euler": (explicit_euler, 1), "midpoint": (explicit_midpoint, 2)}
"""Time schemes by name, and how often each evaluates the rate."""


@register
class TimeStep(keras.layers.Layer):
    """u⁽ᵏ⁺¹⁾ = u⁽ᵏ⁾ + τ F(u⁽ᵏ⁾), or the midpoint rule, for a rate F that is a layer (BLADE, 2.6, 2.7).

    Args:
        rate: Layer that maps an image to ∂u/∂t of the same shape, for instance `Blade` or `BladeFlux`.
        time_step: τ > 0.
        scheme: `"euler"` or `"midpoint"`.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`.
    """

    def __init__(self, rate, time_step=0.1, scheme="euler", **kwargs):
        super().__init__(**kwargs)
        self.rate = as_layer(rate, "rate")
        if not time_step > 0:
            raise InputError(f"`time_step` must be positive. Received: time_step={time_step}.")
        if scheme not in SCHEMES:
            raise InputError(f"`scheme` must be one of {list(SCHEMES)}. Received: scheme={scheme!r}.")
        self.time_step, self.scheme = float(time_step), scheme

    @property
    def duration(self):
        """The time that a step takes, in px²."""
        return self.time_step

    @property
    def promises(self):
        """What the rate promises of the mean; see `zoo.certificate`."""
        promises = getattr(self.rate, "promises", {})
        return {key: reason for key, reason in promises.items() if key == "mean"}

    @property
    def reach(self):
        """How many pixels away a change of the input can change the output; `None` for any."""
        return None if self.rate.reach is None else SCHEMES[self.scheme][1] * self.rate.reach

    @property
    def smallest_side(self):
        """The smallest height and width of an image that can be mirrored as far as is needed."""
        return getattr(self.rate, "smallest_side", 1)

    def build(self, input_shape):
        check_image_shape(input_shape, "TimeStep")
        build_once(self.rate, input_shape)

    def call(self, inputs):
        scheme, _ = SCHEMES[self.scheme]
        return scheme(self.rate, inputs, ops.cast(self.time_step, inputs.dtype))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "rate": keras.saving.serialize_keras_object(self.rate),
            "time_step": self.time_step,
            "scheme": self.scheme,
        }
