"""Additive operator splitting (AOS): implicit diffusion, one axis at a time, stable for every step."""

from .backend import Tensor, ops
from .differences import COLUMNS, ROWS
from .loops import repeat


def additive_splitting_step(
    u: Tensor, diffusivity: tuple[Tensor, Tensor], time_step: float | Tensor
) -> Tensor:
    """One semi-implicit step (Weickert, ter Haar Romeny and Viergever 1998).

        u⁽ᵏ⁺¹⁾ = ½ Σ_l (I − 2τ A_l(u⁽ᵏ⁾))⁻¹ u⁽ᵏ⁾,   l = rows, columns

    Each system is tridiagonal and diagonally dominant; it is solved by elimination, for all lines of
    the image at once. Stable for every τ > 0 and g ≥ 0, range and mean are kept. First order in τ.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        diffusivity: g ≥ 0 on the edges between pixels, a pair as `diffusion_rate` takes it.
        time_step: τ in px².

    Returns:
        Tensor of the shape of u.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 1.0]), (1, 1, 2, 1))
        >>> g = ops.ones((1, 2, 2, 1)), ops.ones((1, 1, 3, 1))
        >>> ops.convert_to_numpy(additive_splitting_step(u, g, 0.5)).ravel().round(2)
        array([0.17, 0.83], dtype=float32)
    """
    rows = _solve_along_rows(u, 2.0 * time_step * diffusivity[0])
    turned = [ops.transpose(v, (0, 2, 1, 3)) for v in (u, diffusivity[1])]
    columns = _solve_along_rows(turned[0], 2.0 * time_step * turned[1])
    return 0.5 * (rows + ops.transpose(columns, (0, 2, 1, 3)))


def _solve_along_rows(f, coupling):
    """Solves (I − div(c ∇)) u = f along axis 1, with the couplings c on its n + 1 edges."""
    size = f.shape[ROWS]
    f = ops.transpose(f, (ROWS, 0, COLUMNS, 3))
    c = ops.transpose(coupling, (ROWS, 0, COLUMNS, 3))
    # Nothing passes through the border, whatever the coupling there is.
    inner = ops.concatenate([ops.zeros_like(c[:1]), c[1:-1], ops.zeros_like(c[:1])], axis=0)
    ratio, value = ops.zeros_like(f), ops.zeros_like(f)

    # Gaussian elimination downwards (Thomas): u_i = value_i + ratio_i u_{i+1}.
    def down(state):
        i, ratio, value, last_ratio, last_value = state
        above, below = inner[i], inner[i + 1]
        pivot = 1.0 / (1.0 + below + above * (1.0 - last_ratio))
        last_ratio, last_value = below * pivot, (f[i] + above * last_value) * pivot
        return (
            i + 1,
            ops.slice_update(ratio, (i, 0, 0, 0), last_ratio[None]),
            ops.slice_update(value, (i, 0, 0, 0), last_value[None]),
            last_ratio,
            last_value,
        )

    def up(state):
        i, solution, last = state
        last = value[i] + ratio[i] * last
        return i - 1, ops.slice_update(solution, (i, 0, 0, 0), last[None]), last

    zero = ops.zeros_like(f[0])
    first = ops.convert_to_tensor(0, dtype="int32")
    _, ratio, value, _, _ = repeat(down, (first, ratio, value, zero, zero), size)
    last = ops.convert_to_tensor(size - 1, dtype="int32")
    _, solution, _ = repeat(up, (last, ops.zeros_like(f), zero), size)
    return ops.transpose(solution, (1, 0, 2, 3))
