"""Linear interpolation with a kernel: on a finer grid, and at displaced positions."""

import numpy as np

from ..errors import InputError
from .backend import Tensor, ops
from .boundary import reflect
from .differences import COLUMNS, ROWS


def _bicubic(x, xp):
    """Keys' cubic convolution with a = −½."""
    near, far = ((1.5 * x - 2.5) * x) * x + 1.0, ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return xp.where(x < 1, near, xp.where(x < 2, far, 0.0))


def _lanczos(x, xp):
    """sinc(x) sinc(x/3) for |x| < 3."""
    # The series of the sines serves where x is small.
    y = np.pi * xp.maximum(x, 1e-3)
    product = 3.0 * xp.sin(y) * xp.sin(y / 3.0) / (y * y)
    return xp.where(x < 1e-3, 1.0 - (5.0 * np.pi**2 / 27.0) * x * x, xp.where(x < 3, product, 0.0))


INTERPOLATION = {"bicubic": (_bicubic, 2), "lanczos": (_lanczos, 3)}
"""Kernels by name: a function of the distance in px and of the array module, and the radius."""


def _kernel(method):
    if method not in INTERPOLATION:
        raise InputError(
            f"`method` must be one of {', '.join(INTERPOLATION)}. Received: method={method!r}."
        )
    return INTERPOLATION[method]


def _weights(offset, method, xp):
    """Weights of the pixels 1 − r … r for a position `offset` in [0, 1) beyond pixel 0; they sum to 1.

    `xp` is `numpy` for a number and `keras.ops` for tensors.
    """
    kernel, radius = _kernel(method)
    found = [kernel(xp.abs(offset - i), xp) for i in range(1 - radius, radius + 1)]
    total = sum(found)
    return [weight / total for weight in found]


def upsample(u: Tensor, factor: int, phase: int = 0, method: str = "lanczos") -> Tensor:
    """Interpolates an image on a grid `factor` times as fine.

    Pixel `phase` of the result is where pixel 0 of u is, and `phase + factor` where pixel 1 is.

    Args:
        u: Tensor `(batch, height, width, channels)`, no side smaller than the radius (3 for Lanczos).
        factor: A whole number ≥ 1.
        phase: From 0 to `factor` − 1; the image reaches beyond its border pixels by mirroring.
        method: `"lanczos"` (radius 3) or `"bicubic"` (Keys, a = −½).

    Returns:
        Tensor `(batch, height·factor, width·factor, channels)`.

    Raises:
        InputError: if there is no method of this name.

    Example:
        >>> u = ops.ones((1, 4, 1, 1)) * ops.reshape(ops.arange(4.0), (1, 1, 4, 1))
        >>> round(float(upsample(u, 2, method="bicubic")[0, 3, 3, 0]), 4)
        1.5
    """
    _, radius = _kernel(method)
    # Position of the fine pixel: `whole` pixels and a part beyond the coarse one that it belongs to.
    whole, part = zip(*(divmod((k - phase) / factor, 1.0) for k in range(factor)), strict=True)
    first = np.array(whole, "int32") + 1
    weights = np.array([_weights(p, method, np) for p in part], "float32")
    for axis in (ROWS, COLUMNS):
        margins = (radius if axis == ROWS else 0, radius if axis == COLUMNS else 0)
        coarse, place = finer_grid(ops.shape(u)[axis], factor)
        padded, start = reflect(u, margins), coarse + ops.take(first, place)
        shape = (1, -1, 1, 1) if axis == ROWS else (1, 1, -1, 1)
        u = sum(
            ops.reshape(ops.cast(ops.take(weights[:, k], place), u.dtype), shape)
            * ops.take(padded, start + k, axis=axis)
            for k in range(2 * radius)
        )
    return u


