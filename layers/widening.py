"""The start of a step with more filters or components than the one whose weights it takes."""

import operator
from typing import Any

import numpy as np

from ..pde.backend import keras, ops


def is_wider(layer: keras.Layer, narrower: keras.Layer) -> bool:
    """Whether a layer is of the same kind as another one, and each weight as large along each axis."""
    return (
        type(layer) is type(narrower)
        and len(layer.weights) == len(narrower.weights)
        and all(map(_at_least, layer.weights, narrower.weights))
    )


def _at_least(weight, other):
    ranks = len(weight.shape) == len(other.shape)
    return ranks and all(map(operator.ge, weight.shape, other.shape))


def fill_from(layer: keras.Layer, narrower: keras.Layer, kernel: Any, values: Any = None) -> None:
    """Puts the weights of a narrower layer into the first places of those of a wider one.

    Args:
        layer: The wider one.
        narrower: The narrower one.
        kernel: The weight whose old kernels must not see new components; they get zeros there.
        values: The weight that is 0 for new filters, if the layer has one.
    """
    for new, old in zip(layer.weights, narrower.weights, strict=True):
        value, given = np.array(ops.convert_to_numpy(new)), ops.convert_to_numpy(old)
        if new is kernel:
            value[..., : given.shape[-1]] = 0.0
        elif new is values:
            value[..., given.shape[-1] :] = 0.0
        value[tuple(slice(length) for length in given.shape)] = given
        new.assign(value)
