"""The rate div(g ∇u) of diffusion, discretised so that no grey value is lost, and its stable steps."""

from ..errors import InputError
from .backend import Tensor
from .differences import COLUMNS, ROWS, edge_average, edge_difference, edge_divergence

Diffusivity = Tensor | tuple[Tensor, Tensor] | list[Tensor]
"""g at the pixels, or on the edges along rows and columns; see `diffusion_rate`."""

MAX_TIME_STEP = 0.25
"""The largest stable explicit step in px² for a diffusivity of at most 1; see `stable_time_step`."""


def diffusion_rate(u: Tensor, diffusivity: Diffusivity) -> Tensor:
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

    Example:
        >>> from keras import ops
        >>> u = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(diffusion_rate(u, ops.ones((1, 1, 2, 1)))).ravel()
        array([ 2., -2.], dtype=float32)
    """
    if not isinstance(diffusivity, tuple | list):
        diffusivity = [edge_average(diffusivity, axis) for axis in (ROWS, COLUMNS)]
    return sum(
        edge_divergence(g * edge_difference(u, axis), axis)
        for g, axis in zip(diffusivity, (ROWS, COLUMNS), strict=True)
    )


def stable_time_step(max_diffusivity: float = 1.0) -> float:
    """The largest τ for which u + τ·div(g ∇u) is stable, in px²: τ = 1/(4·max g).

    Up to this bound every pixel of the new image is a convex combination of old pixels, so the
    extremum principle min u ≤ u_new ≤ max u holds, and with it stability in the maximum norm; the
    Euclidean norm does not grow either, since ‖div(g ∇·)‖ ≤ 8·max g. It is sharp: a checkerboard
    in a constant g grows beyond it.

    Args:
        max_diffusivity: max g > 0.

    Returns:
        A float, in px².

    Raises:
        InputError: if `max_diffusivity` is not positive.

    Example:
        >>> stable_time_step(2.0)
        0.125
    """
    if not max_diffusivity > 0:
        raise InputError(
            f"`max_diffusivity` must be positive. Received: max_diffusivity={max_diffusivity}."
        )
    return 1.0 / (4.0 * max_diffusivity)


def check_time_step(time_step: float, bound: float = MAX_TIME_STEP) -> float:
    """Returns `time_step` as a float if 0 < time_step ≤ bound, and says what to do otherwise.

    Args:
        time_step: τ in px².
        bound: The largest stable τ in px².

    Returns:
        τ as a float.

    Raises:
        InputError: if not 0 < τ ≤ `bound`.

    Example:
        >>> check_time_step(0.25)
        0.25
    """
    if not 0 < time_step <= bound:
        raise InputError(
            f"`time_step` must be positive and at most {bound:g} px² for a stable 2-D step; change "
            f"`steps` to reach another stopping time. Received: time_step={time_step}."
        )
    return float(time_step)
