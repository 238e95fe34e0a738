"""Influence functions: the learned nonlinearities of trainable reaction–diffusion."""

import math

from ..errors import InputError
from ..pde.backend import keras, ops
from .linear_spline import interpolate
from .scalars import Between
from .serialization import check_positive_integer, register
from .traits import ImageLayer, Traits

BOUNDS = (None, "sign", "monotone")
"""What can be asked of influence functions for every weight value."""


@register
class InfluenceFunctions(ImageLayer):
    """φ_i(x) = r_i ψ_i(x/r_i), one for each filter: ψ_i is piecewise linear on [−1, 1].

    Outside of [−r_i, r_i] it is constant. The knots of ψ are equidistant, and the range r_i is learned
    with the values there. A bound holds for every weight value:

    - `"sign"`: 0 ≤ φ(x)/x ≤ 1. ψ(t_j) = g_j t_j at the knots t_j, with weights g_j in [0, 1]. Between
      two knots on one side of 0, ψ(t)/t is a mean of their g_j. So φ(x) = g(x) x with a diffusivity g.
    - `"monotone"`: 0 ≤ φ′(x) ≤ 1 and φ(0) = 0. The weights are the slopes of the pieces, in [0, 1].
      Then φ is the derivative of a convex function.

    Args:
        pieces: Number of pieces, even so that 0 is a knot.
        bound: `None`, `"sign"` or `"monotone"`.
        slope: φ(x) = slope · x within the range at the start.
        span: Range r at the start.
        copies: So many filters share a function: the i-th, the (n + i)-th, the (2 n + i)-th and so on.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(..., filters)`. Weights: `values` `(pieces + 1, n)` with n = filters/copies,
        or `secants` or `slopes` `(pieces, n)`; `log_range` `(n,)`.

    Raises:
        InputError: if `pieces` is odd, there is no bound of this name, a bounded slope is outside of
            [0, 1], `span` is not positive, or the number of filters is no multiple of `copies`.

    Example:
        >>> influence = InfluenceFunctions(slope=0.5)
        >>> round(float(influence(ops.convert_to_tensor([[0.2]]))[0, 0]), 6)
        0.1
    """

    traits = Traits(reach=0, mirrors=True)

    def __init__(self, pieces=20, bound=None, slope=0.1, span=0.5, copies=1, **kwargs):
        super().__init__(**kwargs)
        if check_positive_integer(pieces, "pieces") % 2:
            raise InputError(f"`pieces` must be even, so that 0 is a knot. Received: pieces={pieces}.")
        if bound not in BOUNDS:
            raise InputError(f"`bound` must be one of {BOUNDS}. Received: bound={bound!r}.")
        if bound is not None and not 0 <= slope <= 1:
            raise InputError(f"A bounded `slope` must lie in [0, 1]. Received: slope={slope}.")
        if not span > 0:
            raise InputError(f"`span` must be positive. Received: span={span}.")
        self.pieces, self.bound = pieces, bound
        self.slope, self.span = float(slope), float(span)
        self.copies = check_positive_integer(copies, "copies")

    def build(self, input_shape):
        filters = self.expect_channels(input_shape)
        if filters % self.copies:
            raise InputError(
                f"The number of filters must be a multiple of `copies`. Received: {filters} filters "
                f"with copies={self.copies}."
            )
        functions = filters // self.copies
        if self.bound is None:
            self.values = self.add_weight(
                name="values", shape=(self.pieces + 1, functions), initializer=self._line
            )
        else:
            self.shape_weights = self.add_weight(
                name="secants" if self.bound == "sign" else "slopes",
                shape=(self.pieces, functions),
                initializer=keras.initializers.Constant(self.slope),
                constraint=Between(0.0, 1.0),
            )
        self.log_range = self.add_weight(
            name="log_range",
            shape=(functions,),
            initializer=keras.initializers.Constant(math.log(self.span)),
        )

    def _line(self, shape, dtype=None):
        return self.slope * self._knots(dtype) * ops.ones(shape, dtype)

    def _knots(self, dtype):
        """The knots of ψ in [−1, 1], as a column."""
        index = ops.cast(ops.arange(self.pieces + 1), dtype)
        return ops.expand_dims(index * (2.0 / self.pieces) - 1.0, 1)

    def knot_values(self):
        """The values of ψ at its knots, `(pieces + 1, n)`."""
        if self.bound is None:
            return ops.convert_to_tensor(self.values)
        weights = ops.clip(ops.convert_to_tensor(self.shape_weights), 0.0, 1.0)
        half, none = self.pieces // 2, ops.zeros_like(weights[:1])
        if self.bound == "sign":
            secants = ops.concatenate([weights[:half], none, weights[half:]])
            return secants * self._knots(weights.dtype)
        rises = weights * (2.0 / self.pieces)
        left = ops.flip(ops.cumsum(ops.flip(rises[:half], axis=0), axis=0), axis=0)
        return ops.concatenate([-left, none, ops.cumsum(rises[half:], axis=0)])

    def inverse_widths(self):
        """1/(2 r_i) for each filter, `(filters,)`: what `normalised` wants its input multiplied by."""
        return self._copied(0.5 * ops.exp(-ops.convert_to_tensor(self.log_range)))

    def normalised(self, inputs):
        """φ_i(x) from x/(2 r_i), for a caller that multiplies kernels instead of their responses."""
        table = self._copied(self.knot_values() * ops.exp(ops.convert_to_tensor(self.log_range)))
        return interpolate(inputs, ops.cast(table, inputs.dtype), start=-0.5)

    def _copied(self, functions):
        return ops.tile(functions, (*[1] * (len(functions.shape) - 1), self.copies))

    def call(self, inputs):
        return self.normalised(inputs * ops.cast(self.inverse_widths(), inputs.dtype))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "pieces": self.pieces,
            "bound": self.bound,
            "slope": self.slope,
            "span": self.span,
            "copies": self.copies,
        }
