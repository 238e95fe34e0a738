"""How many floating-point operations a model needs, as TensorFlow's profiler counts them."""

from typing import Any

import tensorflow as tf

from ..layers.traits import loops_of
from ..pde.tracing import PORTABLE, tracing_for


def count_flops(model: Any, size: int = 256) -> int:
    """Floating-point operations for one image of `size`×`size` pixels, or of a model's only size.

    The profiler counts two for each multiply-add of convolutions and matrix products, and one for
    each element of sums, products and the like; look-ups in a table and sigmoids it does not count.
    What is in a loop it does not see, so a pass of a loop is counted and multiplied.

    Args:
        model: A model of the zoo.
        size: Height and width in px.

    Returns:
        An integer.
    """
    *sides, channels = model.input_shape[1:]
    shape = (1, *((size, size) if None in sides else sides), channels)
    loops = [loop for layer in model.layers for loop in loops_of(layer, shape)]
    return _profile(model, [shape]) + _count(loops)


def _count(loops):
    """The operations of all passes of loops, and of the loops in them."""
    return sum(loop.times * (_profile(loop.body, loop.shapes) + _count(loop.inner)) for loop in loops)


def _profile(function, shapes):
    # Nor does it see what is in parts that are compiled by themselves.
    with tracing_for(PORTABLE):
        traced = tf.function(lambda *tensors: function(*tensors)).get_concrete_function(
            *(tf.TensorSpec(shape, tf.float32) for shape in shapes)
        )
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")  # The profiler warns that TensorFlow's own call of it is an old one.
    try:
        return tf.compat.v1.profiler.profile(traced.graph, options=options).total_float_ops
    finally:
        logger.setLevel(level)
