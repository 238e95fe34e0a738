"""Initialisers of splines: diffusivities that start as a sum of them are classical in shape."""

import math

from ..pde.backend import keras, ops
from .serialization import register


def _up_and_down(shape, first, second, dtype):
    """`first` for the first half of the pieces, `second` for the others; one row a piece."""
    lower = ops.reshape(ops.arange(shape[0]) < shape[0] // 2, (shape[0], *[1] * (len(shape) - 1)))
    dtype = dtype or keras.config.floatx()
    return ops.cast(ops.where(lower, first, second), dtype) * ops.ones(shape, dtype)


@register
class Tent(keras.initializers.Initializer):
    """Slopes of a tent on [0, 1]: `height`·2 up to the middle, −`height`·2 beyond it.

    A diffusivity that starts as a sum of tents is largest where no expert responds, as the
    classical ones are. For `LinearSpline`.

    Args:
        height: Height of the tent, its value at ½.

    Example:
        >>> ops.convert_to_numpy(Tent(1.0)((4, 1))).ravel()
        array([ 2.,  2., -2., -2.], dtype=float32)
    """

    def __init__(self, height):
        self.height = float(height)

    def __call__(self, shape, dtype=None):
        return _up_and_down(shape, 2.0 * self.height, -2.0 * self.height, dtype)

    def get_config(self):
        return {"height": self.height}


@register
class Shoulder(keras.initializers.Initializer):
    """A spline that is level up to the middle of [0, 1] and falls by `height` beyond it.

    A tent cannot decrease everywhere, but two experts with opposite kernels and shoulders make one.
    For `DecreasingLinearSpline`: the values are its weights w, with slopes −softplus(w).

    Args:
        height: By how much the spline falls, > 0.

    Example:
        >>> ops.convert_to_numpy(Shoulder(1.0)((4, 1))).ravel().round(2)
        array([-6.  , -6.  ,  1.85,  1.85], dtype=float32)
    """

    def __init__(self, height):
        self.height = float(height)

    def __call__(self, shape, dtype=None):
        return _up_and_down(shape, -6.0, math.log(math.expm1(2.0 * self.height)), dtype)

    def get_config(self):
        return {"height": self.height}
