"""Segmentation by active contours without edges (Chan and Vese; Sandberg for colour; BLADE, 4.3)."""

import math

from .backend import Tensor, ops
from .boundary import reflect
from .differences import COLUMNS, ROWS


def heaviside(phi: Tensor, epsilon: float = 1.0) -> Tensor:
    """H_ε(φ) = ½ + arctan(φ/ε)/π.

    Args:
        phi: φ, tensor of any shape.
        epsilon: ε > 0, in the unit of φ.

    Returns:
        Tensor of the shape of φ, with values in (0, 1).

    Example:
        >>> round(float(heaviside(ops.array(1.0))), 3)
        0.75
    """
    # The arctangent of two arguments is an operation of more runtimes than that of one.
    return 0.5 + (1.0 / math.pi) * ops.arctan2(phi, ops.full_like(phi, epsilon))


def dirac(phi: Tensor, epsilon: float = 1.0) -> Tensor:
    """δ_ε(φ) = H_ε′(φ) = ε/(π (ε² + φ²)).

    Args:
        phi: φ, tensor of any shape.
        epsilon: ε > 0, in the unit of φ.

    Returns:
        Tensor of the shape of φ, positive.

    Example:
        >>> round(float(dirac(ops.array(0.0))), 3)
        0.318
    """
    return (epsilon / math.pi) / (epsilon * epsilon + phi * phi)


def checkerboard(height: int | Tensor, width: int | Tensor, side: float = 5.0) -> Tensor:
    """sin(πx/side) sin(πy/side), the start that Chan and Vese suggest.

    Args:
        height: Number of rows, an integer or a scalar tensor.
        width: Number of columns.
        side: Side of a square in px.

    Returns:
        Tensor `(1, height, width, 1)`.

    Example:
        >>> [round(float(checkerboard(4, 4, 2.0)[0, 1, k, 0])) for k in (1, 3)]
        [1, -1]
    """
    rows, columns = (
        ops.sin(ops.cast(ops.arange(size), "float32") * (math.pi / side)) for size in (height, width)
    )
    return rows[None, :, None, None] * columns[None, None, :, None]


def curvature_parts(phi: Tensor, epsilon: float = 0.1) -> tuple[Tensor, Tensor]:
    """div(∇φ/|∇φ|) = Σ_n w_n φ_n − φ Σ_n w_n over the four neighbours n (Getreuer, IPOL 2012).

    On the edge between two pixels the derivative across it is their difference, and that along it the
    central difference at the first of them; w_n = 1/√(ε² + φ_x² + φ_y²) there. The image is mirrored at
    its border.

    Args:
        phi: φ, tensor `(batch, height, width, channels)`.
        epsilon: Slope per px below which φ counts as flat.

    Returns:
        Σ w_n φ_n and Σ w_n, tensors of the shape of φ; a semi-implicit scheme needs them apart.

    Example:
        >>> _, weights = curvature_parts(ops.zeros((1, 4, 4, 1)), epsilon=0.5)
        >>> round(float(weights[0, 1, 1, 0]), 3)
        8.0
    """
    p = reflect(phi, 1)
    neighbours = weights = 0.0
    for axis in (ROWS, COLUMNS):
        # With this axis first, one way of slicing serves both.
        q = p if axis == ROWS else ops.swapaxes(p, ROWS, COLUMNS)
        across = (q[:, 1:] - q[:, :-1])[:, :, 1:-1]
        along = 0.5 * (q[:, :-1, 2:] - q[:, :-1, :-2])
        w = ops.rsqrt(epsilon * epsilon + across * across + along * along)
        inner = q[:, :, 1:-1]
        total = w[:, 1:] * inner[:, 2:] + w[:, :-1] * inner[:, :-2]
        both = w[:, 1:] + w[:, :-1]
        if axis == COLUMNS:
            total, both = (ops.swapaxes(v, ROWS, COLUMNS) for v in (total, both))
        neighbours, weights = neighbours + total, weights + both
    return neighbours, weights


