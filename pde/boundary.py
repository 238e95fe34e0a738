"""The boundary of the image: reflecting (homogeneous Neumann), half-sample symmetric."""

from .backend import deriving, keras, ops

_FEW = 4
"""So many rows of a margin are at most written one by one in a file."""


def reflect(u, before, after=None):
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
        return _mirror(_mirror(u, 1, *rows), 2, *columns)
    if deriving() and max(*rows, *columns) <= _FEW:
        # LiteRT mirrors ten times slower than it copies, and this keeps it from its fast kernels.
        return _row_by_row(_row_by_row(u, 1, *rows), 2, *columns)
    return ops.pad(u, ((0, 0), rows, columns, (0, 0)), mode="symmetric")


def _margins(before, after):
    """Pixels to add at the start and the end of the rows, and of the columns."""
    before = (before, before) if isinstance(before, int) else tuple(before)
    after = before if after is None else ((after, after) if isinstance(after, int) else after)
    return tuple(zip(before, after, strict=True))


def _mirror(u, axis, before, after):
    size = u.shape[axis]
    first, last = ops.arange(before - 1, -1, -1), ops.arange(size - 1, size - 1 - after, -1)
    return ops.concatenate([ops.take(u, first, axis=axis), u, ops.take(u, last, axis=axis)], axis=axis)


def _row_by_row(u, axis, before, after):
    """The mirrored image as copies of its first and last rows."""

    def row(k):
        index = [slice(None)] * 4
        index[axis] = slice(k, None if k == -1 else k + 1)
        return u[tuple(index)]

    above, below = [row(k) for k in reversed(range(before))], [row(-1 - k) for k in range(after)]
    parts = [*above, u, *below]
    # More than five parts at once the fast kernels do not take.
    while len(parts) > 5:
        parts = [ops.concatenate(parts[:5], axis=axis), *parts[5:]]
    return ops.concatenate(parts, axis=axis) if len(parts) > 1 else u


def replicate(u, before, after=None):
    """Extends an image by repeating its border pixels.

    The continuation `… u₀ u₀ | u₀ u₁ … u_{n−1} | u_{n−1} u_{n−1} …`. One pixel of it is the same as
    `reflect`; further out it is flat.

    Args and result as for `reflect`; the image may have any size.
    """
    for axis, (first, last) in enumerate(_margins(before, after), start=1):
        start = u[:, :1] if axis == 1 else u[:, :, :1]
        end = u[:, -1:] if axis == 1 else u[:, :, -1:]
        u = ops.concatenate([*[start] * first, u, *[end] * last], axis=axis)
    return u


def reflect_for_kernel(u, size):
    """Extends an image so that a valid correlation with a `size`×`size` kernel keeps its shape.

    For an even size, the extra pixel goes below and to the right, as `padding="same"` has it.
    """
    return reflect(u, (size - 1) // 2, size // 2)
