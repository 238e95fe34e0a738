"""One explicit step of Perona–Malik diffusion with any diffusivity ("Learning …", eq. 1)."""

from ..pde import MAX_TIME_STEP, check_time_step, diffusion_rate, explicit_euler
from ..pde.backend import keras, ops
from .scalars import add_scalar, clipped
from .serialization import as_layer, build_once, register
from .traits import ImageLayer, Traits, traits_of


@register
class PeronaMalikStep(ImageLayer):
    """One conservative explicit step u + τ div(g(u) ∇u).

    The diffusivity sits on the edges between pixels (averaged to them if it comes at the pixels), and
    the flux is zero on the border, so the mean grey value is preserved to rounding. For a diffusivity
    in [0, 1] and 0 < τ ≤ ¼ px² the extremum principle holds: no grey value leaves the range of the
    input. The learned τ is kept in (0, ¼] for every weight value.

    Args:
        diffusivity: Layer that maps `(batch, height, width, channels)` to `(batch, height, width,
            1)`, or to a pair on the edges, with values in [0, 1], for instance `FieldsOfExperts` or
            `ClassicalDiffusivity`.
        time_step: τ in px², at most ¼; where the weight starts if it is learned.
        learn_time_step: Whether τ is a trainable weight.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`.

    Raises:
        InputError: if the time step is beyond the stability bound.

    Example:
        >>> from imagepde.layers import ClassicalDiffusivity
        >>> step = PeronaMalikStep(ClassicalDiffusivity(), time_step=0.25)
        >>> tuple(step(ops.ones((1, 8, 8, 1))).shape)
        (1, 8, 8, 1)
    """

    def __init__(self, diffusivity, time_step=MAX_TIME_STEP, learn_time_step=True, **kwargs):
        super().__init__(**kwargs)
        self.diffusivity = as_layer(diffusivity, "diffusivity")
        self.time_step = check_time_step(time_step)
        self.learn_time_step = bool(learn_time_step)

    @property
    def duration(self):
        """The time that a step takes, in px²."""
        return clipped(self.time_step_weight) if self.learn_time_step and self.built else self.time_step

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        g = traits_of(self.diffusivity)
        return Traits(
            reach=None if g.needs_whole_image else 1 + g.reach,
            smallest_side=g.smallest_side,
            alignment=g.alignment,
            mirrors=g.mirrors,
            promises={
                "mean": "no flux leaves the image, and what leaves one pixel enters its neighbour",
                "range": "each pixel becomes a mean of old pixels, for g in [0, 1] and τ ≤ ¼ px²",
                "norm": "‖div(g ∇·)‖ ≤ 8 for g in [0, 1], so τ ≤ ¼ px² is stable",
            },
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.diffusivity, input_shape)
        if self.learn_time_step:
            self.time_step_weight = add_scalar(self, "time_step", self.time_step, 1e-4, MAX_TIME_STEP)

    def call(self, inputs):
        return explicit_euler(
            lambda u: diffusion_rate(u, self.diffusivity(u)),
            inputs,
            ops.cast(self.duration, inputs.dtype),
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "diffusivity": keras.saving.serialize_keras_object(self.diffusivity),
            "time_step": self.time_step,
            "learn_time_step": self.learn_time_step,
        }
