"""The classical diffusivities g(s²): how strongly a gradient of magnitude s stops the diffusion.

Each is a function of the *squared* gradient magnitude s² ≥ 0 and of the contrast λ > 0, which has
the unit of the gradient (grey value per px). Each is 1 at s = 0, lies in [0, 1] and decreases. The
flux g(s²)·s of the Perona–Malik forms and of Weickert's rises up to s = λ and falls beyond it: weak
gradients are smoothed, strong ones sharpened. Charbonnier's flux never falls.
"""

from .backend import Tensor, ops


def perona_malik_rational(squared_gradient: Tensor, contrast: float | Tensor) -> Tensor:
    """g = 1/(1 + s²/λ²) (Perona and Malik 1990; the paper "Learning diffusion functions", eq. 1).

    Args:
        squared_gradient: s² ≥ 0, tensor of any shape in (grey value)² per px².
        contrast: λ > 0 in grey value per px, a number or a scalar tensor.

    Returns:
        g, tensor of the shape of s².

    Example:
        >>> [round(float(perona_malik_rational(ops.array(s * s), 1.0)), 2) for s in (0.5, 2.0)]
        [0.8, 0.2]
    """
    return 1.0 / (1.0 + squared_gradient / (contrast * contrast))


def perona_malik_exponential(squared_gradient: Tensor, contrast: float | Tensor) -> Tensor:
    """g = exp(−s²/2λ²) (Perona and Malik 1990, with λ where the flux has its maximum).

    Args:
        squared_gradient: s² ≥ 0, tensor of any shape in (grey value)² per px².
        contrast: λ > 0 in grey value per px, a number or a scalar tensor.

    Returns:
        g, tensor of the shape of s².

    Example:
        >>> [round(float(perona_malik_exponential(ops.array(s * s), 1.0)), 2) for s in (0.5, 2.0)]
        [0.88, 0.14]
    """
    return ops.exp(-0.5 * squared_gradient / (contrast * contrast))


def charbonnier(squared_gradient: Tensor, contrast: float | Tensor) -> Tensor:
    """g = 1/√(1 + s²/λ²) (Charbonnier et al. 1997): a convex flow, since the flux never falls.

    Args:
        squared_gradient: s² ≥ 0, tensor of any shape in (grey value)² per px².
        contrast: λ > 0 in grey value per px, a number or a scalar tensor.

    Returns:
        g, tensor of the shape of s².

    Example:
        >>> [round(float(charbonnier(ops.array(s * s), 1.0)), 2) for s in (0.5, 2.0)]
        [0.89, 0.45]
    """
    return ops.rsqrt(1.0 + squared_gradient / (contrast * contrast))


def weickert(squared_gradient: Tensor, contrast: float | Tensor) -> Tensor:
    """g = 1 − exp(−3.31488/(s/λ)⁸), g(0) = 1 (Weickert 1998): almost 1 below λ, almost 0 above.

    Args:
        squared_gradient: s² ≥ 0, tensor of any shape in (grey value)² per px².
        contrast: λ > 0 in grey value per px, a number or a scalar tensor.

    Returns:
        g, tensor of the shape of s².

    Example:
        >>> [round(float(weickert(ops.array(s * s), 1.0)), 2) for s in (0.5, 2.0)]
        [1.0, 0.01]
    """
    # (s/λ)⁸ is kept away from zero and infinity, where its reciprocal is no number.
    ratio = ops.clip(squared_gradient / (contrast * contrast), 1e-2, 1e2)
    return 1.0 - ops.exp(-3.31488 / ops.square(ops.square(ratio)))


DIFFUSIVITIES = {
    "perona_malik_rational": perona_malik_rational,
    "perona_malik_exponential": perona_malik_exponential,
    "charbonnier": charbonnier,
    "weickert": weickert,
}
"""The classical diffusivities by name."""
