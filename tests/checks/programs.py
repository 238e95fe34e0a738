"""Programs for what tests repeat so often that op by op it would take most of their time."""

import keras


def compiled(function):
    """A function of tensors of one shape as a program; on other backends than TensorFlow as it is."""
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    return tf.function(function, jit_compile=True)
