"""How many floating-point operations a model needs, as TensorFlow's profiler counts them."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from ..layers.traits import Loop, loops_of
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
    return sum_of_passes(flops_without_loops, model, [shape], loops)


def sum_of_passes(
    count: Callable[[Callable, Sequence[tuple]], int],
    body: Callable,
    shapes: Sequence[tuple],
    loops: Sequence[Loop],
) -> int:
    """What a function counts for a program, and for all passes of the loops in it and in these.

    Args:
        count: Function of a program and of the shapes of its inputs, that does not look into loops.
        body: The program, a function of tensors.
        shapes: The shapes of these.
        loops: Its loops.

    Returns:
        An integer.
    """
    inner = (loop.times * sum_of_passes(count, loop.body, loop.shapes, loop.inner) for loop in loops)
    return count(body, shapes) + sum(inner)


def flops_without_loops(function: Callable, shapes: Sequence[tuple]) -> int:
    """The operations of a function of tensors of these shapes, a loop in it left out."""
    # Nor does the profiler see what is in parts that are compiled by themselves.
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
