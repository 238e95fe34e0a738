"""Blind restoration: the noise of an image is measured, and the image brought to a known noise."""

import math

from ..pde.backend import correlate, keras, ops
from .serialization import as_layer, build_once, register
from .traits import ImageLayer, Loop, Traits, loops_of, traits_of

NOISE_RANGE = (1 / 255, 1.0)
"""Levels that are told apart, in grey values of [0, 1]; beyond them the nearest end is taken."""

_LAPLACIANS = ((1.0, -2.0, 1.0), (-2.0, 4.0, -2.0), (1.0, -2.0, 1.0))
"""The difference of two Laplacians (Immerkær 1996): blind to linear shading and straight edges."""

_ROUNDING = 2e-6
"""What float32 leaves of a difference of equal grey values."""

_LOG_OF_A_GAUSSIAN = -0.6351814227307391
"""E[log|n|] for n ~ N(0, 1), which is −(γ + log 2)/2."""


@register
class NoiseLevel(ImageLayer):
    """The standard deviation of the white Gaussian noise in an image, without weights.

        σ̂ = 1/6 · exp( mean log|N ∗ u| + (γ + log 2)/2 ),   N = [1 −2 1; −2 4 −2; 1 −2 1]

    N annihilates what is linear in rows or in columns, and noise of strength σ becomes one of 6σ
    (Immerkær 1996). He takes the mean of |N ∗ u|; the geometric mean is less misled by edges and
    texture: on eight photographs with σ = 5/255 it is 1.7/255 too high, and his 2.1/255. σ̂ is
    clipped to [1/255, 1]. Where N ∗ u is zero, pixels are masked, clipped or saturated: they say
    nothing of the noise, and do not count.

    Args:
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)` with sides of at least 3, output `(batch, 1, 1, 1)`:
        one number an image, over all its channels, in grey values of [0, 1].

    Example:
        >>> noise = 0.1 * keras.random.normal((1, 64, 64, 1), seed=1)
        >>> round(float(NoiseLevel()(noise)[0, 0, 0, 0]), 2)
        0.1
    """

    traits = Traits(reach=None, smallest_side=3, gives="number", mirrors=True)

    def build(self, input_shape):
        self.expect_images(input_shape)

    def call(self, inputs):
        kernel = ops.reshape(ops.convert_to_tensor(_LAPLACIANS, inputs.dtype), (3, 3, 1, 1))
        channels = inputs.shape[-1]
        # What is nearly zero says nothing more by being smaller still; float16 could not hold it.
        tiny = 1e-4
        total, count = 0.0, 0.0
        for c in range(channels):
            size = ops.abs(correlate(inputs[..., c : c + 1], kernel))
            # Rounding leaves a little where neighbours are equal.
            counts = ops.cast(size > _ROUNDING, inputs.dtype)
            total += ops.mean(counts * ops.log(size + tiny), axis=(1, 2, 3), keepdims=True)
            count += ops.mean(counts, axis=(1, 2, 3), keepdims=True)
        mean = ops.where(count > 0, total / ops.maximum(count, tiny), math.log(tiny))
        level = ops.exp(mean - _LOG_OF_A_GAUSSIAN) / 6.0
        return ops.clip(level, *NOISE_RANGE)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 1, 1, 1)


@register
class AppendLevel(ImageLayer):
    """Appends a number an image as one more channel, the same at every pixel.

    Args:
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input a list: images `(batch, height, width, channels)` and numbers `(batch, 1, 1, 1)`, as
        `NoiseLevel` returns them. Output `(batch, height, width, channels + 1)`.

    Example:
        >>> image = ops.ones((1, 8, 8, 1))
        >>> tuple(AppendLevel()([image, NoiseLevel()(image)]).shape)
        (1, 8, 8, 2)
    """

    traits = Traits(reach=0, mirrors=True, promises={"mean": "the picture stays as it is"})

    def build(self, input_shape):
        self.expect_images(*input_shape)

    def call(self, inputs):
        image, level = inputs
        return ops.concatenate([image, ops.zeros_like(image[..., :1]) + level], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[0][:-1], input_shape[0][-1] + 1)


@register
class NoiseNormalized(ImageLayer):
    """Applies a filter to an image whose noise was brought to a reference strength.

        u ↦ s · filter(u/s),        s = σ̂/σ₀

    A filter that was made for noise of strength σ₀ treats every noise alike, in relation to it. Mean
    and range are kept if the filter keeps them.

    Args:
        filter: Layer that maps an image to an image of the same shape, for instance `Evolution`.
        reference: σ₀, in grey values of [0, 1].
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input a list: images `(batch, height, width, channels)` and σ̂ `(batch, 1, 1, 1)`, as
        `NoiseLevel` returns it. Output like the images.

    Example:
        >>> from imagepde.layers import ClassicalDiffusivity, Evolution, PeronaMalikStep
        >>> evolution = Evolution(PeronaMalikStep(ClassicalDiffusivity()), steps=2)
        >>> image = ops.ones((1, 8, 8, 1))
        >>> tuple(NoiseNormalized(evolution)([image, NoiseLevel()(image)]).shape)
        (1, 8, 8, 1)
    """

    def __init__(self, filter, reference=25 / 255, **kwargs):
        super().__init__(**kwargs)
        self.filter = as_layer(filter, "filter")
        self.reference = float(reference)

    @property
    def traits(self) -> Traits:
        """Those of the filter: each property is indifferent to a factor."""
        return traits_of(self.filter)

    def loops(self, input_shape: tuple) -> tuple[Loop, ...]:
        """Those of the filter."""
        image, _ = input_shape if isinstance(input_shape, list) else (input_shape, None)
        return loops_of(self.filter, tuple(image))

    def build(self, input_shape):
        self.expect_images(*input_shape)
        build_once(self.filter, tuple(input_shape[0]))

    def call(self, inputs):
        image, level = inputs
        scale = level / self.reference
        return scale * self.filter(image / scale)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self):
        return {
            **super().get_config(),
            "filter": keras.saving.serialize_keras_object(self.filter),
            "reference": self.reference,
        }
