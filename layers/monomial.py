"""Monomials as a learnable activation ("Learning diffusion functions", section 3.2, FoE-M)."""

import numpy as np

from ..pde.backend import keras, ops, own_gradient
from ..pde.compilation import compiled_within
from .serialization import check_positive_integer, register
from .traits import ImageLayer, Traits


# One pass over the data instead of two for each bit.
@compiled_within
def _power(x, exponents):
    """x to a whole power ≥ 0, one for each channel, by repeated squaring."""
    exponents = np.array(exponents)
    result, square = ops.ones_like(x), x
    for bit in range(int(exponents.max()).bit_length()):
        chosen = (exponents >> bit) & 1 == 1
        result = ops.where(chosen, result * square, result)
        square = ops.square(square)
    return result


def monomials(x, coefficients, exponents):
    """β_i·x^{n_i} for channel i, with a gradient that multiplies and never divides.

    Args:
        x: Tensor `(..., channels)`.
        coefficients: The β_i, a tensor `(channels,)`.
        exponents: The n_i ≥ 1, a NumPy array of integers `(channels,)`.

    Returns:
        Tensor of the shape of x.
    """

    @own_gradient
    def value_and_gradient(x, coefficients):
        lower = _power(x, tuple(int(n) - 1 for n in exponents))
        power = lower * x

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            scale = coefficients * ops.cast(exponents, x.dtype)
            axes = tuple(range(len(x.shape) - 1))
            return upstream * scale * lower, ops.sum(upstream * power, axis=axes)

        return coefficients * power, grad

    return value_and_gradient(x, coefficients)


@register
class Monomial(ImageLayer):
    """A monomial as activation, with a coefficient that is learned for each channel.

        φ_i(x) = β_i · x^{n_i}

    The exponents are fixed: 1, 2, …, `degree` for the first channels, then again from 1 on. The paper
    has one expert a degree, so that a(u) = Σ_i β_i (K_i u)^i (section 3.2). Defined for all real x;
    beyond |x| = 1 it grows as fast as its degree says.

    Args:
        degree: The largest exponent; the number of channels when `None`.
        coefficient_initializer: Initialiser of the β_i, a Keras initialiser or its name.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(..., channels)`. Weights: `coefficients` `(channels,)`.

    Example:
        >>> activation = Monomial(coefficient_initializer="ones")
        >>> [float(y) for y in activation(ops.convert_to_tensor([[3.0, 3.0, 3.0]]))[0]]
        [3.0, 9.0, 27.0]
    """

    traits = Traits(reach=0, mirrors=True)

    def __init__(self, degree=None, coefficient_initializer="random_normal", **kwargs):
        super().__init__(**kwargs)
        self.degree = None if degree is None else check_positive_integer(degree, "degree")
        self.coefficient_initializer = keras.initializers.get(coefficient_initializer)

    def build(self, input_shape):
        channels = self.expect_channels(input_shape)
        self.exponents = np.arange(channels, dtype="int32") % (self.degree or channels) + 1
        self.coefficients = self.add_weight(
            shape=(channels,), name="coefficients", initializer=self.coefficient_initializer
        )

    def call(self, inputs):
        return monomials(inputs, ops.convert_to_tensor(self.coefficients), self.exponents)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "degree": self.degree,
            "coefficient_initializer": keras.initializers.serialize(self.coefficient_initializer),
        }
