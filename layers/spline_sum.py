"""A sum of experts that are splines: Σ_i φ_i(sigmoid(K_i ∗ u))."""

from ..pde.backend import Tensor, building_program, correlate, ops, own_gradient
from ..pde.compilation import compiled
from ..pde.tracing import being_traced
from .linear_spline import gradient_of_interpolation, interpolate

_LANES = 16
"""Experts that are zero fill up a multiple of it: a processor computes so many at once."""


def sum_of_splines(u: Tensor, kernel: Tensor, table: Tensor) -> Tensor:
    """Σ_i φ_i(sigmoid(K_i ∗ u)) for a valid correlation.

    In a compiled program a spline is no look-up but a sum of ramps,

        φ(x) = φ(0) + Σ_j b_j max(0, N x − j),        j = 0 … N − 1,

    with the bends b_j of N pieces, which a processor computes for many experts at once; and sigmoid,
    splines and sum are one program. The gradient is that of the look-up.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        kernel: Tensor `(rows, columns, channels, experts)`.
        table: φ_i at equidistant knots in [0, 1], `(pieces + 1, experts)`.

    Returns:
        Tensor `(batch, height − rows + 1, width − columns + 1, 1)`.
    """
    program = being_traced()
    compiles = building_program() and program.compiled_parts and program.own_gradients
    if not compiles or u.dtype != "float32":
        opinions = interpolate(ops.sigmoid(correlate(u, kernel)), table)
        return ops.sum(opinions, axis=-1, keepdims=True)
    missing = -kernel.shape[-1] % _LANES
    # No padding operation: TensorFlow takes one before a convolution for the margin of its image.
    kernel, table = (
        ops.concatenate([each, ops.zeros((*each.shape[:-1], missing), each.dtype)], axis=-1)
        for each in (kernel, table)
    )
    return _sum(correlate(u, kernel), table)


@own_gradient
def _sum(responses, table):
    # Numbers, not taken from the shapes: a program that has met other models forgets those.
    pieces, experts = table.shape[0] - 1, table.shape[1]

    def grad(*args, upstream=None):
        upstream = args[0] if upstream is None else upstream
        position = ops.sigmoid(responses)
        each = upstream * ops.ones_like(position)
        of_position, of_table = gradient_of_interpolation(position, table, each, 0.0, pieces, experts)
        return of_position * position * (1.0 - position), of_table

    return _ramps(responses, table, pieces, experts), grad


@compiled
def _ramps(responses, table, pieces, experts):
    slopes = table[1:] - table[:-1]
    bends = [slopes[0], *(slopes[j] - slopes[j - 1] for j in range(1, pieces))]
    position = pieces * ops.sigmoid(responses)
    value = bends[0] * position
    for j in range(1, pieces):
        value = value + bends[j] * ops.relu(position - j)
    # A product adds up faster than a sum over the last axis, which is compiled number by number.
    return ops.matmul(value, ops.ones((experts, 1), value.dtype)) + ops.sum(table[0])
