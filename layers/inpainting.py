"""Inpainting: a diffusion that goes on until the known pixels have filled the unknown ones."""

from ..pde import gaussian_kernel, gaussian_smooth, repeat
from ..pde.backend import keras, ops
from .serialization import as_layer, build_once, check_positive_integer, register
from .stages import Stages
from .traits import ImageLayer, Loop, Traits, loops_of, traits_of

_WIDTHS = (1.0, 2.0, 4.0)

SEEN_BY_FILL = len(gaussian_kernel(_WIDTHS[-1])) // 2
"""So far `fill` looks, in px."""


@register
class Inpainting(ImageLayer):
    """∂u/∂t = (1 − m) div(D ∇u), u = f where the mask m is 1: EED inpainting (Galić et al. 2008).

    The operator without the rows and columns of known pixels is as symmetric and negative
    semidefinite as the whole, so the steps are as stable: the distance of u from zero, for known
    pixels of zero, does not grow. It starts from a smooth filling-in: f where it is known, elsewhere
    a weighted mean of what is known around.

    Args:
        step: Layer as `AnisotropicDiffusionStep`, which takes `free`, the pixels that may change.
        steps: How often it is applied.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels + 1)`: the image, and the mask as its last channel,
        known pixels above ½. What the image holds elsewhere does not matter. Output
        `(batch, height, width, channels)`.

    Example:
        >>> from imagepde.layers import AnisotropicDiffusionStep, EdgeEnhancingTensor
        >>> inpaint = Inpainting(AnisotropicDiffusionStep(EdgeEnhancingTensor(sigma=0.5)), steps=2)
        >>> tuple(inpaint(ops.ones((1, 16, 16, 2))).shape)
        (1, 16, 16, 1)
    """

    def __init__(self, step, steps=50, **kwargs):
        super().__init__(**kwargs)
        self.step = as_layer(step, "step")
        self.steps = check_positive_integer(steps, "steps")

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        step = traits_of(self.step)
        return Traits(
            reach=None,  # Known pixels fill the image from anywhere.
            smallest_side=max(step.smallest_side, SEEN_BY_FILL),
            takes="mask",
            mirrors=step.mirrors,
            promises={"known": "the rate of change is multiplied by zero there"},
        )

    def loops(self, input_shape: tuple) -> tuple[Loop, ...]:
        """The steps."""
        image = self.compute_output_shape(input_shape)
        return (Loop(self.steps, self.step, (image,), loops_of(self.step, image)),)

    def stages(self) -> Stages | None:
        """The filling-in, and a step."""
        step = traits_of(self.step)
        if step.reach is None:
            return None

        def begin(inputs, mean):
            return fill(*_image_and_mask(inputs), mean)

        def advance(u, inputs):
            return self.step(u, free=1.0 - _image_and_mask(inputs)[1])

        return Stages(
            begin=begin,
            begin_reach=SEEN_BY_FILL,
            advance=advance,
            advance_reach=step.reach,
            alignment=step.alignment,
            steps=self.steps,
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.step, self.compute_output_shape(input_shape))

    def call(self, inputs):
        image, known = _image_and_mask(inputs)
        return repeat(lambda u: self.step(u, free=1.0 - known), fill(image, known), self.steps)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] - 1)

    def get_config(self):
        return {
            **super().get_config(),
            "step": keras.saving.serialize_keras_object(self.step),
            "steps": self.steps,
        }


def _image_and_mask(inputs):
    """What is known of an image, zero elsewhere, and its mask of zeros and ones."""
    known = ops.cast(inputs[..., -1:] > 0.5, inputs.dtype)
    # Not times zero: what is unknown may be anything, infinity too.
    return ops.where(known > 0, inputs[..., :-1], 0.0), known


def fill(image, known, mean=None):
    """Weighted means of the known pixels around, with Gaussians that widen until they reach one.

    Args:
        image: Tensor `(batch, height, width, channels)`, zero where it is not known.
        known: Mask `(batch, height, width, 1)` of zeros and ones.
        mean: Mean of the known pixels `(batch, 1, 1, channels)`, of the whole image where this is a
            part of it; that of `image` when `None`.

    Returns:
        Tensor like the image. Far from everything known it is the mean of all that is.
    """
    filled = mean
    if filled is None:
        count = ops.maximum(ops.sum(known, axis=(1, 2), keepdims=True), 1.0)
        filled = ops.sum(image, axis=(1, 2), keepdims=True) / count
    for sigma in reversed(_WIDTHS):
        near = gaussian_smooth(known, sigma)
        mean = gaussian_smooth(image, sigma) / ops.maximum(near, 1e-4)
        filled = ops.where(near > 1e-4, mean, filled)
    return ops.where(known > 0, image, filled)
