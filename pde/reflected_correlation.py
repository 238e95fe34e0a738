"""Correlation with a kernel of numbers at the reflecting boundary, and its exact adjoint."""

import functools

import numpy as np

from .backend import Tensor, building_program, ops
from .boundary import COLUMNS, ROWS, fold, reflect
from .compilation import compiled
from .reflected_matrices import correlate_along, correlate_by_cosines

MOST_SHIFTS = 256
"""So many entries a kernel may have for the image to be shifted once for each of them. With more, the
program takes longer to compile than to run, see `benchmarks/large_blurs.py`."""

MOST_SHIFTS_ALONG = 64
"""The same for a kernel of one row or one column."""


def is_large_kernel(kernel: np.ndarray) -> bool:
    """Whether a kernel is applied by matrices, to images of any size, smaller ones than itself too.

    Args:
        kernel: Array `(rows, columns)`.

    Returns:
        A bool.

    Example:
        >>> is_large_kernel(np.ones((15, 15))), is_large_kernel(np.ones((1, 65)))
        (False, True)
    """
    along = 1 in np.shape(kernel)
    return np.size(kernel) > (MOST_SHIFTS_ALONG if along else MOST_SHIFTS)


def correlate_reflected(u: Tensor, kernel: np.ndarray) -> Tensor:
    """(A u)_i = Σ_j k_j u_{i+j} for every channel, the image mirrored at its border.

    Args:
        u: Tensor `(batch, height, width, channels)`, no side smaller than half the kernel's unless that
            is large, see `is_large_kernel`.
        kernel: Array `(rows, columns)` with odd sides.

    Returns:
        Tensor of the shape of u.

    Example:
        >>> float(correlate_reflected(ops.ones((1, 8, 8, 1)), np.ones((101, 1)))[0, 0, 0, 0])
        101.0
    """
    if is_large_kernel(kernel):
        return _by_matrices(u, kernel)
    rows, columns = np.shape(kernel)
    return _correlate(reflect(u, (rows // 2, columns // 2)), _constant(kernel))


def correlate_reflected_adjoint(f: Tensor, kernel: np.ndarray) -> Tensor:
    """The adjoint of `correlate_reflected`: ⟨A u, f⟩ = ⟨u, Aᵀ f⟩, the border included.

    What the correlation of a pixel takes from beyond the border it has from the mirrored pixel, so the
    transposed correlation is folded back there.

    Args:
        f: Tensor `(batch, height, width, channels)`, as large as `correlate_reflected` takes it.
        kernel: Array `(rows, columns)` with odd sides.

    Returns:
        Tensor of the shape of f.

    Example:
        >>> f = ops.reshape(ops.array([1.0, 2.0, 4.0]), (1, 1, 3, 1))
        >>> ops.convert_to_numpy(correlate_reflected_adjoint(f, np.array([[1.0, 0.0, 0.0]]))).ravel()
        array([3., 4., 0.], dtype=float32)
    """
    if is_large_kernel(kernel):
        return _by_matrices(f, kernel, adjoint=True)
    rows, columns = np.shape(kernel)
    margins = ((0, 0), (rows - 1, rows - 1), (columns - 1, columns - 1), (0, 0))
    spread = _correlate(ops.pad(f, margins), _constant(np.asarray(kernel)[::-1, ::-1]))
    return fold(spread, (rows // 2, columns // 2))


def separated(kernel: np.ndarray) -> list[np.ndarray]:
    """A kernel as a list of kernels to be applied one after the other: a column and a row if it can be.

    Args:
        kernel: Array `(rows, columns)`.

    Returns:
        `[column, row]` where the kernel is their product up to rounding, `[kernel]` otherwise.

    Example:
        >>> [part.shape for part in separated(np.ones((3, 5)))]
        [(3, 1), (1, 5)]
    """
    kernel = np.asarray(kernel, np.float64)
    left, values, right = np.linalg.svd(kernel)
    if len(values) > 1 and values[1] > 1e-9 * values[0]:
        return [kernel]
    # Both with the sum of the kernel's sign, so that a positive kernel has positive parts.
    column, row = left[:, :1] * values[0], right[:1]
    sign = np.sign(row.sum()) or 1.0
    return [sign * column, sign * row] if min(kernel.shape) > 1 else [kernel]


def _by_matrices(u, kernel, adjoint=False):
    kernel = np.asarray(kernel)
    if 1 in kernel.shape:
        return correlate_along(u, kernel.ravel(), COLUMNS if len(kernel) == 1 else ROWS, adjoint)
    return correlate_by_cosines(u, kernel, adjoint)


def _constant(kernel):
    return tuple(tuple(float(weight) for weight in row) for row in np.asarray(kernel))


def _correlate(p, kernel):
    """Valid correlation of a padded image with a kernel of numbers."""
    # Op by op, no image is met often enough to be worth a program of its own.
    return _program(kernel)(p) if building_program() else _sum_of_shifts(p, kernel)


@functools.lru_cache(maxsize=64)
def _program(kernel):
    # Two passes of a separable kernel must not be fused, see `smooth_along`. Each kernel has a function
    # of its own: TensorFlow warns of one that is traced again and again.
    return compiled(lambda p: _sum_of_shifts(p, kernel))


def _sum_of_shifts(p, kernel):
    rows, columns = len(kernel), len(kernel[0])
    height, width = ops.shape(p)[1] - rows + 1, ops.shape(p)[2] - columns + 1
    return sum(
        weight * p[:, i : i + height, j : j + width]
        for i, row in enumerate(kernel)
        for j, weight in enumerate(row)
    )
