"""Restoration that is told the noise: a map of its strength goes with the image."""

from ..pde.backend import ops
from .serialization import register
from .traits import ImageLayer, Traits

REFERENCE = 25 / 255
"""The noise σ₀ that gains are given in relation to."""

_LEAST = 0.25 / 255
"""Weaker noise is told apart no more; what is removed of it goes to zero with it."""

ORDERS = 4
"""Gains are polynomials of this many coefficients in the logarithm of the noise."""


@register
class NoiseMap(ImageLayer):
    """Divides what comes with an image from it: a map of the standard deviation of its noise.

    The last channel of the input is σ for each pixel, in grey values of [0, 1]. It is returned as what
    `ReactionDiffusionStep(told=True)` needs of it: with t = log₂(σ/σ₀)/3 and σ₀ = 25/255,

        σ₀/σ · (1, t, t², t³)  and  σ/σ₀ · (1, t, t², t³)

    so that gains are polynomials in t. For σ = 0 the second is zero, and the image stays as it is.

    Args:
        coefficients: Whether the input is the `HaarTransform` of image and map.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels + 1)`, or four times as many channels for coefficients.
        Output a list: the image, and the map `(batch, height, width, 8)`.

    Example:
        >>> image, noise = NoiseMap()(ops.ones((1, 8, 8, 2)))
        >>> tuple(image.shape), tuple(noise.shape)
        ((1, 8, 8, 1), (1, 8, 8, 8))
    """

    traits = Traits(
        reach=0, mirrors=True, takes="noise", promises={"mean": "the picture stays as it is"}
    )

    def __init__(self, coefficients=False, **kwargs):
        super().__init__(**kwargs)
        self.coefficients = bool(coefficients)

    def build(self, input_shape):
        self.expect_images(input_shape)

    def call(self, inputs):
        image = inputs[..., : self._channels(inputs.shape[-1])]
        sigma = inputs[..., image.shape[-1] : image.shape[-1] + 1]
        if self.coefficients:
            # The first coefficient of a block is twice its mean.
            sigma = 0.5 * sigma
        sigma = ops.maximum(sigma, 0.0) / REFERENCE
        seen = ops.clip(sigma, _LEAST / REFERENCE, 1 / REFERENCE)
        # Beyond the range the gains stay what they are at its end, relative to the noise.
        t = ops.log(seen) * (1 / (3 * 0.6931471805599453))
        powers = ops.concatenate([ops.ones_like(t), t, t * t, t * t * t], axis=-1)
        inverse = 1.0 / ops.maximum(sigma, _LEAST / REFERENCE)
        return [image, ops.concatenate([inverse * powers, sigma * powers], axis=-1)]

    def _channels(self, channels):
        return channels - 4 if self.coefficients else channels - 1

    def compute_output_shape(self, input_shape):
        *image, channels = input_shape
        return [(*image, self._channels(channels)), (*image, 2 * ORDERS)]

    def get_config(self):
        return {**super().get_config(), "coefficients": self.coefficients}
