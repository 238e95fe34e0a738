"""Keras and its backend: imported here first, and the few places where the backends differ."""

import functools
from collections.abc import Callable
from typing import Any

from .tracing import being_traced

try:
    import keras
except ModuleNotFoundError as error:
    raise ImportError(
        "imagepde needs Keras 3.15 and one of its backends; install TensorFlow with "
        "`pip install 'imagepde[cpu]'` or `pip install 'imagepde[gpu]'`, or set `KERAS_BACKEND` to "
        f"a backend that is installed. Received: {error}."
    ) from error

ops = keras.ops

if keras.backend.backend() == "tensorflow":
    import tensorflow
else:
    tensorflow = None
"""The module TensorFlow where it is the backend, `None` otherwise."""

Tensor = Any
"""A tensor of the backend, or what Keras takes for one: arrays, variables, symbolic tensors."""


def building_program() -> bool:
    """Whether operations are put into a program now, and not run one by one; of TensorFlow only."""
    return tensorflow is not None and not tensorflow.executing_eagerly()


def own_gradient(function: Callable) -> Callable:
    """Decorator for a function of tensors with a gradient of its own, as `ops.custom_gradient`.

    Args:
        function: Function that returns its value, and the function for the gradient.

    Returns:
        Function of the same tensors that returns the value. Its gradient is derived where the program
        that is traced must not contain others, see `Traced.own_gradients`.
    """
    custom = ops.custom_gradient(function)

    @functools.wraps(function)
    def call(*args):
        if tensorflow is not None:
            # TensorFlow takes no variables here, and Keras hands them out as tensors.
            args = [tensorflow.convert_to_tensor(arg) for arg in args]
        return custom(*args) if being_traced().own_gradients else function(*args)[0]

    return call


def weighted_bincount(index: Tensor, weights: Tensor, length: int) -> Tensor:
    """Sums the weights that fall into each of `length` bins.

    Args:
        index: Integer tensor of any shape, values in 0 … length − 1.
        weights: Tensor of the same shape.
        length: Number of bins.

    Returns:
        Tensor `(length,)` of the type of the weights.

    Example:
        >>> ops.convert_to_numpy(weighted_bincount(ops.array([0, 2, 2]), ops.array([1.0, 2.0, 3.0]), 3))
        array([1., 0., 5.], dtype=float32)
    """
    index, dtype = ops.reshape(index, (-1,)), weights.dtype
    weights = ops.reshape(ops.cast(weights, "float32"), (-1,))
    if tensorflow is not None:
        # Several times faster than a segment sum on a CPU. The public forms of this op compute the
        # length of the result from the data, but XLA must see it as a constant.
        total = tensorflow.raw_ops.DenseBincount(input=index, size=length, weights=weights)
    else:
        total = ops.segment_sum(weights, index, num_segments=length)
    return ops.cast(total, dtype)


def correlate(u: Tensor, kernel: Tensor) -> Tensor:
    """Valid correlation of images with a bank of small kernels.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        kernel: Tensor `(rows, columns, channels, filters)`.

    Returns:
        Tensor `(batch, height − rows + 1, width − columns + 1, filters)`.
    """
    traced = being_traced()
    if tensorflow is not None and traced.within_loop:
        return _correlate_in_loop(u, kernel)
    if traced.bfloat16_convolutions and keras.backend.standardize_dtype(u.dtype) == "float32":
        rounded = (ops.cast(tensor, "bfloat16") for tensor in (u, kernel))
        return ops.cast(ops.conv(*rounded, padding="valid"), "float32")
    return ops.conv(u, kernel, padding="valid")


@own_gradient
def _correlate_in_loop(u, kernel):
    # Within a loop, XLA computes the gradient of a convolution many times slower on a CPU than as the
    # matrix products that it is, see `benchmarks/`. Outside of loops it is the other way round.
    rows, columns, channels, filters = kernel.shape

    def grad(*args, upstream=None):
        if upstream is None:
            (upstream,) = args
        height, width = ops.shape(upstream)[1:3]
        shifts = [(i, j) for i in range(rows) for j in range(columns)]
        patches = ops.concatenate([u[:, i : i + height, j : j + width] for i, j in shifts], axis=-1)
        patches = ops.reshape(patches, (-1, len(shifts) * channels))
        grad_kernel = ops.matmul(ops.transpose(patches), ops.reshape(upstream, (-1, filters)))
        spread = ops.matmul(upstream, ops.transpose(ops.reshape(kernel, (-1, filters))))
        grad_u = sum(
            ops.pad(
                spread[..., k * channels : (k + 1) * channels],
                ((0, 0), (i, rows - 1 - i), (j, columns - 1 - j), (0, 0)),
            )
            for k, (i, j) in enumerate(shifts)
        )
        return grad_u, ops.reshape(grad_kernel, kernel.shape)

    return ops.conv(u, kernel, padding="valid"), grad


__all__ = [
    "Tensor",
    "building_program",
    "correlate",
    "keras",
    "ops",
    "own_gradient",
    "tensorflow",
    "weighted_bincount",
]
