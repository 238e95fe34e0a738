"""Linear interpolation with a kernel: on a finer grid, and at displaced positions."""

import numpy as np

from .backend import ops
from .boundary import reflect
from .differences import COLUMNS, ROWS
from .errors import InputError


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


def upsample(u, factor, phase=0, method="lanczos"):
    """Interpolates an image on a grid `factor` times as fine.

    Pixel `phase` of the result is where pixel 0 of u is, and `phase + factor` where pixel 1 is.

    Args:
        u: Tensor `(batch, height, width, channels)`, no side smaller than the radius (3 for Lanczos).
        factor: A whole number ≥ 1.
        phase: From 0 to `factor` − 1; the image reaches beyond its border pixels by mirroring.
        method: `"lanczos"` (radius 3) or `"bicubic"` (Keys, a = −½).

    Returns:
        Tensor `(batch, height·factor, width·factor, channels)`.
    """
    _, radius = _kernel(method)
    for axis in (ROWS, COLUMNS):
        margins = (radius if axis == ROWS else 0, radius if axis == COLUMNS else 0)
        padded, size = reflect(u, margins), ops.shape(u)[axis]
        phases = []
        for k in range(factor):
            # Position of the fine pixel: `whole` pixels and a part beyond coarse pixel n.
            whole, part = divmod((k - phase) / factor, 1.0)
            weights = [float(w) for w in _weights(part, method, np)]
            first = int(whole) + 1
            before = (slice(None),) * axis
            phases.append(
                sum(
                    w * padded[(*before, slice(first + i, first + i + size))]
                    for i, w in enumerate(weights)
                )
            )
        stacked = ops.stack(phases, axis=axis + 1)
        batch, height, width, channels = ops.shape(u)
        sides = (height * factor, width) if axis == ROWS else (height, width * factor)
        u = ops.reshape(stacked, (batch, *sides, channels))
    return u


def split_displacement(displacement):
    """Where displaced pixels are sampled: whole pixels within the image, and what is left (BLADE, 5.3).

    Positions beyond the border pixels are moved onto them.

    Args:
        displacement: Tensor `(batch, height, width, 2)`, vˣ to the right and vʸ downwards in px.

    Returns:
        Rows and columns, int32 tensors `(batch, height, width)`, and the remainders δˣ and δʸ in
        [−½, ½], tensors `(batch, height, width, 1)`.
    """
    height, width = ops.shape(displacement)[1:3]
    split = []
    for axis, size in ((1, height), (0, width)):
        places = ops.cast(ops.arange(size), displacement.dtype)
        places = ops.reshape(places, (1, -1, 1) if axis else (1, 1, -1))
        last = ops.cast(size - 1, displacement.dtype)
        position = ops.clip(places + displacement[..., axis], 0.0, last)
        whole = ops.floor(position + 0.5)
        split.append((ops.cast(ops.minimum(whole, last), "int32"), (position - whole)[..., None]))
    (rows, down), (columns, right) = split
    return rows, columns, right, down


def gather_pixels(u, rows, columns):
    """The pixels of each image at rows and columns of its own.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        rows: int32 tensor `(batch, rows, columns)`, values in 0 … height − 1.
        columns: Likewise, in 0 … width − 1.

    Returns:
        Tensor `(batch, rows, columns, channels)`.
    """
    batch, height, width, channels = ops.shape(u)
    first = ops.reshape(ops.arange(batch, dtype="int32") * (height * width), (-1, 1, 1))
    return ops.take(ops.reshape(u, (-1, channels)), first + rows * width + columns, axis=0)


def interpolate_displaced(u, displacement, method="bicubic"):
    """ũ_{m,n} = u(m + vˣ, n + vʸ) by interpolation with a kernel.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        displacement: Tensor `(batch, height, width, 2)`, see `split_displacement`. Positions beyond the
            border pixels are moved onto them.
        method: `"bicubic"` (Keys, a = −½) or `"lanczos"` (radius 3).

    Returns:
        Tensor of the shape of u.
    """
    _, radius = _kernel(method)
    rows, columns, right, down = split_displacement(displacement)
    # The pixel before the position, since a kernel has as many taps on either side of it.
    back = ops.cast(down < 0, "int32")[..., 0], ops.cast(right < 0, "int32")[..., 0]
    rows, columns = rows - back[0], columns - back[1]
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
