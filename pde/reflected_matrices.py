"""Correlation with a large kernel at the reflecting boundary: by matrices, whatever its size.

A sum of shifted images costs as much as a kernel has entries, and compiling it costs more. The products
of matrices here cost as much as an image has rows and columns. They are plain operations, which every
runtime has, and their transposed matrices are the exact adjoint.
"""

import math
from typing import Any

import numpy as np

from .backend import Tensor, ops
from .boundary import COLUMNS, ROWS


def reflected_matrix(weights: np.ndarray, size: int | Tensor) -> Tensor:
    """The matrix R of (R u)_i = Σ_j k_j u_{i+j} on an axis that is mirrored at both ends.

    The mirrored axis is periodic with 2n pixels, so the kernel is summed up modulo 2n, and pixel m
    shows at m and at 2n − 1 − m:

        R_im = w_{(m − i) mod 2n} + w_{2n − 1 − m − i}

    Args:
        weights: k, `(taps,)` with an odd number of taps, which may be larger than the axis.
        size: n, a number or a scalar tensor.

    Returns:
        Tensor `(size, size)` in float32.

    Example:
        >>> ops.convert_to_numpy(reflected_matrix(np.ones(3), 3))
        array([[2., 1., 0.],
               [1., 1., 1.],
               [0., 1., 2.]], dtype=float32)
    """
    weights = np.asarray(weights, np.float32)
    period, taps = 2 * size, len(weights)
    # Runtimes do not agree on the remainder of a negative number.
    place = ops.mod(ops.arange(taps) + (period * taps - taps // 2), period)
    met = ops.cast(place[:, None] == ops.arange(period)[None, :], "float32")
    wrapped = ops.matmul(ops.convert_to_tensor(weights[None]), met)[0]
    row, column = ops.arange(size)[:, None], ops.arange(size)[None, :]
    difference = column - row
    direct = ops.take(wrapped, ops.where(difference < 0, difference + period, difference))
    return direct + ops.take(wrapped, period - 1 - row - column)


def correlate_along(u: Tensor, weights: np.ndarray, axis: int, adjoint: bool = False) -> Tensor:
    """(A u)_i = Σ_j k_j u_{i+j} along one axis, the image mirrored there, or its adjoint.

    Args:
        u: Tensor `(batch, height, width, channels)` of any height and width.
        weights: k, `(taps,)` with an odd number of taps.
        axis: `boundary.ROWS` or `boundary.COLUMNS`.
        adjoint: Whether Aᵀ is wanted.

    Returns:
        Tensor of the shape of u.

    Example:
        >>> u = ops.reshape(ops.array([1.0, 2.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(correlate_along(u, np.ones(9) / 9, 2)).ravel().round(3)
        array([1.444, 1.556], dtype=float32)
    """
    matrix = reflected_matrix(weights, ops.shape(u)[axis])
    result = _along(ops.cast(u, "float32"), ops.transpose(matrix) if adjoint else matrix, axis)
    return ops.cast(result, u.dtype)


def correlate_by_cosines(u: Tensor, kernel: np.ndarray, adjoint: bool = False) -> Tensor:
    """(A u)_i = Σ_j k_j u_{i+j}, the image mirrored, for any large kernel; or its adjoint.

    The image is a sum of cosines (DCT-II), c_k cos(ω_k (i + ½)) with ω_k = πk/n along each axis, and so
    is its continuation by its mirror image. By the addition theorem, a shift by j makes it

        c_k (cos(ω_k j) cos(ω_k (i + ½)) − sin(ω_k j) sin(ω_k (i + ½))).

    So the coefficients are multiplied by the four transforms of the kernel, with cosines or sines along
    each axis, and the result is the sum over cosines and sines. All transforms are products with
    matrices: exact for every size of image and kernel, to rounding, and at a cost that does not depend
    on the kernel's size, 16 n multiplications per pixel of an n×n image.

    Args:
        u: Tensor `(batch, height, width, channels)` of any height and width.
        kernel: k, `(rows, columns)` with odd sides.
        adjoint: Whether Aᵀ is wanted.

    Returns:
        Tensor of the shape of u.

    Example:
        >>> kernel = np.arange(15.0).reshape(3, 5)
        >>> round(float(ops.sum(correlate_by_cosines(ops.ones((1, 2, 2, 1)), kernel))) / 4, 3)
        105.0
    """
    sides = ops.shape(u)[1:3]
    weights: Any = ops.convert_to_tensor(np.asarray(kernel, np.float32))
    cosines, waves, responses = [], [], []
    for side, taps in zip(sides, weights.shape, strict=True):
        cosine, sine = _basis(side)
        cosines.append(cosine)
        waves.append(ops.concatenate([cosine, -sine], axis=0))
        responses.append(ops.concatenate(_waves(side, 2 * (np.arange(taps) - taps // 2)), axis=0))
    # Of twice the image's height and width: cosines first, then sines, along both axes.
    transform = ops.matmul(ops.matmul(responses[0], weights), ops.transpose(responses[1]))
    transform = ops.expand_dims(transform, (0, 3))
    images = ops.cast(u, "float32")
    if adjoint:
        images = transform * _along_both(images, waves)
        height, width = sides
        images = images[:, :height] + images[:, height:]
        images = images[:, :, :width] + images[:, :, width:]
        images = _along_both(images, [ops.transpose(cosine) for cosine in cosines])
    else:
        images = _along_both(images, cosines)
        images = ops.concatenate([images, images], axis=ROWS)
        images = transform * ops.concatenate([images, images], axis=COLUMNS)
        images = _along_both(images, [ops.transpose(wave) for wave in waves])
    return ops.cast(images, u.dtype)


def cosine_waves(size: Any) -> Tensor:
    """The frequencies ω_k = πk/n of the cosines of an axis of n pixels, in 1/px, a tensor `(n,)`."""
    return ops.cast(ops.arange(size), "float32") * (math.pi / ops.cast(size, "float32"))


def to_cosines(u: Tensor, inverse: bool = False) -> Tensor:
    """The coefficients of the orthonormal cosines of an image along both axes (DCT-II), or the inverse.

    They diagonalise what is the same everywhere in an image that is mirrored at its border, and even.

    Args:
        u: float32 tensor `(batch, height, width, channels)` of any height and width.
        inverse: Whether u holds coefficients and an image is wanted.

    Returns:
        Tensor of the shape of u.

    Example:
        >>> u = ops.ones((1, 4, 4, 1))
        >>> float(to_cosines(u)[0, 0, 0, 0]), float(ops.sum(ops.abs(to_cosines(u)))) < 4.001
        (4.0, True)
    """
    cosines = [_basis(side)[0] for side in ops.shape(u)[1:3]]
    return _along_both(u, [ops.transpose(c) for c in cosines] if inverse else cosines)


def _waves(size, positions):
    """cos and sin of ω_k x for the positions 2x, integers, each `(size, positions)`."""
    number = ops.cast(ops.arange(size), "int32")[:, None]
    # Angles are π/(2n) times integers modulo 4n: exact however large they are.
    turns = ops.mod(number * ops.cast(positions, "int32")[None, :], 4 * size)
    angle = ops.cast(turns, "float32") * (math.pi / 2.0 / ops.cast(size, "float32"))
    return ops.cos(angle), ops.sin(angle)


def _basis(size):
    """The orthonormal cosines of the DCT-II, `(size, size)`, and the sines beside them."""
    number = ops.arange(size)
    share = ops.where(number > 0, 2.0, 1.0) / ops.cast(size, "float32")
    scale = ops.sqrt(ops.cast(share, "float32"))[:, None]
    return tuple(scale * wave for wave in _waves(size, 2 * number + 1))


def _along_both(u, matrices):
    """M u Nᵀ for matrices M and N along rows and columns."""
    return _along(_along(u, matrices[0], ROWS), matrices[1], COLUMNS)


def _along(u, matrix, axis):
    """A matrix times each column of pixels, or each row.

    Axes of a single channel are not exchanged: what converts programs makes something else of that.
    """
    batch, height, width, channels = ops.shape(u)
    if axis == ROWS:
        product = ops.matmul(matrix, ops.reshape(u, (batch, height, width * channels)))
        return ops.reshape(product, (batch, -1, width, channels))
    grey = u.shape[-1] == 1
    if not grey:
        u = ops.transpose(u, (0, 1, 3, 2))
    # One product: what is broadcast would be copied for each row.
    product = ops.matmul(ops.reshape(u, (-1, width)), ops.transpose(matrix))
    if grey:
        return ops.reshape(product, (batch, height, -1, 1))
    return ops.transpose(ops.reshape(product, (batch, height, channels, -1)), (0, 1, 3, 2))
