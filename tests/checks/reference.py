"""Plain NumPy versions, written loop by loop, that the tensor code is compared with."""

import numpy as np


def diffusion_rate(u, g):
    """div(g ∇u) pixel by pixel, for arrays `(height, width)`."""
    rate = np.zeros_like(u)
    height, width = u.shape
    for i in range(height):
        for j in range(width):
            for k, m in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                if 0 <= k < height and 0 <= m < width:
                    rate[i, j] += 0.5 * (g[i, j] + g[k, m]) * (u[k, m] - u[i, j])
    return rate


def matrix(operator, shape):
    """The matrix of a linear operator on images `(height, width)`."""
    size = shape[0] * shape[1]
    columns = [np.ravel(operator(unit.reshape(shape))) for unit in np.eye(size)]
    return np.stack(columns, axis=1)


def spline(x, slopes, offset):
    """φ(x) = offset + Σ_j slope_j clip(x − j·h, 0, h), for x `(..., channels)`."""
    pieces = len(slopes)
    knots = np.arange(pieces)[:, None] / pieces
    pieces_of_x = np.clip(x[..., None, :] - knots, 0, 1 / pieces)
    return offset + (slopes * pieces_of_x).sum(-2)


def sigmoid(x):
    """1/(1 + e⁻ˣ)."""
    return 1 / (1 + np.exp(-x))


def fields_of_experts(u, kernel, slopes, offset):
    """sigmoid(Σ φ_i(sigmoid(K_i ∗ u))) for u `(height, width)`, kernel `(k, k, 1, experts)`."""
    kernel = kernel[:, :, 0] - kernel[:, :, 0].mean((0, 1))
    size = len(kernel)
    padded = np.pad(u, ((size - 1) // 2, size // 2), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))
    response = sigmoid(np.einsum("ijab,abe->ije", windows, kernel))
    return sigmoid(spline(response, slopes, offset).sum(-1))