def finer_grid(size: int | Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """For each pixel of an axis `factor` times as fine the coarse one, and which of its parts it is.

    Args:
        size: Number of coarse pixels, an integer or a scalar tensor.
        factor: A whole number.

    Returns:
        Two int32 tensors `(size·factor,)`; the second has values in 0 … factor − 1.

    Example:
        >>> [ops.convert_to_numpy(part).tolist() for part in finer_grid(2, 3)]
        [[0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2]]
    """
    pixels = ops.arange(size * factor, dtype="int32")
    coarse = ops.floor_divide(pixels, factor)
    return coarse, pixels - factor * coarse


def split_displacement(displacement: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Where displaced pixels are sampled: whole pixels within the image, and what is left.

    BLADE, eq. 5.3. Positions beyond the border pixels are moved onto them.

    Args:
        displacement: Tensor `(batch, height, width, 2)`, vˣ to the right and vʸ downwards in px.

    Returns:
        Rows and columns, int32 tensors `(batch, height, width)`, and the remainders δˣ and δʸ in
        [−½, ½], tensors `(batch, height, width, 1)`.

    Example:
        >>> rows, _, _, down = split_displacement(ops.full((1, 4, 4, 2), 1.25))
        >>> int(rows[0, 0, 0]), float(down[0, 0, 0, 0])
        (1, 0.25)
    """
    height, width = ops.shape(displacement)[1:3]
    split = []
    for k, size, axis in ((1, height, ROWS), (0, width, COLUMNS)):
        places = ops.cast(ops.arange(size), displacement.dtype)
        places = ops.reshape(places, (1, -1, 1, 1) if axis == ROWS else (1, 1, -1, 1))
        last = ops.cast(size - 1, displacement.dtype)
        position = ops.clip(places + displacement[..., k : k + 1], 0.0, last)
        whole = ops.minimum(ops.floor(position + 0.5), last)
        split.append((ops.squeeze(ops.cast(whole, "int32"), axis=-1), position - whole))
    (rows, down), (columns, right) = split
    return rows, columns, right, down


def gather_pixels(u: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The pixels of each image at rows and columns of its own.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        rows: int32 tensor `(batch, rows, columns)`, values in 0 … height − 1.
        columns: Likewise, in 0 … width − 1.

    Returns:
        Tensor `(batch, rows, columns, channels)`.

    Example:
        >>> u = ops.reshape(ops.arange(4.0), (1, 2, 2, 1))
        >>> rows, columns = ops.ones((1, 1, 1), "int32"), ops.zeros((1, 1, 1), "int32")
        >>> float(gather_pixels(u, rows, columns)[0, 0, 0, 0])
        2.0
    """
    batch, height, width, channels = ops.shape(u)
    first = ops.reshape(ops.arange(batch, dtype="int32") * (height * width), (-1, 1, 1))
    return ops.take(ops.reshape(u, (-1, channels)), first + rows * width + columns, axis=0)


def interpolate_displaced(u: Tensor, displacement: Tensor, method: str = "bicubic") -> Tensor:
    """ũ_{m,n} = u(m + vˣ, n + vʸ) by interpolation with a kernel.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        displacement: Tensor `(batch, height, width, 2)`, see `split_displacement`. Positions beyond the
            border pixels are moved onto them.
        method: `"bicubic"` (Keys, a = −½) or `"lanczos"` (radius 3).

    Returns:
        Tensor of the shape of u.

    Raises:
        InputError: if there is no method of this name.

    Example:
        >>> u = ops.ones((1, 8, 1, 1)) * ops.reshape(ops.arange(8.0), (1, 1, 8, 1))
        >>> round(float(interpolate_displaced(u, ops.full((1, 8, 8, 2), 0.5))[0, 4, 4, 0]), 4)
        4.5
    """
    _, radius = _kernel(method)
    rows, columns, right, down = split_displacement(displacement)
    # The pixel before the position, since a kernel has as many taps on either side of it.
    back = (ops.squeeze(ops.cast(part < 0, "int32"), axis=-1) for part in (down, right))
    rows, columns = (place - b for place, b in zip((rows, columns), back, strict=True))
    down, right = ops.where(down < 0, down + 1.0, down), ops.where(right < 0, right + 1.0, right)
    height, width = ops.shape(u)[1:3]
    taps = range(1 - radius, radius + 1)
    total = 0.0
    for i, vertical in zip(taps, _weights(down, method, ops), strict=True):
        row = ops.clip(rows + i, 0, height - 1)
        for j, horizontal in zip(taps, _weights(right, method, ops), strict=True):
            column = ops.clip(columns + j, 0, width - 1)
            total = total + vertical * horizontal * gather_pixels(u, row, column)
    return total
