"""Plain NumPy versions, written loop by loop, that the tensor code is compared with."""

import numpy as np


def diffusion_rate(u, g):
    """div(g ∇u) pixel by pixel, for u `(height, width)` and g at the pixels, or a pair on the edges."""
    rate = np.zeros_like(u)
    height, width = u.shape
    if isinstance(g, np.ndarray):
        padded = np.pad(g, 1, mode="edge")
        g = (
            (padded[1:, 1:-1] + padded[:-1, 1:-1]) / 2,
            (padded[1:-1, 1:] + padded[1:-1, :-1]) / 2,
        )
    for i in range(height):
        for j in range(width):
            neighbours = (
                (i - 1, j, g[0][i, j]),
                (i + 1, j, g[0][i + 1, j]),
                (i, j - 1, g[1][i, j]),
                (i, j + 1, g[1][i, j + 1]),
            )
            for k, m, weight in neighbours:
                if 0 <= k < height and 0 <= m < width:
                    rate[i, j] += weight * (u[k, m] - u[i, j])
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
    """sigmoid(Σ φ_i(sigmoid(K_i ∗ u))) at the pixels of u `(height, width)`, K `(k, k, 1, experts)`."""
    size = len(kernel)
    padding = ((size - 1) // 2, size // 2)
    return _opinion(u, (padding, padding), kernel[:, :, 0], slopes, offset)


def fields_of_experts_on_edges(u, kernel, slopes, offset):
    """The same on the edges, for K `(k, across, 1, experts)`: a pair for rows and for columns."""
    size, across = kernel.shape[:2]
    along, over = ((size - 1) // 2, size // 2), (across // 2, across // 2)
    columns = _opinion(u, (along, over), kernel[:, :, 0], slopes, offset)
    rows = _opinion(u.T, (along, over), kernel[:, :, 0], slopes, offset).T
    return rows, columns


def softplus(x):
    """log(1 + eˣ)."""
    return np.logaddexp(0, x)


def convolution(u, kernel, bias, zero_mean=False):
    """b + K ∗ u with a mirrored border, for u `(height, width, channels)`."""
    if zero_mean:
        kernel = kernel - kernel.mean((0, 1))
    size = len(kernel)
    padding = ((size - 1) // 2, size // 2)
    padded = np.pad(u, (padding, padding, (0, 0)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(0, 1))
    return np.einsum("ijcab,abcf->ijf", windows, kernel) + bias


def halve(u, combine):
    """`combine` over blocks of 2×2 pixels of u `(height, width, channels)`, the last ones doubled."""
    height, width = (-(-side // 2) for side in u.shape[:2])
    result = np.zeros((height, width, u.shape[2]))
    for i in range(height):
        for j in range(width):
            rows = [2 * i, min(2 * i + 1, u.shape[0] - 1)]
            columns = [2 * j, min(2 * j + 1, u.shape[1] - 1)]
            result[i, j] = combine(combine(u[rows][:, columns], axis=0), axis=0)
    return result


def double(u, kernel, bias):
    """The transposed 2×2 convolution with stride 2, pixel by pixel."""
    filters = kernel.shape[-1] // 4
    result = np.zeros((2 * u.shape[0], 2 * u.shape[1], filters))
    for i, j in np.ndindex(*u.shape[:2]):
        block = u[i, j] @ kernel[0, 0] + bias
        for k in range(4):
            part = block[k * filters : (k + 1) * filters]
            result[2 * i + k // 2, 2 * j + k % 2] = part
    return result


def double_by_three(u, kernel, bias):
    """The transposed 3×3 convolution with stride 2: each pixel adds its kernel; the rest is cut."""
    height, width, _ = u.shape
    result = np.zeros((2 * height + 1, 2 * width + 1, kernel.shape[2]))
    for i, j in np.ndindex(height, width):
        result[2 * i : 2 * i + 3, 2 * j : 2 * j + 3] += kernel @ u[i, j]
    return result[:-1, :-1] + bias


def unet(u, layer):
    """The U-Net of a `UNet` layer, for one image `(height, width, channels)`."""

    def through(level, x):
        for c in level:
            x = np.maximum(convolution(x, *map(np.asarray, (c.kernel, c.bias)), c.zero_mean), 0)
        return x

    passed = []
    for i, level in enumerate(layer.down):
        u = through(level, halve(u, np.max) if i else u)
        passed.append(u)
    for i in reversed(range(len(layer.up))):
        doubling = double if layer.doubling_size == 2 else double_by_three
        u = doubling(u, *map(np.asarray, (layer.doubling[i].kernel, layer.doubling[i].bias)))
        height, width, _ = passed[i].shape
        u = through(layer.up[i], np.concatenate([passed[i], u[:height, :width]], axis=-1))
    return convolution(u, *map(np.asarray, (layer.last.kernel, layer.last.bias)))


def _opinion(u, padding, kernel, slopes, offset):
    kernel = kernel - kernel.mean((0, 1))
    padded = np.pad(u, padding, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[:2])
    response = sigmoid(np.einsum("ijab,abe->ije", windows, kernel))
    return sigmoid(spline(response, slopes, offset).sum(-1))
