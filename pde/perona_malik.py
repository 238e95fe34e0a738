"""Perona–Malik diffusion ∂u/∂t = div(g ∇u), discretised so that no grey value is lost."""

from ..errors import InputError
from .backend import ops
from .differences import COLUMNS, ROWS, edge_average, edge_difference, edge_divergence
from .diffusivities import perona_malik_rational

MAX_TIME_STEP = 0.25
"""The largest stable explicit step in px² for a diffusivity of at most 1; see `stable_time_step`."""


def diffusion_rate(u, diffusivity):
    """The right-hand side div(g ∇u), in conservative form.

    On each edge between two pixels, the diffusivity is multiplied with their difference, and the
    divergence of this flux is taken:

        (div(g ∇u))_i = Σ_{j ∈ N(i)} g_ij · (u_j − u_i),   N(i) the four neighbours

    The matrix of this operator is symmetric and negative semidefinite for g ≥ 0, and its rows and
    columns sum to zero, so the mean of u is preserved.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        diffusivity: g ≥ 0, one for all channels or one for each. Either at the pixels, a tensor
            `(batch, height, width, 1)`: then g_ij = (g_i + g_j)/2. Or on the edges, a pair of
            tensors `(batch, height + 1, width, 1)` and `(batch, height, width + 1, 1)`, for the
            differences along rows and columns as `edge_difference` has them; the values on the
            border do not matter.

    Returns:
        Tensor of the shape of u, in grey value per px².
    """
    if not isinstance(diffusivity, tuple | list):
        diffusivity = [edge_average(diffusivity, axis) for axis in (ROWS, COLUMNS)]
    return sum(
        edge_divergence(g * edge_difference(u, axis), axis)
        for g, axis in zip(diffusivity, (ROWS, COLUMNS), strict=True)
    )


def edgewise_diffusivity(u, contrast, diffusivity=perona_malik_rational, spacing=1.0):
    """The diffusivity of Perona and Malik's own scheme: each edge by its own difference (BLADE, 3.4).

        g_x = g((D₊u_x)²),   g_y = g((D₊u_y)²)

    So it solves ∂u/∂t = ∂_x(g(u_x²) u_x) + ∂_y(g(u_y²) u_y) (eq. 3.3).

    Args:
        u: Tensor `(batch, height, width, channels)`; each channel by itself.
        contrast: c in grey value per unit of length.
        diffusivity: g as a function of squared gradient and contrast.
        spacing: h, the side of a pixel; 1 unless lengths have another unit than px.

    Returns:
        A pair of tensors on the edges, as `diffusion_rate` takes them.
    """
    return tuple(
        diffusivity(ops.square(edge_difference(u, axis) * (1.0 / spacing)), contrast)
        for axis in (ROWS, COLUMNS)
    )


def stable_time_step(max_diffusivity=1.0):
    """The largest τ for which u + τ·div(g ∇u) is stable, in px²: τ = 1/(4·max g).

    Up to this bound every pixel of the new image is a convex combination of old pixels, so the
    extremum principle min u ≤ u_new ≤ max u holds, and with it stability in the maximum norm; the
    Euclidean norm does not grow either, since ‖div(g ∇·)‖ ≤ 8·max g. It is sharp: a checkerboard
    in a constant g grows beyond it.
    """
    if not max_diffusivity > 0:
        raise InputError(
            f"`max_diffusivity` must be positive. Received: max_diffusivity={max_diffusivity}."
        )
    return 1.0 / (4.0 * max_diffusivity)


def check_time_step(time_step, bound=MAX_TIME_STEP):
    """Returns `time_step` as a float if 0 < time_step ≤ bound, and says what to do otherwise."""
    if not 0 < time_step <= bound:
        raise InputError(
            f"`time_step` must be positive and at most {bound:g} px² for a stable 2-D step; change "
            f"`steps` to reach another stopping time. Received: time_step={time_step}."
        )
    return float(time_step)
