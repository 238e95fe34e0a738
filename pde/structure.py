"""The structure tensor J_ρ = G_ρ ∗ ∇u ∇uᵀ of an image: its directions, and how strong they are."""

from collections.abc import Sequence

from .backend import Tensor, ops
from .boundary import reflect
from .compilation import compiled
from .differences import COLUMNS, ROWS
from .smoothing import Scale, gaussian_weights, smooth_alike, smooth_along, smooth_valid

Entries = Sequence[Tensor]
"""Entries (a, b, c) of a symmetric 2×2 tensor, a for x to the right and c for y downwards."""

LOCATIONS = {"pixels": (0, 0), "rows": (1, 0), "columns": (0, 1)}
"""Where features are wanted: at the pixels, or on the inner edges along an axis, one less along it."""


def outer_product(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """∇u ∇uᵀ: the entries (x², x y, y²) for a gradient (x, y), each of the gradient's shape."""
    return x * x, x * y, y * y


def smoothed(products: Entries, weights: tuple[float, ...]) -> tuple[Tensor, ...]:
    """G_ρ ∗ each entry, without a boundary; each pass is compiled by itself, see `smooth_along`.

    Args:
        products: Tensors `(batch, height, width, channels)`.
        weights: The 2r + 1 entries of the kernel, a tuple of numbers.

    Returns:
        Tensors `(batch, height − 2r, width − 2r, channels)`.
    """
    return tuple(smooth_along(smooth_along(p, weights, ROWS), weights, COLUMNS) for p in products)


def structure_tensor(u: Tensor, sigma: Scale, rho: Scale = 0.0) -> tuple[Tensor, ...]:
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

    Example:
        >>> tuple(structure_tensor(ops.ones((1, 4, 6, 3)), sigma=0.5)[0].shape)
        (1, 5, 7, 1)
    """
    inner, outer = gaussian_weights(sigma), gaussian_weights(rho)
    u = smooth_valid(reflect(u, len(inner) // 2 + len(outer) // 2 + 1), inner)
    p, q, r, s = u[:, :-1, :-1], u[:, :-1, 1:], u[:, 1:, :-1], u[:, 1:, 1:]
    x, y = 0.5 * (q - p + s - r), 0.5 * (r - p + s - q)
    products = (ops.sum(e, axis=-1, keepdims=True) for e in outer_product(x, y))
    # Not `smoothed`, since weights may be tensors, and a step on the stencil is compiled as a whole.
    return tuple(smooth_valid(product, outer) for product in products)


def structure_at(
    u: Tensor, rho: float, location: str = "pixels", exact: bool = False
) -> tuple[Tensor, ...]:
    """J_ρ = G_ρ ∗ ∇u ∇uᵀ at pixels or edges, the mean over the channels (BLADE, eqs. 2.3, 2.4).

    Products of derivatives are taken at the corners of the pixels, where differences along both axes
    meet, and averaged to where they are wanted. Grey images have the same J in one channel as in three.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        rho: ρ in px.
        location: `"pixels"`; `"rows"` for the height − 1 edges between rows; or `"columns"`.
        exact: Whether the J of a turned or mirrored image is turned or mirrored bit by bit, which takes
            two more passes.

    Returns:
        Entries (j₁₁, j₁₂, j₂₂), x to the right and y downwards, tensors `(batch, height, width, 1)`,
        one shorter along the axis of the edges, in (grey value)² per px².

    Example:
        >>> tuple(structure_at(ops.ones((1, 8, 8, 3)), 0.5, "rows")[0].shape)
        (1, 7, 8, 1)
    """
    weights = tuple(gaussian_weights(rho))
    less = LOCATIONS[location]
    padded = reflect(u, tuple(len(weights) // 2 + 1 - k for k in less))
    products = _products_at(padded, less, exact)
    if not exact:
        return smoothed(products, weights)

    def both(p, first, second):
        return smooth_alike(smooth_alike(p, weights, first), weights, second)

    # Which axis comes first makes a difference in the last bit: the mean of both ways has none.
    return tuple(0.5 * (both(p, ROWS, COLUMNS) + both(p, COLUMNS, ROWS)) for p in products)


@compiled
def _products_at(p, less, exact):
    """∇u ∇uᵀ at the corners, averaged to pixels (`less` = (0, 0)) or edges, the mean over channels."""
    x, y = p[:, :, 1:] - p[:, :, :-1], p[:, 1:] - p[:, :-1]
    x, y = 0.5 * (x[:, 1:] + x[:, :-1]), 0.5 * (y[:, :, 1:] + y[:, :, :-1])
    found = []
    for product in outer_product(x, y):
        v = ops.mean(product, axis=-1, keepdims=True)
        # An edge between rows lies between two corners, a pixel between four.
        if exact and less == (0, 0):
            # Opposite ones first, so that a transposed image has the same sums.
            v = 0.25 * ((v[:, 1:, 1:] + v[:, :-1, :-1]) + (v[:, 1:, :-1] + v[:, :-1, 1:]))
            found.append(v)
            continue
        if not less[0]:
            v = 0.5 * (v[:, 1:] + v[:, :-1])
        if not less[1]:
            v = 0.5 * (v[:, :, 1:] + v[:, :, :-1])
        found.append(v)
    return found


def polar(tensor: Entries) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """A symmetric tensor by its eigenvalues and the angle of its dominant eigenvector.

    Args:
        tensor: Entries (a, b, c).

    Returns:
        Mean and half the difference of the eigenvalues, and the cosine and sine of twice the angle,
        which are zero where there is no direction.
    """
    a, b, c = tensor
    mean, half = 0.5 * (a + c), 0.5 * (a - c)
    # A root has no derivative at zero, where there is no direction either.
    radius = ops.sqrt(half * half + b * b + 1e-20)
    return mean, radius, half / radius, b / radius


def eigenvalues(tensor: Entries) -> tuple[Tensor, Tensor]:
    """The eigenvalues μ₁ ≥ μ₂ of a symmetric tensor with entries (a, b, c).

    Args:
        tensor: Entries (a, b, c), tensors of any shape.

    Returns:
        (μ₁, μ₂), tensors of the shape of the entries.

    Example:
        >>> [float(v) for v in eigenvalues((ops.array(3.0), ops.array(0.0), ops.array(1.0)))]
        [3.0, 1.0]
    """
    mean, radius, *_ = polar(tensor)
    return mean + radius, mean - radius
