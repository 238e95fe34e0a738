"""What every layer of imagepde needs: its registration, layers as arguments, checks of input."""

from ..errors import InputError
from ..pde.backend import keras

register = keras.saving.register_keras_serializable(package="imagepde")
"""Decorator that lets `.keras` files find a class; the name in the file is `imagepde>ClassName`."""


def as_layer(value, argument):
    """A layer that was given as itself or as its serialised configuration."""
    if isinstance(value, dict):
        value = keras.saving.deserialize_keras_object(value)
    if not isinstance(value, keras.Layer):
        raise InputError(f"`{argument}` must be a Keras layer. Received: {argument}={value!r}.")
    return value


def build_once(layer, shape):
    """Builds a layer within a layer, unless it came out of a file with its weights already made."""
    if not layer.built:
        layer.build(shape)


def check_positive_integer(value, argument):
    """A whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"`{argument}` must be a whole number ≥ 1. Received: {argument}={value!r}.")
    return value
