"""Filters with five numbers a pixel: the non-stationary five-point stencil of DiffNet."""

from typing import TYPE_CHECKING

import numpy as np

from .backend import Tensor, ops
from .boundary import reflect

if TYPE_CHECKING:
    from scipy import sparse


def five_point_rate(u: Tensor, neighbours: Tensor, excess: Tensor) -> Tensor:
    """W(ζ) u, the right-hand side of DiffNet's filtering step (eq. 4.7), in the form of differences.

        (W u)_i = ζ₁ u_above + ζ₂ u_left + ζ₃ u_below + ζ₄ u_right − ζ₅ u_i
                = Σ_k ζ_k (u_k − u_i) + s u_i,        s = ζ₁ + ζ₂ + ζ₃ + ζ₄ − ζ₅

    The sum of differences is the mean-free part L(ζ), s the rest, a smoothing or a gain. In this form
    nothing large is subtracted from something as large. Beyond the border a neighbour has the value of
    the pixel itself (homogeneous Neumann condition).

    Args:
        u: Tensor `(batch, height, width, channels)`.
        neighbours: ζ₁ … ζ₄, tensor `(batch, height, width, 4)` for all channels, or `(…, 4·channels)`:
            ζ₁ of each channel first, then ζ₂ of each.
        excess: s, tensor `(batch, height, width, 1)` or `(…, channels)`.

    Returns:
        Tensor of the shape of u.

    Example:
        >>> u = ops.reshape(ops.array([1.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(five_point_rate(u, ops.ones((1, 1, 2, 4)), 0.0)).ravel()
        array([ 2., -2.], dtype=float32)
    """
    padded = reflect(u, 1)
    around = (padded[:, :-2, 1:-1], padded[:, 1:-1, :-2], padded[:, 2:, 1:-1], padded[:, 1:-1, 2:])
    filters = ops.split(neighbours, 4, axis=-1)
    return excess * u + sum(z * (v - u) for z, v in zip(filters, around, strict=True))


def five_point_matrix(zeta: np.ndarray) -> "sparse.csr_array":
    """W(ζ) as a sparse matrix (DiffNet, Definition 2.7 and eq. 4.7), for tests and analysis.

    Args:
        zeta: Array `(height, width, 5)`: ζ₁ above, ζ₂ left, ζ₃ below, ζ₄ right, ζ₅ centre.

    Returns:
        `scipy.sparse.csr_array` of size height·width, for images as `u.ravel()` gives them.

    Example:
        >>> five_point_matrix(np.array([[[1, 1, 1, 1, 4], [1, 1, 1, 1, 4]]])).toarray()
        array([[-1.,  1.],
               [ 1., -1.]])
    """
    from scipy import sparse

    zeta = np.asarray(zeta, np.float64)
    height, width, _ = zeta.shape
    index = np.arange(height * width).reshape(height, width)
    padded = np.pad(index, 1, mode="edge")
    around = (padded[:-2, 1:-1], padded[1:-1, :-2], padded[2:, 1:-1], padded[1:-1, 2:], index)
    signs = (1.0, 1.0, 1.0, 1.0, -1.0)
    values = np.concatenate([sign * zeta[..., k].ravel() for k, sign in enumerate(signs)])
    rows, columns = np.tile(index.ravel(), 5), np.concatenate([a.ravel() for a in around])
    return sparse.csr_array((values, (rows, columns)), shape=(index.size, index.size))
