"""Applies a local model to a large image in overlapping windows, with the same result."""

import math

import numpy as np

from ..pde.backend import keras

_POINTWISE = (keras.layers.InputLayer, keras.layers.Add, keras.layers.ReLU)


def reach(model):
    """How many pixels away an input pixel can change the output; `None` if not known.

    Every layer of imagepde with a bounded domain of dependence has an attribute `reach`. Layers with
    `summary` are left out: what they say about the whole image is given, see `local_part`. A layer with
    `coarsening` changes the size of the pixels for those that follow.
    """
    total, pixel = 0, 1
    for layer in model.layers:
        if isinstance(layer, _POINTWISE) or getattr(layer, "summary", False):
            continue
        if getattr(layer, "reach", None) is None:
            return None
        total += layer.reach * pixel
        pixel *= getattr(layer, "coarsening", 1)
    return math.ceil(total)


def smallest_side(model):
    """The smallest height and width of a picture that the model can mirror at its border."""
    return max(getattr(layer, "smallest_side", 1) for layer in model.layers)


def whole(model):
    """The model as a function of NumPy arrays."""
    return lambda images: np.asarray(model.predict_on_batch(images))


def local_part(model, images):
    """The function of a window that is left when a model has seen the whole image.

    Layers with `summary` sum an image up in a few numbers, for instance its noise. They see the whole
    image here, and the rest of the model takes their results as they are.
    """
    summaries = [layer.output for layer in model.layers if getattr(layer, "summary", False)]
    if not summaries:
        return whole(model)
    seen = keras.Model(model.input, summaries).predict_on_batch(images)
    seen = seen if isinstance(seen, list | tuple) else [seen]
    rest = keras.Model([model.input, *summaries], model.output)
    return lambda window: np.asarray(rest.predict_on_batch([window, *seen]))


def alignment(model):
    """The number of pixels of which windows must start at a multiple, to be computed alike.

    It is above 1 for layers that lower the resolution; they have an attribute `alignment`.
    """
    return max(getattr(layer, "alignment", 1) for layer in model.layers)
