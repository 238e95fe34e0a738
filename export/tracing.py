"""A model as one function of TensorFlow, traced once."""

import dataclasses

from ..pde.tracing import PORTABLE

FROZEN = dataclasses.replace(PORTABLE, frozen_weights=True)
"""What LiteRT and ONNX files may contain. Not every runtime of LiteRT has loops within loops, that of
browsers has not; it mirrors ten times slower than it copies, which keeps what follows from its fast
kernels; and it has fast convolutions of integers, but no fast transposed ones."""


def traced(model, shape):
    """A module whose function `serve` applies the model to images of a shape.

    The exporter of Keras traces a model several times for each file; that took half of the time.

    Args:
        model: The `keras.Model`, on the TensorFlow backend.
        shape: `(batch, height, width, channels)`, each `None` if open.

    Returns:
        A `tf.Module`; it holds the variables.
    """
    import tensorflow as tf

    specification = tf.TensorSpec(shape, tf.float32, name=model.inputs[0].name)
    module = tf.Module()
    module.held = [variable.value for variable in model.variables]
    module.serve = tf.function(
        lambda image: model(image, training=False), [specification], autograph=False
    )
    return module
