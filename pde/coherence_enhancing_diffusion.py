"""Coherence-enhancing diffusion with derivatives optimised for rotation (Weickert and Scharr)."""

from .backend import Tensor
from .boundary import reflect
from .compilation import compiled
from .diffusion_tensors import coherence_enhancing
from .smoothing import gaussian_weights
from .structure import outer_product, smoothed


def scharr_gradient(u: Tensor) -> tuple[Tensor, Tensor]:
    """∂u/∂x and ∂u/∂y by 3×3 filters whose direction errs least (BLADE, eq. 3.9).

    Args:
        u: Tensor `(batch, height, width, channels)`.

    Returns:
        Two tensors `(batch, height − 2, width − 2, channels)`, x to the right and y downwards.

    Example:
        >>> from keras import ops
        >>> u = ops.ones((1, 3, 1, 1)) * ops.reshape(ops.arange(3.0), (1, 1, 3, 1))
        >>> [float(derivative[0, 0, 0, 0]) for derivative in scharr_gradient(u)]
        [1.0, 0.0]
    """
    x = u[:, :, 2:] - u[:, :, :-2]
    y = u[:, 2:] - u[:, :-2]
    smooth_x = (3.0 * (x[:, 2:] + x[:, :-2]) + 10.0 * x[:, 1:-1]) / 32.0
    smooth_y = (3.0 * (y[:, :, 2:] + y[:, :, :-2]) + 10.0 * y[:, :, 1:-1]) / 32.0
    return smooth_x, smooth_y


def coherence_enhancing_rate(
    u: Tensor, rho: float = 1.0, least: float = 0.01, contrast: float = 1e-5, spacing: float = 1.0
) -> Tensor:
    """The right-hand side div(D ∇u) of coherence-enhancing diffusion (BLADE, eqs. 3.5–3.9).

    D is `coherence_enhancing` of the structure tensor J_ρ = G_ρ ∗ ∇u ∇uᵀ. All derivatives, also those
    of the divergence, are `scharr_gradient`. The image is mirrored at its border, so that no flux
    leaves it and the mean is kept.

    Args:
        u: Tensor `(batch, height, width, channels)`; each channel by itself.
        rho: ρ in units of length.
        least: α.
        contrast: C in (grey value per unit of length)⁴.
        spacing: h, the side of a pixel; 1 unless lengths have another unit than px.

    Returns:
        Tensor of the shape of u, in grey value per squared unit of length.

    Example:
        >>> from keras import ops
        >>> u = ops.reshape(ops.arange(64.0) / 64.0, (1, 8, 8, 1))
        >>> abs(round(float(ops.mean(coherence_enhancing_rate(u, rho=0.5))), 4))
        0.0
    """
    weights = tuple(gaussian_weights(rho / spacing))
    radius = len(weights) // 2
    padded = reflect(u, 2 + radius)
    structure = smoothed(_products(padded), weights)
    inner = padded[:, radius:-radius, radius:-radius] if radius else padded
    return _divergence(*_flux(inner, *structure, least, contrast, spacing), spacing)


# As one program this is 22 times slower, see `smooth_along`.
@compiled
def _products(u):
    return outer_product(*scharr_gradient(u))


@compiled
def _flux(u, j11, j12, j22, least, contrast, spacing):
    structure = [entry * spacing**-2 for entry in (j11, j12, j22)]
    a, b, c = coherence_enhancing(structure, least, contrast)
    x, y = scharr_gradient(u)
    return a * x + b * y, b * x + c * y


@compiled
def _divergence(x, y, spacing):
    return spacing**-2 * (scharr_gradient(x)[0] + scharr_gradient(y)[1])


def stable_coherence_enhancing_time_step(spacing: float = 1.0) -> float:
    """The largest stable explicit step, 1.98 h², for D ≤ 1.

    The symbol of the two filters is (sin k_x (5 + 3 cos k_y)/8, sin k_y (5 + 3 cos k_x)/8), whose
    squared norm is at most 1.0091.

    Args:
        spacing: h, the side of a pixel in units of length.

    Returns:
        A float, in squared units of length.

    Example:
        >>> round(stable_coherence_enhancing_time_step(), 2)
        1.98
    """
    return 2.0 / 1.0092 * spacing * spacing
