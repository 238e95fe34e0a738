"""Deconvolution whose data term is folded into the filters of BLADE (section 4.1)."""

import numpy as np

from ..errors import InputError
from ..pde import blade_filter, repeat
from ..pde.backend import keras, ops
from .blade import Blade
from .degrading_observations import Blur
from .serialization import as_layer, build_once, check_positive_integer, register
from .traits import ImageLayer, Traits


@register
class FoldedDeconvolution(ImageLayer):
    """u⁽ᵏ⁺¹⁾ = u⁽ᵏ⁾ + τ (BLADE(u⁽ᵏ⁾) + λ φ̃ ∗ f) with the filters h − λ φ̃ ∗ φ.

    These are eqs. 4.4 and 4.5 of BLADE. Away from the border this is what `Reconstruction` computes
    with the data term beside the filters (eq. 4.2); near it the two differ, since filters see a border
    that is repeated and the blur one that is mirrored. The footprint grows to that of φ̃ ∗ φ, and with
    it the work for each pixel.

    Args:
        rate: A `Blade`.
        observation: A `Blur`.
        weight: λ > 0.
        time_step: τ > 0.
        steps: Number of steps.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`.

    Raises:
        InputError: if the rate is no `Blade`: fluxes are no filters.

    Example:
        >>> from imagepde.layers import FilterSelection
        >>> blade, blur = Blade(FilterSelection(orientations=8)), Blur(0.5)
        >>> sharpen = FoldedDeconvolution(blade, blur, steps=2)
        >>> round(float(sharpen(ops.ones((1, 16, 16, 1)))[0, 8, 8, 0]), 4)
        1.0
    """

    def __init__(self, rate, observation, weight=1.0, time_step=0.1, steps=10, **kwargs):
        super().__init__(**kwargs)
        self.rate = as_layer(rate, "rate")
        if not isinstance(self.rate, Blade):
            raise InputError(
                "Only plain filters can take up a data term: `rate` must be a Blade. "
                f"Received: {type(self.rate).__name__}."
            )
        if isinstance(observation, dict):
            observation = keras.saving.deserialize_keras_object(observation)
        if not isinstance(observation, Blur):
            raise InputError(f"`observation` must be a Blur. Received: {observation!r}.")
        if not weight > 0 or not time_step > 0:
            raise InputError(
                "`weight` and `time_step` must be positive. "
                f"Received: weight={weight}, time_step={time_step}."
            )
        self.observation = observation
        self.weight, self.time_step = float(weight), float(time_step)
        self.steps = check_positive_integer(steps, "steps")

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        rate = self.rate.traits
        return Traits(
            reach=self.steps * max(rate.reach, 2 * self.observation.radius),
            smallest_side=max(rate.smallest_side, self.observation.smallest_side),
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.rate, input_shape)

    def bank(self):
        """h − λ φ̃ ∗ φ, `(count, rows, columns)` (eq. 4.4)."""
        kernel = self.observation.kernel
        rows, columns = kernel.shape
        # φ̃ ∗ φ is the correlation of the kernel with itself.
        padded = np.pad(kernel, ((rows - 1, rows - 1), (columns - 1, columns - 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
        correlation = np.einsum("ijkl,kl->ij", windows, kernel)
        filters = self.rate.bank()
        filters = ops.reshape(filters, (-1, *filters.shape[-2:]))
        sides = [max(a, b) for a, b in zip(filters.shape[1:], correlation.shape, strict=True)]
        filters = ops.pad(filters, ((0, 0), *_margins(filters.shape[1:], sides)))
        correlation = np.pad(correlation, _margins(correlation.shape, sides))
        return filters - ops.cast(self.weight * correlation, filters.dtype)

    def call(self, inputs):
        bank = ops.cast(self.bank(), inputs.dtype)
        source = self.weight * self.observation.adjoint(inputs)
        time_step = ops.cast(self.time_step, inputs.dtype)

        def advance(u):
            return u + time_step * (blade_filter(u, bank, self.rate.select(u)) + source)

        return repeat(advance, inputs, self.steps)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "rate": keras.saving.serialize_keras_object(self.rate),
            "observation": keras.saving.serialize_keras_object(self.observation),
            "weight": self.weight,
            "time_step": self.time_step,
            "steps": self.steps,
        }


def _margins(shape, sides):
    """How much a footprint is padded on each side of each axis."""
    return tuple(((side - size) // 2,) * 2 for size, side in zip(shape, sides, strict=True))
