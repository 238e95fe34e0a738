"""Resizing with aligned pixel grids, as Pillow, OpenCV and scikit-image do it: one matrix an axis."""

import functools
from typing import Any

import numpy as np

from ..errors import InputError
from .backend import Tensor, ops
from .interpolation import INTERPOLATION

SAMPLINGS = ("area", "bicubic", "lanczos", "point")
"""How a pixel of a smaller picture is made of those of a larger one."""


def resizing_matrix(given: Any, wanted: Any, kernel: str = "area", xp: Any = np) -> Any:
    """The matrix `(wanted, given)` that resizes an axis.

    The outer edges of both grids lie upon each other, so pixel i of the result has its middle at
    (i + ½) s − ½ in pixels of what is given, with s = given/wanted. The kernel is s times as wide if
    s > 1, which keeps what the smaller grid cannot hold from appearing as something else, and rows are
    divided by their sums, so that a constant stays one.

    Args:
        given: Pixels of the axis.
        wanted: Pixels of the result.
        kernel: `"area"`, the mean over what a pixel covers (`INTER_AREA` of OpenCV, `BOX` of Pillow);
            `"bicubic"` (a = −½) and `"lanczos"` (radius 3), as those of Pillow; `"point"`, the pixel in
            the middle, or the one after it.
        xp: `numpy`, or `keras.ops` where sizes are tensors.

    Returns:
        float32 array or tensor.

    Raises:
        InputError: for an unknown kernel.

    Example:
        >>> resizing_matrix(4, 2)
        array([[0.5, 0.5, 0. , 0. ],
               [0. , 0. , 0.5, 0.5]], dtype=float32)
    """
    if kernel not in SAMPLINGS:
        raise InputError(
            f"`sampling` must be one of {', '.join(SAMPLINGS)}. Received: sampling={kernel!r}."
        )
    if xp is np:
        return _constant(int(given), int(wanted), kernel)
    return _matrix(given, wanted, kernel, ops)


@functools.lru_cache(maxsize=16)
def _constant(given, wanted, kernel):
    matrix = _matrix(given, wanted, kernel, np)
    matrix.setflags(write=False)
    return matrix


def _matrix(given, wanted, kernel, xp):
    fine, coarse = (_counted(n, xp) for n in (given, wanted))
    scale = _number(given, xp) / _number(wanted, xp)
    left = coarse[:, None] * scale
    if kernel == "point":
        nearest = xp.floor(left + 0.5 * scale)
        return _single(nearest == fine[None], xp)
    if kernel == "area":
        # How much of a pixel is covered; of one that is smaller than a pixel, the pixel it is in.
        ends = xp.minimum(left + scale, fine[None] + 1.0)
        weights = xp.maximum(ends - xp.maximum(left, fine[None]), 0.0)
    else:
        function, _ = INTERPOLATION[kernel]
        middle, width = left + 0.5 * scale - 0.5, xp.maximum(scale, 1.0)
        weights = function(xp.abs(fine[None] - middle) / width, xp)
    return _single(weights / xp.sum(weights, axis=1, keepdims=True), xp)


def _counted(n, xp):
    return np.arange(n, dtype=np.float64) if xp is np else ops.cast(ops.arange(n), "float32")


def _number(n, xp):
    return np.float64(n) if xp is np else ops.cast(n, "float32")


def _single(weights, xp):
    return weights.astype(np.float32) if xp is np else ops.cast(weights, "float32")


def resize(u: Tensor, rows: Any, columns: Any) -> Tensor:
    """R u Cᵀ, for matrices of the two axes.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        rows: R, `(new height, height)`.
        columns: C, `(new width, width)`.

    Returns:
        Tensor `(batch, new height, new width, channels)`.
    """
    rows, columns = (ops.cast(matrix, u.dtype) for matrix in (rows, columns))
    return ops.einsum("jx,bixc->bijc", columns, ops.einsum("iy,byxc->bixc", rows, u))
