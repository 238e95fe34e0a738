"""The Roth–Black function as a learnable activation ("Learning diffusion functions", FoE-RB)."""

from ..pde.backend import keras, ops
from .serialization import register
from .traits import ImageLayer, Traits


@register
class RothBlack(ImageLayer):
    """The function of Roth and Black, with an exponent that is learned for each channel.

        φ_i(x) = (1 + x²/2)^(−α_i),        α_i = softplus(w_i) > 0

    It is even, 1 at x = 0, and falls to 0 on both sides (paper, section 3.2; Roth and Black 2005: an
    expert of a Student-t distribution). α is positive for every weight value. Defined for all real x.

    Args:
        exponent_initializer: Initialiser of the weights w, a Keras initialiser or its name.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(..., channels)`. Weights: `exponents` `(channels,)`, the w_i.

    Example:
        >>> float(RothBlack()(ops.zeros((1, 1)))[0, 0])
        1.0
    """

    traits = Traits(reach=0, mirrors=True)

    def __init__(self, exponent_initializer="zeros", **kwargs):
        super().__init__(**kwargs)
        self.exponent_initializer = keras.initializers.get(exponent_initializer)

    def build(self, input_shape):
        channels = self.expect_channels(input_shape)
        self.exponents = self.add_weight(
            shape=(channels,), name="exponents", initializer=self.exponent_initializer
        )

    def logarithm(self, inputs):
        """log φ_i(x) = −α_i·log(1 + x²/2), for products of many of them."""
        alpha = ops.softplus(ops.convert_to_tensor(self.exponents))
        # Not `log1p`, an operation that not every runtime has.
        return -alpha * ops.log(1.0 + 0.5 * ops.square(inputs))

    def call(self, inputs):
        return ops.exp(self.logarithm(inputs))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "exponent_initializer": keras.initializers.serialize(self.exponent_initializer),
        }
