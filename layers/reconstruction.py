"""Any evolution as a regulariser: a data term beside it, or a projection (BLADE, section 4)."""

import math

import numpy as np

from ..errors import InputError
from ..pde import repeat
from ..pde.backend import keras, ops
from .observation import Observation
from .serialization import as_layer, build_once, check_positive_integer, register
from .stages import Stages
from .traits import ImageLayer, Loop, Traits, duration_of, loops_of, traits_of


@register
class Reconstruction(ImageLayer):
    """Restores u from f = A u + noise by an evolution that did not know of A.

    With a data term (BLADE, eq. 4.2), for a step that takes the time τ,

        u⁽ᵏ⁺¹⁾ = step(u⁽ᵏ⁾) + τ λ Aᵀ(f − A u⁽ᵏ⁾),

    which for an explicit step is u + τ (F(u) + λ Aᵀ(f − A u)). Without (`weight=None`), for f without
    noise, the evolution is projected (BLADE, eq. 4.7),

        u⁽ᵏ⁺¹⁾ = u⁽ᵏ⁾ + P₀(step(u⁽ᵏ⁾) − u⁽ᵏ⁾),   P₀ = I − Aᵀ(A Aᵀ)⁻¹ A,

    so that A u = f from the start to the end. (A Aᵀ)⁻¹ is applied by conjugate gradients.

    Args:
        step: Layer that maps an image to an image, as `PeronaMalikStep`, `TimeStep` or
            `AnisotropicDiffusionStep`. For a data term it needs an attribute `duration`, τ.
        observation: An `Observation`, A.
        weight: λ > 0 in 1/px² (τ λ is a number); `None` for the projection.
        steps: How often the step is applied.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input f, `(batch, height, width, channels)`, with the mask as one more channel if the
        observation takes one. Output `(batch, height·factor, width·factor, channels)`.

    Raises:
        InputError: if a step has no duration, or the data term is not stable by itself: τ λ ‖A‖² must
            be at most 2. Steps at their own bound need less.

    Example:
        >>> from imagepde.layers import ClassicalDiffusivity, PeronaMalikStep, Subsample
        >>> step = PeronaMalikStep(ClassicalDiffusivity())
        >>> enlarge = Reconstruction(step, Subsample(2), weight=None, steps=2)
        >>> tuple(enlarge(ops.ones((1, 8, 8, 1))).shape)
        (1, 16, 16, 1)
    """

    def __init__(self, step, observation, weight=1.0, steps=10, **kwargs):
        super().__init__(**kwargs)
        self.step = as_layer(step, "step")
        if isinstance(observation, dict):
            observation = keras.saving.deserialize_keras_object(observation)
        if not isinstance(observation, Observation):
            raise InputError(
                f"`observation` must be an Observation, as Blur(1.0). Received: {observation!r}."
            )
        self.observation = observation
        self.weight = None if weight is None else float(weight)
        self.steps = check_positive_integer(steps, "steps")
        if weight is not None:
            self._check_weight()

    def _check_weight(self):
        if not self.weight > 0:
            raise InputError(f"`weight` must be positive. Received: weight={self.weight}.")
        duration = duration_of(self.step)
        if duration is None:
            raise InputError(
                f"A data term needs the time that a step takes, and {type(self.step).__name__} has no "
                "attribute `duration`; take the projection, `weight=None`."
            )
        if not isinstance(duration, float):
            duration = float(ops.convert_to_numpy(ops.cast(duration, "float32")))
        largest = 2.0 / (duration * self.observation.squared_norm)
        if self.weight > largest * (1 + 1e-6):
            raise InputError(
                f"`weight` must be at most {largest:.4g} for a stable data term (τ λ ‖A‖² ≤ 2); lower "
                f"it or the time step. Received: weight={self.weight:g}."
            )

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        step, factor, radius = traits_of(self.step), self.observation.factor, self.observation.radius
        reach = None
        if self.weight is not None and step.reach is not None and radius is not None:
            reach = self.steps * max(step.reach, 2 * radius)
        needed = max(step.smallest_side, self.observation.smallest_side)
        kept = self.weight is None and self.observation.takes_mask
        return Traits(
            reach=reach,
            smallest_side=math.ceil(needed / factor),
            alignment=step.alignment,
            magnification=factor,
            takes="mask" if self.observation.takes_mask else "picture",
            promises={"known": "the change of a step is multiplied by zero there"} if kept else {},
        )

    def loops(self, input_shape: tuple) -> tuple[Loop, ...]:
        """The steps."""
        image = self.compute_output_shape(input_shape)

        def body(u, inputs):
            return self.advance(u, *self.observation.bind(inputs))

        return (Loop(self.steps, body, (image, input_shape), loops_of(self.step, image)),)

    def stages(self) -> Stages | None:
        """The start and a step, for a mask alone: other projections need the whole image each time."""
        step, radius = traits_of(self.step), self.observation.start_radius
        if radius is None or step.reach is None:
            return None

        def begin(inputs, mean):
            f, observation = self.observation.bind(inputs)
            return self._projected(observation.start(f, mean), f, observation)

        return Stages(
            begin=begin,
            begin_reach=radius,
            advance=lambda u, inputs: self.advance(u, *self.observation.bind(inputs)),
            advance_reach=step.reach,
            alignment=step.alignment,
            steps=self.steps,
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.step, self.compute_output_shape(input_shape))

    def advance(self, u, f, observation):
        """One step, for what was observed and the operator that was bound to it."""
        if self.weight is None:
            change = self.step(u) - u
            return u + change - observation.least_change(observation.apply(change))
        scale = ops.cast(self.weight * self.step.duration, u.dtype)
        return self.step(u) + scale * observation.residual(u, f)

    def _projected(self, start, f, observation):
        """An image to start from that agrees with what was observed, if all others will."""
        if self.weight is not None:
            return start
        return start + observation.least_change(f - observation.apply(start))

    def call(self, inputs):
        f, observation = self.observation.bind(inputs)
        start = self._projected(observation.start(f), f, observation)
        u = repeat(lambda u: self.advance(u, f, observation), start, self.steps)
        # A converted program may lose the number of channels in the loop; to choose all brings it back.
        return ops.take(u, np.arange(f.shape[-1]), axis=-1)

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        factor = self.observation.factor
        sides = [side if side is None else round(side * factor) for side in sides]
        return (batch, *sides, channels - self.observation.takes_mask)

    def get_config(self):
        return {
            **super().get_config(),
            "step": keras.saving.serialize_keras_object(self.step),
            "observation": keras.saving.serialize_keras_object(self.observation),
            "weight": self.weight,
            "steps": self.steps,
        }
