"""The boundary of the image: reflecting (homogeneous Neumann), half-sample symmetric."""

from collections.abc import Callable

import numpy as np

from .backend import Tensor, keras, ops, own_gradient
from .compilation import compiled_within
from .tracing import being_traced

ROWS, COLUMNS = 1, 2
"""The spatial axes of a `(batch, height, width, channels)` tensor: y downwards, x to the right."""

Margin = int | tuple[int, int]
"""Pixels to add at a side: one number, or one for rows and one for columns."""

Signs = tuple[tuple[float, ...], tuple[float, ...]]
"""The signs that channels take when rows, and when columns are mirrored; see `parities`."""

_FEW = 4
"""So many rows of a margin are at most copied one by one where that is faster than padding."""


def reflect(u: Tensor, before: Margin, after: Margin | None = None) -> Tensor:
    """Extends an image by mirroring it at its border, the border pixel repeated.

    The continuation `… u₁ u₀ | u₀ u₁ … u_{n−1} | u_{n−1} u_{n−2} …` is the discrete form of the
    homogeneous Neumann condition ∂u/∂ν = 0: no flux leaves the image.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        before: Pixels to add above and to the left: one integer, or `(rows, columns)`.
        after: Pixels to add below and to the right; `before` when `None`.

    Returns:
        Tensor `(batch, height + …, width + …, channels)`. Neither height nor width may be smaller
        than the number of pixels added at one side.

    Example:
        >>> tuple(reflect(ops.ones((1, 4, 4, 1)), 2).shape)
        (1, 8, 8, 1)
    """
    rows, columns = _margins(before, after)
    if not any((*rows, *columns)):
        return u
    if keras.backend.backend() == "torch":
        # Keras 3.15 takes "symmetric" for "replicate" there.
        return _mirrored(u, (rows, columns), None)
    if not being_traced().fast_padding and max(*rows, *columns) <= _FEW:
        # Padding that mirrors may be ten times slower than copies, and keep what follows slow, too.
        return _row_by_row(_row_by_row(u, ROWS, *rows), COLUMNS, *columns)
    return ops.pad(u, ((0, 0), rows, columns, (0, 0)), mode="symmetric")


