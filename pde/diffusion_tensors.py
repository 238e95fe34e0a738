"""Diffusion tensors from the smoothed structure of an image: edge-enhancing, coherence-enhancing."""

from .backend import ops
from .boundary import reflect
from .smoothing import gaussian_weights, smooth_valid


def structure_tensor(u, sigma, rho=0.0):
    """J_ρ = G_ρ ∗ Σ_c ∇u_σ ∇u_σᵀ at the corners of the pixels, one for all channels (Weickert 1998).

    The image is mirrored at its border before anything else, so that the structure there is that of
    the mirrored image.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        sigma: Scale of the noise in px: derivatives are those of G_σ ∗ u. A number, or weights as
            `gaussian_weights` gives them.
        rho: Integration scale in px, likewise.

    Returns:
        Entries (j₁₁, j₁₂, j₂₂), x to the right and y downwards, tensors `(batch, height + 1, width + 1,
        1)` in (grey value)² per px².
    """
    inner, outer = gaussian_weights(sigma), gaussian_weights(rho)
    u = smooth_valid(reflect(u, len(inner) // 2 + len(outer) // 2 + 1), inner)
    p, q, r, s = u[:, :-1, :-1], u[:, :-1, 1:], u[:, 1:, :-1], u[:, 1:, 1:]
    x, y = 0.5 * (q - p + s - r), 0.5 * (r - p + s - q)
    products = (ops.sum(e, axis=-1, keepdims=True) for e in (x * x, x * y, y * y))
    return tuple(smooth_valid(product, outer) for product in products)


def _polar(tensor):
    """Mean and half the difference of the eigenvalues, and the cosine and sine of twice the angle."""
    a, b, c = tensor
    mean, half = 0.5 * (a + c), 0.5 * (a - c)
    # A root has no derivative at zero, where there is no direction either.
    radius = ops.sqrt(half * half + b * b + 1e-20)
    return mean, radius, half / radius, b / radius


def eigenvalues(tensor):
    """The eigenvalues μ₁ ≥ μ₂ of a symmetric tensor with entries (a, b, c)."""
    mean, radius, *_ = _polar(tensor)
    return mean + radius, mean - radius


def with_eigenvalues(structure, function):
    """A diffusion tensor with the eigenvectors of a structure tensor, and other eigenvalues.

    Args:
        structure: Entries (j₁₁, j₁₂, j₂₂).
        function: Function of its eigenvalues μ₁ ≥ μ₂ that returns λ₁, across the structure, and λ₂,
            along it.

    Returns:
        Entries (a, b, c) of D.
    """
    mean, radius, cosine, sine = _polar(structure)
    across, along = function(mean + radius, mean - radius)
    middle, half = 0.5 * (across + along), 0.5 * (across - along)
    return middle + half * cosine, half * sine, middle - half * cosine


def edge_enhancing(structure, diffusivity):
    """D = g(J): full diffusion along edges, little across them (edge-enhancing, Weickert 1998).

    Args:
        structure: J_ρ; for ρ = 0 and one channel μ₁ = |∇u_σ|² and μ₂ = 0.
        diffusivity: g as a function of the squared gradient, for instance `weickert`.

    Returns:
        Entries (a, b, c) of D, whose eigenvalues lie in [0, 1].
    """
    return with_eigenvalues(structure, lambda across, along: (diffusivity(across), diffusivity(along)))


def edge_enhancing_single(structure, diffusivity):
    """The same for the structure of one gradient, J = ∇u ∇uᵀ: without roots, at half the price.

        D = I + (g(|∇u|²) − 1)/|∇u|² J

    Args:
        structure: J of rank one: ρ = 0 and one channel.
        diffusivity: g, with g(0) = 1.

    Returns:
        Entries (a, b, c) of D.
    """
    a, b, c = structure
    squared = a + c
    share = (diffusivity(squared) - 1.0) / (squared + 1e-20)
    return 1.0 + share * a, share * b, 1.0 + share * c


def coherence_enhancing(structure, least=0.001, contrast=1e-5):
    """λ₁ = α across a flow-like structure, λ₂ = α + (1 − α) exp(−C/(μ₁ − μ₂)²) along it.

    Coherence-enhancing diffusion of Weickert (1999).

    Args:
        structure: J_ρ.
        least: α in (0, 1), the diffusion where there is no direction.
        contrast: C > 0 in (grey value)⁴ per px⁴: structures with (μ₁ − μ₂)² above it count.

    Returns:
        Entries (a, b, c) of D, whose eigenvalues lie in [α, 1].
    """

    def both(across, along):
        coherence = ops.maximum(ops.square(across - along), 1e-20)
        return least + 0.0 * across, least + (1 - least) * ops.exp(-contrast / coherence)

    return with_eigenvalues(structure, both)


def isotropic(structure, diffusivity):
    """D = g(μ₁ + μ₂) I: the special case without a direction.

    Args and result as for `edge_enhancing`.
    """
    g = diffusivity(structure[0] + structure[2])
    return g, 0.0 * g, g
