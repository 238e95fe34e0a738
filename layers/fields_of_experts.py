"""The Fields-of-Experts diffusivity ("Learning diffusion functions", section 3.2)."""

from ..pde import reflect_for_kernel
from ..pde.backend import keras, ops
from .linear_spline import LinearSpline
from .serialization import as_layer, build_once, check_image_shape, check_positive_integer, register


@register
class FieldsOfExperts(keras.layers.Layer):
    """A diffusivity that is learned as the sum of experts' opinions on an image's neighbourhood.

        g(u) = sigmoid( Σ_i φ_i( sigmoid(K_i ∗ u) ) )            i = 1 … N

    K_i are learned k×k kernels, φ_i learned activations on [0, 1] (paper: a(u) = Σ φ_i(K_i u); the
    authors' code takes the exponential of the sum). The sigmoid puts g in (0, 1) whatever the
    weights are, so that an explicit step with τ ≤ ¼ px² obeys the extremum principle for every
    weight value. All channels of u are seen together and share one diffusivity.

    Differences from the authors' code: the kernels have mean zero, and the image is not standardised
    to its own mean and variance. So g does not depend on the brightness, nor, through the contrast
    of the picture elsewhere, on anything outside of the neighbourhood, and noise of a known strength
    means the same in every picture. And the offsets of φ_i can learn.

    Args:
        experts: Number of experts N; the paper has 4 to 34.
        kernel_size: Side k of the kernels; the paper has 3 to 12.
        activation: Layer that maps `(batch, height, width, N)` to the same shape, channel by
            channel; a `LinearSpline` of 20 pieces that peaks at ½, the response of a flat
            neighbourhood, when `None`.
        kernel_initializer: Initialiser of the kernels.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, height, width, 1)`. The boundary
        is reflecting, so height and width must be at least k/2.

    Example:
        >>> g = FieldsOfExperts(experts=4, kernel_size=3)(ops.zeros((1, 8, 8, 1)))
        >>> g.shape
        (1, 8, 8, 1)
    """

    def __init__(self, experts=30, kernel_size=5, activation=None, kernel_initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.experts = check_positive_integer(experts, "experts")
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")
        if activation is None:
            activation = LinearSpline(slope_initializer=Tent(2.0 / experts), offset_initializer="zeros")
        self.activation = as_layer(activation, "activation")
        if kernel_initializer is None:
            kernel_initializer = keras.initializers.RandomNormal(stddev=4.0)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    @property
    def reach(self):
        """How many pixels away a change of u can change g."""
        return self.kernel_size // 2

    def build(self, input_shape):
        check_image_shape(input_shape, "FieldsOfExperts")
        self.kernel = self.add_weight(
            shape=(self.kernel_size, self.kernel_size, input_shape[-1], self.experts),
            name="kernel",
            initializer=self.kernel_initializer,
        )
        build_once(self.activation, (*input_shape[:-1], self.experts))

    def call(self, inputs):
        u = reflect_for_kernel(inputs, self.kernel_size)
        # Without its mean, a kernel sees structure and not brightness.
        kernel = self.kernel - ops.mean(self.kernel, axis=(0, 1), keepdims=True)
        response = ops.sigmoid(ops.conv(u, kernel, padding="valid"))
        return ops.sigmoid(ops.sum(self.activation(response), axis=-1, keepdims=True))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 1)

    def get_config(self):
        return {
            **super().get_config(),
            "experts": self.experts,
            "kernel_size": self.kernel_size,
            "activation": keras.saving.serialize_keras_object(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


@register
class Tent(keras.initializers.Initializer):
    """Slopes of a tent: `height`·2 up to the middle, −`height`·2 beyond it, one for each channel.

    A diffusivity that starts as a sum of tents is largest where no expert responds, as the
    classical ones are.
    """

    def __init__(self, height):
        self.height = float(height)

    def __call__(self, shape, dtype=None):
        pieces = shape[0]
        sign = ops.where(ops.arange(pieces) < pieces // 2, 1.0, -1.0)
        slopes = 2.0 * self.height * ops.reshape(sign, (pieces, *[1] * (len(shape) - 1)))
        return ops.cast(ops.broadcast_to(slopes, shape), dtype or keras.config.floatx())

    def get_config(self):
        return {"height": self.height}