def reflect_for_kernel(u: Tensor, size: int) -> Tensor:
    """Extends an image so that a valid correlation with a `size`×`size` kernel keeps its shape.

    For an even size, the extra pixel goes below and to the right, as `padding="same"` has it.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        size: Side of the kernel in px.

    Returns:
        Tensor `(batch, height + size − 1, width + size − 1, channels)`.

    Example:
        >>> tuple(reflect_for_kernel(ops.ones((1, 8, 8, 1)), 4).shape)
        (1, 11, 11, 1)
    """
    return reflect(u, (size - 1) // 2, size // 2)


def reflected_index(index: np.ndarray, size: int) -> np.ndarray:
    """The pixels that an axis of `size` pixels shows at positions up to `size` beyond its border.

    Args:
        index: Integer array of any shape, values in −size … 2 size − 1.
        size: Number of pixels.

    Returns:
        Integer array of the same shape, values in 0 … size − 1.

    Example:
        >>> reflected_index(np.arange(-2, 5), 3)
        array([1, 0, 0, 1, 2, 2, 1])
    """
    return np.where(index < 0, -1 - index, np.where(index < size, index, 2 * size - 1 - index))


def replicate(u: Tensor, before: Margin, after: Margin | None = None) -> Tensor:
    """Extends an image by repeating its border pixels.

    The continuation `… u₀ u₀ | u₀ u₁ … u_{n−1} | u_{n−1} u_{n−1} …`. One pixel of it is the same as
    `reflect`; further out it is flat.

    Args:
        u: Tensor `(batch, height, width, channels)` of any size.
        before: Pixels to add above and to the left: one integer, or `(rows, columns)`.
        after: Pixels to add below and to the right; `before` when `None`.

    Returns:
        Tensor `(batch, height + …, width + …, channels)`.

    Example:
        >>> u = ops.reshape(ops.array([1.0, 2.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(replicate(u, (0, 2))).ravel()
        array([1., 1., 1., 2., 2., 2.], dtype=float32)
    """
    for axis, (first, last) in enumerate(_margins(before, after), start=1):
        start = u[:, :1] if axis == 1 else u[:, :, :1]
        end = u[:, -1:] if axis == 1 else u[:, :, -1:]
        u = ops.concatenate([*[start] * first, u, *[end] * last], axis=axis)
    return u


def parities(components: int) -> Signs:
    """The signs that components take when the image is mirrored, in the order of `haar`.

    Component 4 n is even both ways, 4 n + 1 changes its sign when left and right are exchanged,
    4 n + 2 when above and below are, and 4 n + 3 in either case.

    Args:
        components: Their number.

    Returns:
        `(row_signs, column_signs)`, two tuples of ±1, the first for a flip of the rows.

    Example:
        >>> parities(3)
        ((1.0, 1.0, -1.0), (1.0, -1.0, 1.0))
    """
    rows = tuple(-1.0 if component & 2 else 1.0 for component in range(components))
    columns = tuple(-1.0 if component & 1 else 1.0 for component in range(components))
    return rows, columns


def mirror(u: Tensor, margins: tuple[int, int], signs: Signs | None = None) -> Tensor:
    """Extends an image by mirroring it at its border: E u. It is `reflect` where no channel has a sign.

    Its gradient is its adjoint, `fold`.

    Args:
        u: Tensor `(batch, height, width, channels)`, no side smaller than its margin.
        margins: `(rows, columns)`, pixels to add on each side.
        signs: For channels that change their sign when they are mirrored, what `parities` returns; no
            channel does when `None`.

    Returns:
        Tensor `(batch, height + 2 rows, width + 2 columns, channels)`.

    Example:
        >>> u = ops.reshape(ops.array([1.0, 2.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(mirror(u, (0, 1), ((1.0,), (-1.0,)))).ravel()
        array([-1.,  1.,  2., -2.], dtype=float32)
    """
    return _with_adjoint(_mirrored, _folded, ops.convert_to_tensor(u), margins, signs)


def fold(v: Tensor, margins: tuple[int, int], signs: Signs | None = None) -> Tensor:
    """The adjoint of `mirror`: ⟨E u, v⟩ = ⟨u, Eᵀ v⟩. What lies beyond the border is added within.

    Args:
        v: Tensor `(batch, height + 2 rows, width + 2 columns, channels)`.
        margins: As for `mirror`.
        signs: As for `mirror`.

    Returns:
        Tensor `(batch, height, width, channels)`.

    Example:
        >>> v = ops.reshape(ops.array([1.0, 2.0, 3.0, 4.0]), (1, 1, 4, 1))
        >>> ops.convert_to_numpy(fold(v, (0, 1))).ravel()
        array([3., 7.], dtype=float32)
    """
    return _with_adjoint(_folded, _mirrored, ops.convert_to_tensor(v), margins, signs)


def _margins(before, after):
    """Pixels to add at the start and the end of the rows, and of the columns."""
    before = (before, before) if isinstance(before, int) else tuple(before)
    after = before if after is None else ((after, after) if isinstance(after, int) else after)
    return tuple(zip(before, after, strict=True))


def _row_by_row(u, axis, before, after):
    """The mirrored image as copies of its first and last rows."""

    def row(k):
        index = [slice(None)] * 4
        index[axis] = slice(k, None if k == -1 else k + 1)
        return u[tuple(index)]

    above, below = [row(k) for k in reversed(range(before))], [row(-1 - k) for k in range(after)]
    parts = [*above, u, *below]
    # Fast kernels take no more than five parts at once.
    while len(parts) > 5:
        parts = [ops.concatenate(parts[:5], axis=axis), *parts[5:]]
    return ops.concatenate(parts, axis=axis) if len(parts) > 1 else u


def _with_adjoint(linear: Callable, adjoint: Callable, u, margins, signs):
    """A linear function of u whose gradient is its adjoint."""
    margins = tuple((margin, margin) for margin in margins)

    @own_gradient
    def both(u):
        def grad(*args, upstream=None):
            return adjoint(args[0] if upstream is None else upstream, margins, signs)

        return linear(u, margins, signs), grad

    return both(u)


def _signed(part, signs, axis):
    if signs is None:
        return part
    return part * ops.convert_to_tensor(signs[0 if axis == ROWS else 1], dtype=part.dtype)


def _part(u, axis, start, stop):
    return u[(slice(None),) * axis + (slice(start, stop),)]


def _first(u, axis, count, signs):
    return _signed(ops.flip(_part(u, axis, 0, count), axis=axis), signs, axis)


def _last(u, axis, count, signs):
    return _signed(ops.flip(_part(u, axis, -count, None), axis=axis), signs, axis)


# Slices and sums at the border make many passes over an image unless they are compiled as one.
@compiled_within
def _mirrored(u, margins, signs):
    for axis, (before, after) in zip((ROWS, COLUMNS), margins, strict=True):
        first = [_first(u, axis, before, signs)] if before else []
        last = [_last(u, axis, after, signs)] if after else []
        u = ops.concatenate([*first, u, *last], axis=axis) if first or last else u
    return u


@compiled_within
def _folded(v, margins, signs):
    for axis, (margin, _) in reversed(list(zip((ROWS, COLUMNS), margins, strict=True))):
        if margin:
            size = ops.shape(v)[axis] - 2 * margin
            first, last = _first(v, axis, margin, signs), _last(v, axis, margin, signs)
            inner = _part(v, axis, margin, -margin)
            before, after = [(0, 0)] * 4, [(0, 0)] * 4
            before[axis], after[axis] = (0, size - margin), (size - margin, 0)
            v = inner + ops.pad(first, before) + ops.pad(last, after)
    return v
