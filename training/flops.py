"""How many floating-point operations a model needs, as TensorFlow's profiler counts them."""

import tensorflow as tf

from ..layers import Evolution


def count_flops(model, size=256):
    """Floating-point operations for one image of `size`×`size` pixels, or of a model's only size.

    The profiler counts two for each multiply-add of convolutions and matrix products, and one for
    each element of sums, products and the like; look-ups in a table and sigmoids it does not count.
    What is in a loop it does not see, so a step is counted and multiplied.

    Args:
        model: A model of the zoo.
        size: Height and width in px.

    Returns:
        An integer.
    """
    *sides, channels = model.input_shape[1:]
    shape = (1, *((size, size) if None in sides else sides), channels)
    total = _profile(model, shape)
    for layer in model._flatten_layers():
        if isinstance(layer, Evolution):
            total += layer.steps * _profile(layer.step, shape)
    return total


def _profile(function, shape):
    traced = tf.function(lambda image: function(image)).get_concrete_function(
        tf.TensorSpec(shape, tf.float32)
    )
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(traced.graph, options=options).total_float_ops
