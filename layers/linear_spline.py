"""The linear spline as a learnable activation ("Learning diffusion functions", section 3.2)."""

from ..pde.backend import keras, ops, own_gradient, weighted_bincount
from ..pde.compilation import compiled_within
from .serialization import check_positive_integer, register
from .traits import ImageLayer, Traits


def interpolate(x, table, start=0.0):
    """Piecewise linear interpolation in a table of values at equidistant knots, per channel.

    Args:
        x: Tensor `(..., channels)`; the knots are at start + 0, 1/pieces, …, 1, and x is clipped to
            [start, start + 1].
        table: Values at the knots, `(pieces + 1, channels)`.
        start: The first knot.

    Returns:
        Tensor of the shape of x. The gradient with respect to the table adds up what falls between
        each pair of knots with one weighted bincount for each end, where automatic differentiation
        of the look-up would scatter value after value.
    """

    # Numbers, not taken from the shapes: a program that has met other models forgets those.
    pieces, channels = table.shape[0] - 1, table.shape[1]

    @own_gradient
    def spline(x, table):
        def grad(*args, upstream=None):
            upstream = args[0] if upstream is None else upstream
            return gradient_of_interpolation(x, table, upstream, start, pieces, channels)

        return _value(x, table, start, pieces, channels), grad

    return spline(x, table)


def _pieces(x, table, start, pieces, channels):
    """On which piece x is and where, the index of its left end in the flat table, and its rise."""
    position = ops.clip(x - start, 0.0, 1.0) * pieces
    # The last knot belongs to the last piece. float16 cannot hold large indices, int32 can.
    piece = ops.minimum(ops.cast(position, "int32"), pieces - 1)
    fraction = position - ops.cast(piece, x.dtype)
    index = piece * channels + ops.arange(channels, dtype="int32")
    return fraction, index, ops.take(ops.reshape(table[1:] - table[:-1], (-1,)), index)


# One pass over the data where it is compiled as a whole.
@compiled_within
def _value(x, table, start, pieces, channels):
    fraction, index, rise = _pieces(x, table, start, pieces, channels)
    return ops.take(ops.reshape(table, (-1,)), index) + fraction * rise


@compiled_within
def gradient_of_interpolation(x, table, upstream, start, pieces, channels):
    """The gradients of `interpolate` in x and in the table."""
    fraction, index, rise = _pieces(x, table, start, pieces, channels)
    count = pieces * channels
    right = weighted_bincount(index, upstream * fraction, count)
    left = weighted_bincount(index, upstream, count) - right
    no_knot = ops.zeros((1, channels), dtype=table.dtype)
    grad_table = ops.concatenate([ops.reshape(left, (pieces, channels)), no_knot]) + ops.concatenate(
        [no_knot, ops.reshape(right, (pieces, channels))]
    )
    inside = ops.cast(ops.logical_and(x >= start, x <= start + 1.0), x.dtype)
    return upstream * rise * (pieces * inside), grad_table


@register
class LinearSpline(ImageLayer):
    """A continuous, piecewise linear activation, learned for each channel.

    For channel i and N equal pieces of width h = 1/N on [0, 1],

        φ_i(x) = b_i + Σ_j a_ij · clip(x − j·h, 0, h),        j = 0 … N − 1

    with slopes a_ij and the offset b_i = φ_i(0) (paper, section 3.2). Outside of [0, 1] it is
    constant: φ_i(x) = φ_i(0) for x < 0 and φ_i(1) for x > 1.

    Args:
        pieces: Number of pieces N.
        slope_initializer: Initialiser of the slopes, a Keras initialiser or its name.
        offset_initializer: Initialiser of the offsets.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(..., channels)`. Weights: `slopes` `(N, channels)`, `offset`
        `(channels,)`.

    Example:
        >>> spline = LinearSpline(pieces=20, slope_initializer="ones")
        >>> float(spline(ops.convert_to_tensor([[0.25]]))[0, 0])
        0.25
    """

    traits = Traits(reach=0, mirrors=True)

    def __init__(
        self, pieces=20, slope_initializer="random_normal", offset_initializer="zeros", **kwargs
    ):
        super().__init__(**kwargs)
        self.pieces = check_positive_integer(pieces, "pieces")
        self.slope_initializer = keras.initializers.get(slope_initializer)
        self.offset_initializer = keras.initializers.get(offset_initializer)

    def build(self, input_shape):
        channels = self.expect_channels(input_shape)
        self.slopes = self.add_weight(
            shape=(self.pieces, channels), name="slopes", initializer=self.slope_initializer
        )
        self.offset = self.add_weight(
            shape=(channels,), name="offset", initializer=self.offset_initializer
        )

    def piece_slopes(self):
        """The slopes a_ij of the pieces, `(pieces, channels)`."""
        return ops.convert_to_tensor(self.slopes)

    def knot_values(self):
        """The values φ_i(j·h) at the knots, `(pieces + 1, channels)`."""
        offset = ops.expand_dims(ops.convert_to_tensor(self.offset), 0)
        rises = ops.cumsum(self.piece_slopes(), axis=0) / self.pieces
        return ops.concatenate([offset, offset + rises])

    def call(self, inputs):
        return interpolate(inputs, self.knot_values())

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "pieces": self.pieces,
            "slope_initializer": keras.initializers.serialize(self.slope_initializer),
            "offset_initializer": keras.initializers.serialize(self.offset_initializer),
        }
