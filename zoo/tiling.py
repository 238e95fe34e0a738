"""Applies a local model to a large image in overlapping windows, with the same result."""

import math

import numpy as np

from ..pde.backend import keras

WINDOW = 1024
"""Side of the largest piece that is computed at once, in px; it bounds the memory needed."""

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


def _windows(length, window, halo, multiple):
    """Where windows start on an axis, and which part of each is kept: (start, from, to)."""
    if length <= window:
        return [(0, 0, length)]
    step = (window - 2 * halo) // multiple * multiple
    # The last window ends at the border, or a little beyond where it would then be misaligned.
    last = -(-(length - window) // multiple) * multiple
    starts = [*range(0, last, step), last]
    found, done = [], 0
    for start in starts:
        stop = length if start == starts[-1] else start + window - halo
        found.append((start, done, stop))
        done = stop
    return found


def apply_tiled(apply, images, halo, window=WINDOW, multiple=1, local=None):
    """Computes `apply(images)` in windows that overlap by `halo` pixels on each side.

    All windows of an image have the same size, so that `apply` is compiled once, but for the last
    ones where they must be aligned.

    Args:
        apply: Function of an array `(batch, height, width, channels)` that returns one of the same
            height and width, whose pixels depend on no pixel further away than `halo`.
        images: Array `(batch, height, width, channels)`.
        halo: In px; `None` if it is not known, then the image is computed in one piece.
        window: Side of a window, in px.
        multiple: Windows start at multiples of it.
        local: Function without arguments that returns what is applied to windows instead.
    """
    _, height, width, _ = images.shape
    if halo is None or window <= 4 * halo or max(height, width) <= window:
        return apply(images)
    apply = local() if local else apply
    result = None
    for top, row, row_end in _windows(height, window, halo, multiple):
        for left, column, column_end in _windows(width, window, halo, multiple):
            piece = apply(images[:, top : top + window, left : left + window])
            if result is None:
                result = np.empty((*images.shape[:3], piece.shape[-1]), piece.dtype)
            result[:, row:row_end, column:column_end] = piece[
                :, row - top : row_end - top, column - left : column_end - left
            ]
    return result
