"""What a model needs and promises: the one place that asks its layers."""

import weakref
from collections.abc import Callable

import numpy as np

from ..errors import InputError
from ..layers.traits import Traits, traits_of
from ..pde.backend import keras


def traits(model: keras.Model) -> Traits:
    """The `layers.Traits` of a model: those of its layers, one after the other.

    Tiling, `restore`, certificates and exports ask this function and nothing else.

    Args:
        model: A `keras.Model`. Layers of other people count as looking at the whole image and as
            promising nothing, apart from those of Keras that work pixel by pixel.

    Returns:
        A `Traits`; lengths are in px of the model's input.

    Raises:
        InputError: if it is no model.

    Example:
        >>> from imagepde import zoo
        >>> zoo.traits(zoo.load("trd.gauss25")).reach
        35
    """
    if not isinstance(model, keras.Model):
        raise InputError(f"`model` must be a keras.Model. Received: {type(model).__name__}.")
    return traits_of(model)


def layers_of(model: keras.Model, kind: type) -> list:
    """The layers of a model that are of a class; those within other layers are not searched."""
    return [layer for layer in model.layers if isinstance(layer, kind)]


def whole(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """The model as a function of NumPy arrays."""
    return lambda images: np.asarray(model.predict_on_batch(images))


def local_part(
    model: keras.Model, images: Callable[[], np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    """The function of a window that is left when a model has seen the whole image.

    Layers that give numbers sum an image up in them, for instance its noise. They see the whole image
    here, and the rest of the model takes their results as they are.

    Args:
        model: The model.
        images: Function that returns the images, which is called only if there are such layers.
    """
    parts = _parts(model)
    if parts is None:
        return whole(model)
    first, rest = parts
    seen = first.predict_on_batch(images())
    seen = seen if isinstance(seen, list | tuple) else [seen]
    return lambda window: np.asarray(rest.predict_on_batch([window, *seen]))


def sums_images_up(model: keras.Model) -> bool:
    """Whether a model has layers that give numbers about the whole image, see `local_part`."""
    return _parts(model) is not None


_PARTS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def _parts(model):
    """The model up to its numbers, and what follows; made once, as each is a program of its own."""
    if model not in _PARTS:
        numbers = [layer.output for layer in model.layers if traits_of(layer).gives == "number"]
        _PARTS[model] = numbers and (
            keras.Model(model.input, numbers),
            keras.Model([model.input, *numbers], model.output),
        )
    return _PARTS[model] or None
