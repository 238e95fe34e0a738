"""Diffusion tensors D from the smoothed structure of an image: edge-enhancing, coherence-enhancing."""

from collections.abc import Callable

from .backend import Tensor, ops
from .structure import Entries, polar

Tensors = tuple[Tensor, Tensor, Tensor]
"""Entries (a, b, c) of D."""


def with_eigenvalues(structure: Entries, function: Callable) -> Tensors:
    """A diffusion tensor with the eigenvectors of a structure tensor, and other eigenvalues.

    Args:
        structure: Entries (j₁₁, j₁₂, j₂₂).
        function: Function of its eigenvalues μ₁ ≥ μ₂ that returns λ₁, across the structure, and λ₂,
            along it.

    Returns:
        Entries (a, b, c) of D.

    Example:
        >>> structure = [ops.array(entry) for entry in (2.0, 2.0, 2.0)]
        >>> tensor = with_eigenvalues(structure, lambda *_: (0.0, 1.0))
        >>> [round(float(entry), 2) for entry in tensor]
        [0.5, -0.5, 0.5]
    """
    mean, radius, cosine, sine = polar(structure)
    across, along = function(mean + radius, mean - radius)
    middle, half = 0.5 * (across + along), 0.5 * (across - along)
    return middle + half * cosine, half * sine, middle - half * cosine


def edge_enhancing(structure: Entries, diffusivity: Callable[[Tensor], Tensor]) -> Tensors:
    """D = g(J): full diffusion along edges, little across them (edge-enhancing, Weickert 1998).

    Args:
        structure: J_ρ; for ρ = 0 and one channel μ₁ = |∇u_σ|² and μ₂ = 0.
        diffusivity: g as a function of the squared gradient, for instance `weickert`.

    Returns:
        Entries (a, b, c) of D, whose eigenvalues lie in [0, 1].

    Example:
        >>> structure = [ops.array(entry) for entry in (2.0, 2.0, 2.0)]
        >>> tensor = edge_enhancing(structure, lambda s: 1.0 / (1.0 + s))
        >>> [round(float(entry), 2) for entry in tensor]
        [0.6, -0.4, 0.6]
    """
    return with_eigenvalues(structure, lambda across, along: (diffusivity(across), diffusivity(along)))


def edge_enhancing_single(structure: Entries, diffusivity: Callable[[Tensor], Tensor]) -> Tensors:
    """The same for the structure of one gradient, J = ∇u ∇uᵀ: without roots, at half the price.

        D = I + (g(|∇u|²) − 1)/|∇u|² J

    Args:
        structure: J of rank one: ρ = 0 and one channel.
        diffusivity: g, with g(0) = 1.

    Returns:
        Entries (a, b, c) of D.

    Example:
        >>> structure = [ops.array(entry) for entry in (2.0, 2.0, 2.0)]
        >>> tensor = edge_enhancing_single(structure, lambda s: 1.0 / (1.0 + s))
        >>> [round(float(entry), 2) for entry in tensor]
        [0.6, -0.4, 0.6]
    """
    a, b, c = structure
    squared = a + c
    share = (diffusivity(squared) - 1.0) / (squared + 1e-20)
    return 1.0 + share * a, share * b, 1.0 + share * c


def coherence_enhancing(structure: Entries, least: float = 0.001, contrast: float = 1e-5) -> Tensors:
    """λ₁ = α across a flow-like structure, λ₂ = α + (1 − α) exp(−C/(μ₁ − μ₂)²) along it.

    Coherence-enhancing diffusion of Weickert (1999); BLADE, eqs. 3.6–3.8.

    Args:
        structure: J_ρ.
        least: α in (0, 1), the diffusion where there is no direction.
        contrast: C > 0 in (grey value)⁴ per px⁴: structures with (μ₁ − μ₂)² above it count.

    Returns:
        Entries (a, b, c) of D, whose eigenvalues lie in [α, 1].

    Example:
        >>> structure = [ops.array(entry) for entry in (2.0, 2.0, 2.0)]
        >>> tensor = coherence_enhancing(structure)
        >>> [round(float(entry), 2) for entry in tensor]
        [0.5, -0.5, 0.5]
    """

    def both(across, along):
        coherence = ops.maximum(ops.square(across - along), 1e-20)
        return least + 0.0 * across, least + (1 - least) * ops.exp(-contrast / coherence)

    return with_eigenvalues(structure, both)


def isotropic(structure: Entries, diffusivity: Callable[[Tensor], Tensor]) -> Tensors:
    """D = g(μ₁ + μ₂) I: the special case without a direction.

    Args:
        structure: J_ρ.
        diffusivity: g as a function of the squared gradient, as for `edge_enhancing`.

    Returns:
        Entries (a, b, c) of D, with b = 0.

    Example:
        >>> structure = [ops.array(entry) for entry in (2.0, 2.0, 2.0)]
        >>> tensor = isotropic(structure, lambda s: 1.0 / (1.0 + s))
        >>> [round(float(entry), 2) for entry in tensor]
        [0.2, 0.0, 0.2]
    """
    g = diffusivity(structure[0] + structure[2])
    return g, 0.0 * g, g
