"""Perona–Malik diffusion ∂u/∂t = div(g ∇u), discretised so that no grey value is lost."""

from .differences import COLUMNS, ROWS, edge_average, edge_difference, edge_divergence
from .errors import InputError

MAX_TIME_STEP = 0.25
"""The largest stable explicit step in px² for a diffusivity of at most 1; see `stable_time_step`."""


def diffusion_rate(u, diffusivity):
    """The right-hand side div(g ∇u), in conservative form.

    The diffusivity is averaged from the pixels to the edges between them, multiplied there with
    the difference of the two pixels, and the divergence of this flux is taken:

        (div(g ∇u))_i = Σ_{j ∈ N(i)} (g_i + g_j)/2 · (u_j − u_i),   N(i) the four neighbours

    The matrix of this operator is symmetric and negative semidefinite for g ≥ 0, and its rows and
    columns sum to zero, so the mean of u is preserved.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        diffusivity: Tensor g ≥ 0, `(batch, height, width, 1)` (one for all channels) or one for
            each channel.

    Returns:
        Tensor of the shape of u, in grey value per px².
    """
    return sum(
        edge_divergence(edge_average(diffusivity, axis) * edge_difference(u, axis), axis)
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
