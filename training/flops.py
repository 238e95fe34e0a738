"""How many floating-point operations a model needs, as TensorFlow's profiler counts them."""

import tensorflow as tf

from ..layers import (
    AnisotropicDiffusionStep,
    ChanVese,
    Evolution,
    Inpainting,
    NoiseNormalized,
    Reconstruction,
)
from ..pde.tracing import PORTABLE, tracing_for


def count_flops(model, size=256):
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
    return _profile(model, [shape]) + sum(_in_loops(layer, shape) for layer in model.layers)


def _in_loops(layer, shape):
    """What one call of a layer does in loops, for images of this shape."""
    if isinstance(layer, NoiseNormalized):
        return _in_loops(layer.filter, shape)
    if isinstance(layer, ChanVese):
        # As many steps as there are at most.
        return layer.steps * _profile(layer.advance, [shape, layer.compute_output_shape(shape)])
    if isinstance(layer, Reconstruction):
        larger = layer.compute_output_shape(shape)
        once = _profile(
            lambda u, inputs: layer.advance(u, *layer.observation.bind(inputs)), [larger, shape]
        )
        return layer.steps * (once + _in_loops(layer.step, larger))
    if isinstance(layer, Inpainting):
        shape = layer.compute_output_shape(shape)
    if isinstance(layer, Evolution | Inpainting):
        return layer.steps * (_profile(layer.step, [shape]) + _in_loops(layer.step, shape))
    if isinstance(layer, AnisotropicDiffusionStep) and layer.cycle > 1:
        corners = layer.tensor.compute_output_shape(shape)
        return layer.cycle * _profile(lambda u, *tensor: u + layer.rate(u, tensor), [shape, *corners])
    return 0


def _profile(function, shapes):
    # Nor does it see what is in parts that are compiled by themselves.
    with tracing_for(PORTABLE):
        traced = tf.function(lambda *tensors: function(*tensors)).get_concrete_function(
            *(tf.TensorSpec(shape, tf.float32) for shape in shapes)
        )
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(traced.graph, options=options).total_float_ops
