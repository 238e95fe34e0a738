"""Filtering with a bank of filters, one of them at each pixel (BLADE, section 2)."""

from ..errors import InputError
from .backend import Tensor, ops, own_gradient, weighted_bincount
from .boundary import replicate
from .compilation import compiled


def blade_filter(images: Tensor, filters: Tensor, index: Tensor) -> Tensor:
    """At each pixel the filter that an index names, û_i = Σ_{j ∈ F} h_j^{s(i)} z_{i+j}.

    This is eq. 2.1 of BLADE. The image is extended by repeating its border pixels. The gradient is the
    closed form of eq. 2.9, for images and filters; there is none for the index, which is piecewise
    constant. The sum runs over the footprint, so no tensor of patches is ever held.

    Args:
        images: z, tensor `(batch, height, width, channels)`.
        filters: h, tensor `(count, rows, columns)`, rows and columns odd.
        index: s, integer tensor `(batch, height, width, channels)` with values in 0 … count − 1, or
            with one channel for all.

    Returns:
        û, tensor of the shape of `images`.

    Raises:
        InputError: if a side of the footprint is even, or the shapes do not go together.

    Example:
        >>> image, index = ops.ones((1, 4, 4, 1)), ops.zeros((1, 4, 4, 1), "int32")
        >>> float(ops.sum(blade_filter(image, ops.ones((2, 3, 3)), index)))
        144.0
    """
    shape = tuple(filters.shape)
    if len(shape) != 3 or not all(side % 2 for side in shape[1:]):
        raise InputError(
            "`filters` must be (count, rows, columns) with odd rows and columns. "
            f"Received: shape={shape}."
        )
    if len(index.shape) != 4 or index.shape[-1] not in (1, images.shape[-1]):
        raise InputError(
            "`index` must be (batch, height, width, 1) or of the shape of the images. "
            f"Received: shape={tuple(index.shape)} for images of shape {tuple(images.shape)}."
        )
    rows, columns = shape[1:]
    return blade_filter_valid(replicate(images, (rows // 2, columns // 2)), filters, index)


def blade_filter_valid(images: Tensor, filters: Tensor, index: Tensor) -> Tensor:
    """The same without a boundary: the image is larger than the index by the footprint less one.

    Args:
        images: Tensor `(batch, height + rows − 1, width + columns − 1, channels)`.
        filters: Tensor `(count, rows, columns)`, of any size.
        index: Integer tensor `(batch, height, width, 1 or channels)`.

    Returns:
        Tensor `(batch, height, width, channels)`.

    Example:
        >>> image, index = ops.ones((1, 5, 5, 1)), ops.zeros((1, 3, 3, 1), "int32")
        >>> tuple(blade_filter_valid(image, ops.ones((2, 3, 3)), index).shape)
        (1, 3, 3, 1)
    """
    # JAX wants a derivative for each argument, and one of an integer is no tensor.
    return _apply(images, filters, ops.cast(index, "float32"))


@own_gradient
def _apply(images, filters, position):
    index = ops.cast(position, "int32")
    # Shapes are said, since they may not be known where images of many sizes were seen.
    shape, shared = tuple(filters.shape), index.shape[-1] != images.shape[-1]

    def grad(*args, upstream=None):
        if upstream is None:
            (upstream,) = args
        return (
            _image_gradient(upstream, filters, index, shape),
            _bank_gradient(upstream, images, index, shape, shared),
            ops.zeros_like(position),
        )

    return _sum_of_taps(images, filters, index, shape), grad


def _taps(shape):
    return [(i, j) for i in range(shape[1]) for j in range(shape[2])]


def _window(u, i, j, height, width):
    """The part of a larger image that a tap meets."""
    return u[:, i : i + height, j : j + width]


@compiled
def _sum_of_taps(images, filters, index, shape):
    sides = ops.shape(index)[1:3]
    return sum(
        ops.take(filters[:, i, j], index, axis=0) * _window(images, i, j, *sides)
        for i, j in _taps(shape)
    )


@compiled
def _bank_gradient(upstream, images, index, shape, shared):
    """∂L/∂h_j^k = Σ_{i: s(i) = k} z_{i+j} ∂L/∂û_i (eq. 2.9): a weighted count for each tap."""
    sides, counted = ops.shape(index)[1:3], []
    for i, j in _taps(shape):
        weights = _window(images, i, j, *sides) * upstream
        if shared:
            weights = ops.sum(weights, axis=-1, keepdims=True)
        counted.append(weighted_bincount(index, weights, shape[0]))
    return ops.reshape(ops.stack(counted, axis=-1), shape)


@compiled
def _image_gradient(upstream, filters, index, shape):
    """∂L/∂z_i = Σ_j h_j^{s(i−j)} ∂L/∂û_{i−j} (eq. 2.9): the transposed filters."""
    _, rows, columns = shape
    height, width = ops.shape(index)[1:3]
    sides = height + rows - 1, width + columns - 1
    # What is padded first and then only sliced is one pass over memory under XLA. The index beyond
    # the border does not matter, since nothing flows in from there.
    margins = ((0, 0), (rows - 1, rows - 1), (columns - 1, columns - 1), (0, 0))
    upstream, index = ops.pad(upstream, margins), ops.pad(index, margins)
    total = 0.0
    for i, j in _taps(shape):
        shift = rows - 1 - i, columns - 1 - j
        chosen = ops.take(filters[:, i, j], _window(index, *shift, *sides), axis=0)
        total = total + chosen * _window(upstream, *shift, *sides)
    return total
