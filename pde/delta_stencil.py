"""Anisotropic diffusion div(D ∇u) on the δ-stencil (Schrader, Weickert and Krause 2023)."""

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .backend import Tensor, ops
from .boundary import reflect
from .structure import Entries

if TYPE_CHECKING:
    from scipy import sparse


def check_stencil(alpha: float, gamma: float) -> None:
    """Says what is wrong with α and γ if they are outside of what the theory covers.

    Args:
        alpha: α of the stencil.
        gamma: γ of the stencil.

    Returns:
        `None`.

    Raises:
        InputError: if not 0 ≤ α ≤ ½ or not |γ| ≤ 1.

    Example:
        >>> check_stencil(0.4, 1.0)
        >>> check_stencil(0.6, 1.0)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        imagepde.errors.InputError: The stencil is proven stable for 0 ≤ `alpha` ≤ ½ ...
    """
    if not 0 <= alpha <= 0.5 or not -1 <= gamma <= 1:
        raise InputError(
            "The stencil is proven stable for 0 ≤ `alpha` ≤ ½ and −1 ≤ `gamma` ≤ 1. "
            f"Received: alpha={alpha}, gamma={gamma}."
        )


def free_parameter(tensor: Entries, alpha: float = 0.4, gamma: float = 1.0) -> Tensor:
    """δ = α (a + c) + β b with β = γ (1 − 2α) sgn b, so that β b = γ (1 − 2α) |b|.

    This is the choice of Theorem 1 of Schrader et al.

    Args:
        tensor: Entries (a, b, c) of D, arrays or tensors.
        alpha: 0 ≤ α ≤ ½.
        gamma: |γ| ≤ 1.

    Returns:
        δ, of the shape of the entries.

    Example:
        >>> free_parameter((1.0, 0.0, 1.0), alpha=0.4)
        0.8
    """
    a, b, c = tensor
    return alpha * (a + c) + gamma * (1 - 2 * alpha) * abs(b)


def directional_diffusivities(tensor: Entries, delta: Tensor) -> tuple[Tensor, ...]:
    """w₀ … w₃ along x, the diagonal ↘, y and the diagonal ↙: a − δ, δ + b, c − δ, δ − b.

    These are eq. 7 of Schrader et al. In an image, y points down; the paper's points up. Its diagonals
    change their places then, and so does the sign of b: what is written here is the same in both.

    Args:
        tensor: Entries (a, b, c) of D, arrays or tensors.
        delta: δ, of the shape of the entries, see `free_parameter`.

    Returns:
        (w₀, w₁, w₂, w₃), each of the shape of the entries.

    Example:
        >>> directional_diffusivities((1.0, 0.25, 1.0), 0.5)
        (0.5, 0.75, 0.5, 0.25)
    """
    a, b, c = tensor
    return a - delta, delta + b, c - delta, delta - b