def curvature(phi: Tensor, epsilon: float = 0.1) -> Tensor:
    """div(∇φ/|∇φ|), the curvature of the level lines in 1/px, see `curvature_parts`.

    Args:
        phi: φ, tensor `(batch, height, width, channels)`.
        epsilon: As for `curvature_parts`.

    Returns:
        Tensor of the shape of φ.

    Example:
        >>> y = ops.reshape(ops.arange(-4.0, 5.0), (1, -1, 1, 1))
        >>> distance = ops.sqrt(y * y + ops.square(ops.transpose(y, (0, 2, 1, 3))))
        >>> round(float(curvature(distance)[0, 4, 7, 0]), 1)
        0.3
    """
    neighbours, weights = curvature_parts(phi, epsilon)
    return neighbours - weights * phi


def region_means(f: Tensor, phi: Tensor) -> list[Tensor]:
    """c₁ and c₂: the means of f where φ ≥ 0, and where φ < 0; 0 for a region that is empty.

    Args:
        f: Tensor `(batch, height, width, channels)`.
        phi: Tensor `(batch, height, width, 1)`.

    Returns:
        Two tensors `(batch, 1, 1, channels)`.

    Example:
        >>> f = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> [float(mean[0, 0, 0, 0]) for mean in region_means(f, 2.0 - f)]
        [1.0, 3.0]
    """
    # Not weighted with H_ε: while |φ| is below ε that tells the regions hardly apart, and little moves.
    inside = ops.cast(phi >= 0, f.dtype)
    means = []
    for region in (inside, 1.0 - inside):
        area = ops.sum(region, axis=(1, 2), keepdims=True)
        means.append(ops.sum(region * f, axis=(1, 2), keepdims=True) / ops.maximum(area, 1.0))
    return means


def fitting_force(
    f: Tensor, phi: Tensor, inside: float = 1.0, outside: float = 1.0, area: float = 0.0
) -> Tensor:
    """−ν − λ₁ ‖f − c₁‖² + λ₂ ‖f − c₂‖²: what draws a pixel to the region that it is like.

    BLADE, eqs. 4.9 and 4.11.

    Args:
        f: Tensor `(batch, height, width, channels)`; squares are the mean over channels, so that a grey
            image has the same force in one channel as in three.
        phi: Tensor `(batch, height, width, 1)`.
        inside: λ₁.
        outside: λ₂.
        area: ν.

    Returns:
        Tensor `(batch, height, width, 1)`.

    Example:
        >>> f = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(fitting_force(f, 2.0 - f)).ravel()
        array([ 4., -4.], dtype=float32)
    """
    first, second = (
        ops.mean(ops.square(f - mean), axis=-1, keepdims=True) for mean in region_means(f, phi)
    )
    return outside * second - inside * first - area


def chan_vese_energy(
    f: Tensor,
    phi: Tensor,
    length: float = 0.2,
    inside: float = 1.0,
    outside: float = 1.0,
    area: float = 0.0,
    epsilon: float = 1.0,
) -> Tensor:
    """The energy that Chan–Vese segmentation decreases, for each image (BLADE, eq. 4.8).

    Args:
        f: Tensor `(batch, height, width, channels)`.
        phi: φ, tensor `(batch, height, width, 1)`.
        length: μ, the weight of the contour's length.
        inside: λ₁.
        outside: λ₂.
        area: ν.
        epsilon: ε of H_ε and δ_ε.

    Returns:
        Tensor `(batch,)`.

    Example:
        >>> f = ops.reshape(ops.array([-1.0, 1.0]), (1, 1, 2, 1))
        >>> [round(float(chan_vese_energy(f, phi)[0]), 2) for phi in (10.0 * f, 10.0 + 0.0 * f)]
        [0.27, 2.0]
    """
    p = reflect(phi, 0, 1)
    x, y = p[:, :-1, 1:] - p[:, :-1, :-1], p[:, 1:, :-1] - p[:, :-1, :-1]
    region = heaviside(phi, epsilon)
    first, second = (
        ops.mean(ops.square(f - mean), axis=-1, keepdims=True) for mean in region_means(f, phi)
    )
    density = (
        length * dirac(phi, epsilon) * ops.sqrt(x * x + y * y)
        + area * region
        + inside * first * region
        + outside * second * (1.0 - region)
    )
    return ops.sum(density, axis=(1, 2, 3))
