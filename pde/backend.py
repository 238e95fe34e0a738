"""Keras and its backend: imported here first, and the few places where the backends differ."""

try:
    import keras
except ModuleNotFoundError as error:
    raise ImportError(
        "imagepde needs Keras 3.15 and one of its backends; install TensorFlow with "
        "`pip install 'imagepde[cpu]'` or `pip install 'imagepde[gpu]'`, or set `KERAS_BACKEND` to "
        f"a backend that is installed. Received: {error}."
    ) from error

ops = keras.ops


def weighted_bincount(index, weights, length):
    """Sums the weights that fall into each of `length` bins.

    Args:
        index: Integer tensor of any shape, values in 0 … length − 1.
        weights: Tensor of the same shape.
        length: Number of bins, an integer.

    Returns:
        Tensor `(length,)` of the type of the weights.
    """
    index, dtype = ops.reshape(index, (-1,)), weights.dtype
    weights = ops.reshape(ops.cast(weights, "float32"), (-1,))
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # Several times faster than a segment sum on a CPU. The public forms of this op compute the
        # length of the result from the data, but XLA must see it as a constant.
        total = tf.raw_ops.DenseBincount(input=index, size=length, weights=weights)
    else:
        total = ops.segment_sum(weights, index, num_segments=length)
    return ops.cast(total, dtype)


__all__ = ["keras", "ops", "weighted_bincount"]
