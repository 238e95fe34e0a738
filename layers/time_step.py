"""A step in time, with a layer that computes the rate of change."""

from ..errors import InputError
from ..pde import explicit_euler, explicit_midpoint
from ..pde.backend import keras, ops
from .serialization import as_layer, build_once, register
from .traits import ImageLayer, Traits, traits_of

SCHEMES = {"euler": (explicit_euler, 1), "midpoint": (explicit_midpoint, 2)}
"""Time schemes by name, and how often each evaluates the rate."""


@register
class TimeStep(ImageLayer):
    """u⁽ᵏ⁺¹⁾ = u⁽ᵏ⁾ + τ F(u⁽ᵏ⁾), or the midpoint rule, for a rate F that is a layer.

    BLADE, eqs. 2.6 and 2.7.

    Args:
        rate: Layer that maps an image to ∂u/∂t of the same shape, for instance `Blade` or `BladeFlux`.
        time_step: τ > 0.
        scheme: `"euler"` or `"midpoint"`.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`.

    Raises:
        InputError: if τ is not positive, or there is no scheme of this name.

    Example:
        >>> from imagepde.layers import Blade, FilterSelection
        >>> step = TimeStep(Blade(FilterSelection(orientations=8)), time_step=0.5)
        >>> step.duration, float(ops.mean(step(ops.ones((1, 9, 9, 1)))))
        (0.5, 1.0)
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
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        rate = traits_of(self.rate)
        return Traits(
            reach=None if rate.needs_whole_image else SCHEMES[self.scheme][1] * rate.reach,
            smallest_side=rate.smallest_side,
            alignment=rate.alignment,
            mirrors=rate.mirrors,
            promises=self._promises(rate),
        )

    def _promises(self, rate):
        """The mean is kept by any multiple of the rate; a bound on the norm is one of Euler's steps."""
        kept = {name: why for name, why in rate.promises.items() if name == "mean"}
        if self.scheme == "euler" and isinstance(self.rate, ImageLayer):
            kept |= self.rate.promises_of_step(self.time_step)
        return kept

    def build(self, input_shape):
        self.expect_images(input_shape)
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
