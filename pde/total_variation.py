"""Total variation flow ∂u/∂t = div(∇u/|∇u|) by the scheme of Rudin, Osher and Fatemi."""

from .backend import Tensor, ops
from .boundary import reflect
from .differences import COLUMNS, ROWS


def minmod(a: Tensor, b: Tensor) -> Tensor:
    """The smaller of two numbers of the same sign, zero for two of different signs.

    Args:
        a: Tensor of any shape.
        b: Tensor of the same shape.

    Returns:
        Tensor of this shape, in the unit of a and b.

    Example:
        >>> [float(minmod(ops.array(1.0), ops.array(b))) for b in (2.0, -2.0)]
        [1.0, 0.0]
    """
    return ops.maximum(ops.minimum(a, b), 0.0) + ops.minimum(ops.maximum(a, b), 0.0)


def total_variation_diffusivity(
    u: Tensor, epsilon: float = 0.01, spacing: float = 1.0
) -> tuple[Tensor, Tensor]:
    """1/|∇u| on the edges between pixels (BLADE, eq. 3.2).

        g_x = 1/√((D₊u_x)² + m(D₊u_y, D₋u_y)² + ε²),   g_y likewise

    m is the minmod of Rudin, Osher and Fatemi (1992), which takes the smaller slope where two agree in
    sign and none where they do not; the paper prints a minimum there. ε keeps g finite where the image
    is flat.

    Args:
        u: Tensor `(batch, height, width, channels)`; each channel by itself.
        epsilon: ε > 0 in grey value per unit of length.
        spacing: h, the side of a pixel; 1 unless lengths have another unit than px.

    Returns:
        A pair of tensors `(batch, height + 1, width, channels)` and `(batch, height, width + 1,
        channels)`, as `diffusion_rate` takes them.

    Example:
        >>> g = total_variation_diffusivity(ops.ones((1, 4, 4, 1)), epsilon=0.1)
        >>> [round(float(edges[0, 0, 0, 0]), 3) for edges in g]
        [10.0, 10.0]
    """
    p = reflect(u, 1)
    found = []
    for axis in (ROWS, COLUMNS):
        here, there, after, before = _neighbours(p, axis)
        along, across = there - here, minmod(after - here, here - before)
        small = (epsilon * spacing) ** 2
        found.append(spacing * ops.rsqrt(along * along + across * across + small))
    return tuple(found)


def _neighbours(p, axis):
    """For each edge: the pixel before it, the one after it, and those beside the one before it."""
    if axis == ROWS:
        return p[:, :-1, 1:-1], p[:, 1:, 1:-1], p[:, :-1, 2:], p[:, :-1, :-2]
    return p[:, 1:-1, :-1], p[:, 1:-1, 1:], p[:, 2:, :-1], p[:, :-2, :-1]
