"""Keras and its backend: imported here first, and the few places where the backends differ."""

import contextlib
import functools

try:
    import keras
except ModuleNotFoundError as error:
    raise ImportError(
        "imagepde needs Keras 3.15 and one of its backends; install TensorFlow with "
        "`pip install 'imagepde[cpu]'` or `pip install 'imagepde[gpu]'`, or set `KERAS_BACKEND` to "
        f"a backend that is installed. Received: {error}."
    ) from error

ops = keras.ops


_derive = False


@contextlib.contextmanager
def derived_gradients():
    """Within this context, what is traced is made of plain operations: no gradients of our own, and no
    parts that are compiled by themselves.

    A TensorFlow SavedModel keeps hand-written gradients, but cannot apply them within a loop after
    loading; those that TensorFlow derives it can. So a model that is to be trained further from a
    SavedModel is exported in this context.
    """
    global _derive
    before, _derive = _derive, True
    try:
        yield
    finally:
        _derive = before


def deriving():
    """Whether what is traced now is traced within `derived_gradients`, as for a file."""
    return _derive


_frozen = False


@contextlib.contextmanager
def frozen_weights():
    """Within this context, what is traced is for a file whose weights do not change any more."""
    global _frozen
    before, _frozen = _frozen, True
    try:
        yield
    finally:
        _frozen = before


def of_weights_alone(function):
    """Decorator for what depends on weights and on nothing else: a constant of a file with frozen ones.

    What optimises such files does not compute large constants from others, so a file would hold, and
    compute for each image, all that leads to a bound on a norm.
    """

    @functools.wraps(function)
    def call(*args):
        if not (_frozen and tracing()):
            return function(*args)
        import tensorflow as tf

        with tf.init_scope():
            value = function(*args).numpy()
        # Not as a captured tensor, of which the converter to ONNX makes another input.
        return tf.constant(value)

    return call


def compiled(function):
    """Decorator for a part of a program that is compiled by itself, so that nothing is fused with it.

    XLA fuses what selects a filter with what applies it, and computes the index again for each tap.
    A function of its own is compiled as it stands. Within a program that XLA compiles as a whole it
    is no more than its lines, and so it is on other backends than TensorFlow and in exported files.

    Arguments are tensors and constants that can be hashed.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    program = tf.function(function, jit_compile=True, reduce_retracing=True)

    @functools.wraps(function)
    def call(*args):
        # Keras hands out variables as they are.
        args = [tf.convert_to_tensor(a) if isinstance(a, keras.Variable) else a for a in args]
        return function(*args) if _derive else program(*args)

    return call


def tracing():
    """Whether operations are put into a program now, and not run one by one; of TensorFlow only."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.executing_eagerly()


def compiled_within(function):
    """Decorator as `compiled`, for what is a program of its own only within another one.

    Op by op, no image is met often enough to be worth that.
    """
    program = compiled(function)

    @functools.wraps(function)
    def call(*args):
        return (program if tracing() else function)(*args)

    return call


_loops = 0


@contextlib.contextmanager
def within_loop():
    """What is traced within this context is the body of a loop that a compiler keeps as a loop."""
    global _loops
    _loops += 1
    try:
        yield
    finally:
        _loops -= 1


def within_a_loop():
    """Whether what is traced now is traced within `within_loop`."""
    return _loops > 0


def own_gradient(function):
    """Decorator for a function that returns its value and its gradient, as `ops.custom_gradient`."""
    custom = ops.custom_gradient(function)

    @functools.wraps(function)
    def call(*args):
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            # TensorFlow takes no variables here, and Keras hands them out as tensors.
            args = [tf.convert_to_tensor(arg) for arg in args]
        return function(*args)[0] if _derive else custom(*args)

    return call


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


def correlate(u, kernel):
    """Valid correlation of images with a bank of small kernels.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        kernel: Tensor `(rows, columns, channels, filters)`.

    Returns:
        Tensor `(batch, height − rows + 1, width − columns + 1, filters)`.
    """
    if keras.backend.backend() == "tensorflow" and _loops:
        return _correlate_in_loop(u, kernel)
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
    "compiled",
    "compiled_within",
    "correlate",
    "derived_gradients",
    "deriving",
    "frozen_weights",
    "keras",
    "of_weights_alone",
    "ops",
    "own_gradient",
    "tracing",
    "weighted_bincount",
    "within_a_loop",
    "within_loop",
]
