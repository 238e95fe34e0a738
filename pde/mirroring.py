"""Mirroring an image at its border, and the adjoint; also for components that change their sign."""

from .backend import compiled_within, ops, own_gradient
from .differences import COLUMNS, ROWS


def parities(components):
    """The signs that components take when the image is mirrored, in the order of `haar`.

    Component 4 n is even both ways, 4 n + 1 changes its sign when left and right are exchanged,
    4 n + 2 when above and below are, and 4 n + 3 in either case.

    Args:
        components: Their number.

    Returns:
        `(row_signs, column_signs)`, two tuples of ±1, the first for a flip of the rows.
    """
    rows = tuple(-1.0 if component & 2 else 1.0 for component in range(components))
    columns = tuple(-1.0 if component & 1 else 1.0 for component in range(components))
    return rows, columns


def mirror(u, margins, signs=None):
    """Extends an image by mirroring it at its border: E u. It is `reflect` where no channel has a sign.

    Args:
        u: Tensor `(batch, height, width, channels)`, no side smaller than its margin.
        margins: `(rows, columns)`, pixels to add on each side.
        signs: For channels that change their sign when they are mirrored, what `parities` returns; no
            channel does when `None`.

    Returns:
        Tensor `(batch, height + 2 rows, width + 2 columns, channels)`.
    """
    return _with_adjoint(_mirrored, _folded, ops.convert_to_tensor(u), tuple(margins), signs)


def fold(v, margins, signs=None):
    """The adjoint of `mirror`: ⟨E u, v⟩ = ⟨u, Eᵀ v⟩. What lies beyond the border is added within.

    Args:
        v: Tensor `(batch, height + 2 rows, width + 2 columns, channels)`.
        margins: As for `mirror`.
        signs: As for `mirror`.

    Returns:
        Tensor `(batch, height, width, channels)`.
    """
    return _with_adjoint(_folded, _mirrored, ops.convert_to_tensor(v), tuple(margins), signs)


def _with_adjoint(linear, adjoint, u, margins, signs):
    """A linear function of u whose gradient is its adjoint."""

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


# Slices and sums at the border make many passes over an image unless they are compiled as one.
@compiled_within
def _mirrored(u, margins, signs):
    for axis, margin in zip((ROWS, COLUMNS), margins, strict=True):
        if margin:
            first = ops.flip(_part(u, axis, 0, margin), axis=axis)
            last = ops.flip(_part(u, axis, -margin, None), axis=axis)
            u = ops.concatenate([_signed(first, signs, axis), u, _signed(last, signs, axis)], axis=axis)
    return u


@compiled_within
def _folded(v, margins, signs):
    for axis, margin in reversed(list(zip((ROWS, COLUMNS), margins, strict=True))):
        if margin:
            size = ops.shape(v)[axis] - 2 * margin
            first = _signed(ops.flip(_part(v, axis, 0, margin), axis=axis), signs, axis)
            last = _signed(ops.flip(_part(v, axis, -margin, None), axis=axis), signs, axis)
            inner = _part(v, axis, margin, -margin)
            before, after = [(0, 0)] * 4, [(0, 0)] * 4
            before[axis], after[axis] = (0, size - margin), (size - margin, 0)
            v = inner + ops.pad(first, before) + ops.pad(last, after)
    return v
