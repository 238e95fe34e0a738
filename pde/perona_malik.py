"""The diffusivity of Perona and Malik's own scheme."""

from collections.abc import Callable

from .backend import Tensor, ops
from .differences import COLUMNS, ROWS, edge_difference
from .diffusivities import perona_malik_rational


def edgewise_diffusivity(
    u: Tensor,
    contrast: float,
    diffusivity: Callable[[Tensor, float], Tensor] = perona_malik_rational,
    spacing: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """The diffusivity of Perona and Malik's own scheme: each edge by its own difference.

    BLADE, eq. 3.4:

        g_x = g((D₊u_x)²),   g_y = g((D₊u_y)²)

    So it solves ∂u/∂t = ∂_x(g(u_x²) u_x) + ∂_y(g(u_y²) u_y) (BLADE, eq. 3.3).

    Args:
        u: Tensor `(batch, height, width, channels)`; each channel by itself.
        contrast: c in grey value per unit of length.
        diffusivity: g as a function of squared gradient and contrast.
        spacing: h, the side of a pixel; 1 unless lengths have another unit than px.

    Returns:
        A pair of tensors on the edges, as `diffusion_rate` takes them.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 1.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(edgewise_diffusivity(u, contrast=1.0)[1]).ravel()
        array([1. , 0.5, 1. ], dtype=float32)
    """
    return tuple(
        diffusivity(ops.square(edge_difference(u, axis) * (1.0 / spacing)), contrast)
        for axis in (ROWS, COLUMNS)
    )
