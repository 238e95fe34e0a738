"""A convolution with the reflecting boundary."""

from ..pde import reflect_for_kernel
from ..pde.backend import correlate, keras, ops
from .serialization import check_positive_integer, register
from .traits import ImageLayer, Traits

BLOCK = (2, 2)
"""What is pooled into one pixel. Keras 3.15 on JAX pools with a pair of numbers only, not with one."""


@register
class ReflectingConvolution(ImageLayer):
    """y_c = b_c + Σ K_c ∗ u with the image mirrored at its border, so that its size stays.

    Args:
        filters: Number of channels of the result.
        kernel_size: Side of the kernels.
        zero_mean: Whether the mean of each kernel is taken off it, so that the result does not depend
            on the brightness.
        kernel_initializer: Initialiser of the kernels.
        bias_initializer: Initialiser of the biases.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, height, width, filters)`.

    Example:
        >>> tuple(ReflectingConvolution(4)(ops.zeros((1, 8, 8, 1))).shape)
        (1, 8, 8, 4)
    """

    def __init__(
        self,
        filters,
        kernel_size=3,
        zero_mean=False,
        kernel_initializer="he_normal",
        bias_initializer="zeros",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = check_positive_integer(filters, "filters")
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")
        self.zero_mean = bool(zero_mean)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=self.kernel_size // 2,
            smallest_side=max(1, self.kernel_size // 2),
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        self.kernel = self.add_weight(
            shape=(self.kernel_size, self.kernel_size, input_shape[-1], self.filters),
            name="kernel",
            initializer=self.kernel_initializer,
        )
        self.bias = self.add_weight(
            shape=(self.filters,), name="bias", initializer=self.bias_initializer
        )

    def call(self, inputs):
        kernel = ops.convert_to_tensor(self.kernel)
        if self.zero_mean:
            kernel = kernel - ops.mean(kernel, axis=(0, 1), keepdims=True)
        return correlate(reflect_for_kernel(inputs, self.kernel_size), kernel) + self.bias

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.filters)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "zero_mean": self.zero_mean,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
        }
