"""A small network that finds the contrast of a diffusivity ("Learning diffusion functions", KA)."""

from ..pde.backend import keras, ops
from .convolution import BLOCK, ReflectingConvolution
from .scalars import CONTRAST_RANGE, check_contrast
from .serialization import build_once, check_positive_integer, register
from .traits import ImageLayer, Traits


@register
class ContrastEstimator(ImageLayer):
    """Estimates from an image the contrast λ of its diffusivity, one number an image.

        λ(u) = λ₀ · exp( w · mean(C_n(… C_1(u))) + b )        clipped to [1e-4, 10]

    with C_i a 3×3 convolution, a ReLU and, but for the last, an average over 2×2 pixels (paper,
    section 3.1: "automation of K"). λ is positive for every weight value, and the same for every
    brightness, since the kernels of C_1 have mean zero. The network starts near λ = λ₀.

    The paper's estimator has 206,000 parameters, batch normalisation and up to 1,024 channels, for
    one number. This one has 5,921, and no normalisation: how strong the noise is is what it must see.

    Args:
        contrast: λ₀ in grey value per px, in [1e-4, 10].
        filters: Number of channels of C_1 … C_n.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, 1, 1, 1)`.

    Example:
        >>> float(ContrastEstimator(0.05)(ops.zeros((1, 16, 16, 1)))[0, 0, 0, 0])
        0.05000000074505806
    """

    traits = Traits(reach=None, gives="number")

    def __init__(self, contrast=0.05, filters=(8, 16, 32), **kwargs):
        super().__init__(**kwargs)
        self.contrast = check_contrast(contrast)
        self.filters = tuple(check_positive_integer(count, "filters") for count in filters)
        self.convolutions = [
            ReflectingConvolution(
                count,
                zero_mean=not i,
                # Noise of 25/255 has the size of 0.1: the first kernels bring it to about one.
                kernel_initializer=keras.initializers.VarianceScaling(2.0 if i else 200.0, "fan_in"),
                dtype=self.dtype_policy,
                name=f"convolution_{i}",
            )
            for i, count in enumerate(self.filters)
        ]

    def build(self, input_shape):
        self.expect_images(input_shape)
        shape = tuple(input_shape)
        for convolution in self.convolutions:
            build_once(convolution, shape)
            shape = (shape[0], None, None, convolution.filters)
        self.direction = self.add_weight(
            shape=(self.filters[-1], 1),
            name="direction",
            initializer=keras.initializers.RandomNormal(stddev=0.01),
        )
        self.offset = self.add_weight(shape=(), name="offset", initializer="zeros")

    def call(self, inputs):
        x = inputs
        for i, convolution in enumerate(self.convolutions):
            x = ops.average_pool(x, BLOCK, BLOCK, padding="same") if i else x
            x = ops.relu(convolution(x))
        exponent = ops.matmul(ops.mean(x, axis=(1, 2)), self.direction) + self.offset
        contrast = ops.clip(self.contrast * ops.exp(exponent), *CONTRAST_RANGE)
        return ops.reshape(contrast, (-1, 1, 1, 1))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 1, 1, 1)

    def get_config(self):
        return {**super().get_config(), "contrast": self.contrast, "filters": self.filters}