def corner_differences(u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The derivatives of an image at the corners of its pixels, from 2×2 of them.

    Args:
        u: Tensor `(batch, height, width, channels)`.

    Returns:
        (u_x, u_y, w), tensors `(batch, height + 1, width + 1, channels)`: two first derivatives, and
        the twist w = u₀₀ − u₁₀ − u₀₁ + u₁₁, which neither sees. The boundary is reflecting.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 1.0, 0.0, 1.0]), (1, 2, 2, 1))
        >>> [float(derivative[0, 1, 1, 0]) for derivative in corner_differences(u)]
        [1.0, 0.0, 0.0]
    """
    padded = reflect(u, 1)
    p, q = padded[:, :-1, :-1], padded[:, :-1, 1:]
    r, s = padded[:, 1:, :-1], padded[:, 1:, 1:]
    down, up = s - p, q - r
    return 0.5 * (down + up), 0.5 * (down - up), s + p - q - r


def zero_on_border(b: Tensor) -> Tensor:
    """The entry b of D with zeros at the corners on the border: no flux leaves the image.

    By a product with row and column masks, since what is sliced or padded XLA computes twice.

    Args:
        b: Tensor `(batch, height + 1, width + 1, channels)`, values at the corners of the pixels.

    Returns:
        Tensor of the shape of b.

    Example:
        >>> ops.convert_to_numpy(zero_on_border(ops.ones((1, 3, 4, 1))))[0, 1, :, 0]
        array([0., 1., 1., 0.], dtype=float32)
    """

    def inner(axis, shape):
        number = ops.shape(b)[axis]
        index = ops.arange(number)
        inside = ops.logical_and(index > 0, index < number - 1)
        return ops.reshape(ops.cast(inside, b.dtype), shape)

    return b * inner(1, (1, -1, 1, 1)) * inner(2, (1, 1, -1, 1))


def anisotropic_rate(u: Tensor, tensor: Entries, alpha: float = 0.4, gamma: float = 1.0) -> Tensor:
    """div(D ∇u) on the δ-stencil (Schrader et al., eq. 9 with eq. 10).

    Summed over the four pixels around a corner, the four one-dimensional diffusions of the stencil are
    the gradient of the energy

        E = ½ (a u_x² + 2 b u_x u_y + c u_y²) + ⅛ (a + c − 2δ) w²

    with the derivatives of `corner_differences`. So the stencil is the flux D ∇u at the corners, and a
    term in the twist w that suppresses the checkerboard; δ decides on nothing else. The operator is
    symmetric, and negative semidefinite if and only if E ≥ 0: for 2δ ≤ a + c.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        tensor: Entries (a, b, c) of D at the corners, tensors `(batch, height + 1, width + 1, 1)`, or
            one for each channel. On the border b is taken for zero: no flux leaves the image.
        alpha: 0 ≤ α ≤ ½.
        gamma: |γ| ≤ 1.

    Returns:
        Tensor of the shape of u.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 1.0]), (1, 1, 2, 1))
        >>> one, zero = ops.ones((1, 2, 3, 1)), ops.zeros((1, 2, 3, 1))
        >>> ops.convert_to_numpy(anisotropic_rate(u, (one, zero, one))).ravel().round(4)
        array([ 1., -1.], dtype=float32)
    """
    a, b, c = tensor
    b = zero_on_border(b)
    ux, uy, w = corner_differences(u)
    x = 0.5 * (a * ux + b * uy)
    y = 0.5 * (b * ux + c * uy)
    twist = (0.25 * (1 - 2 * alpha)) * (a + c - 2 * gamma * abs(b)) * w
    down, up = x + y, x - y
    p, q = down - twist, twist - up
    r, s = twist + up, -down - twist
    return p[:, 1:, 1:] + q[:, 1:, :-1] + r[:, :-1, 1:] + s[:, :-1, :-1]


def stencil_matrix(tensor: Entries, alpha: float = 0.4, gamma: float = 1.0) -> "sparse.csr_array":
    """A as a sparse matrix, assembled entry by entry as eqs. 9 and 10 have it; for tests and analysis.

    Args:
        tensor: Entries (a, b, c) of D at the corners, arrays `(height + 1, width + 1)`.
        alpha: α.
        gamma: γ.

    Returns:
        `scipy.sparse.csr_array` of size height·width, for images as `u.ravel()` gives them.

    Example:
        >>> one, zero = np.ones((2, 3)), np.zeros((2, 3))
        >>> stencil_matrix((one, zero, one)).toarray().round(4)
        array([[-1.,  1.],
               [ 1., -1.]])
    """
    from scipy import sparse

    a, b, c = (np.array(entry, np.float64) for entry in tensor)
    b[[0, -1]] = 0
    b[:, [0, -1]] = 0
    w = directional_diffusivities((a, b, c), free_parameter((a, b, c), alpha, gamma))
    height, width = a.shape[0] - 1, a.shape[1] - 1
    index = np.pad(np.arange(height * width).reshape(height, width), 1, mode="edge")
    here = index[1:-1, 1:-1].ravel()
    rows, columns, values = [], [], []

    def couple(dy, dx, weight):
        there = index[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width].ravel()
        weight = weight.ravel()
        rows.extend([here, here])
        columns.extend([there, here])
        values.extend([weight, -weight])

    def corner(field, dy, dx):
        return field[dy : dy + height, dx : dx + width]

    for side in (0, 1):
        across = 0.5 * (corner(w[0], 0, side) + corner(w[0], 1, side))
        couple(0, 2 * side - 1, across)
        along = 0.5 * (corner(w[2], side, 0) + corner(w[2], side, 1))
        couple(2 * side - 1, 0, along)
        couple(2 * side - 1, 2 * side - 1, 0.5 * corner(w[1], side, side))
        couple(2 * side - 1, 1 - 2 * side, 0.5 * corner(w[3], side, 1 - side))
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_array(sparse.coo_array(entries, shape=(here.size, here.size)))


def spectral_norm_bound(
    largest: float | Tensor, smallest: float | Tensor, alpha: float = 0.4, gamma: float = 1.0
) -> float | Tensor:
    """An upper bound of the spectral norm of A, for h = 1 px (Schrader et al., Theorem 1, eq. 12).

        ρ(A) ≤ 4 (1 − α)(λ₁ + λ₂) + 2 (1 − γ (1 − 2α))(λ₁ − λ₂)

    Args:
        largest: λ₁, the largest eigenvalue of D anywhere.
        smallest: λ₂ ≤ λ₁, its smaller eigenvalue.
        alpha: 0 ≤ α ≤ ½.
        gamma: |γ| ≤ 1.

    Returns:
        The bound in px⁻², a number or a tensor of the shape of the eigenvalues.

    Raises:
        InputError: if α or γ is outside of its range.

    Example:
        >>> spectral_norm_bound(1.0, 1.0, alpha=0.5)
        4.0
    """
    check_stencil(alpha, gamma)
    total, difference = largest + smallest, largest - smallest
    return 4 * (1 - alpha) * total + 2 * (1 - gamma * (1 - 2 * alpha)) * difference


def stable_anisotropic_time_step(
    largest: float | Tensor = 1.0,
    smallest: float | Tensor = 1.0,
    alpha: float = 0.4,
    gamma: float = 1.0,
) -> float | Tensor:
    """The largest τ in px² for which ‖u + τ A u‖ ≤ ‖u‖: 2/ρ(A).

    Schrader et al., Corollary 1, eq. 24.

    Args:
        largest: λ₁, as for `spectral_norm_bound`.
        smallest: λ₂, likewise.
        alpha: α, likewise.
        gamma: γ, likewise.

    Returns:
        τ in px², a number or a tensor of the shape of the eigenvalues.

    Example:
        >>> stable_anisotropic_time_step(1.0, 1.0, alpha=0.5)
        0.5
    """
    return 2.0 / spectral_norm_bound(largest, smallest, alpha, gamma)
