"""The proof that an exported file computes what its model computes."""

import numpy as np

from ..pde.backend import derived_gradients

TOLERANCE = 1e-6
"""Largest difference that is accepted, for images in [0, 1] and float32 arithmetic."""

SIZES = ((64, 64), (47, 81))
"""Heights and widths on which model and file are compared, unless the model is for one size alone."""


def largest_difference(model, run):
    """Compares a model with what was exported from it, on noise and on edges.

    Args:
        model: The `keras.Model`.
        run: Function that applies the exported file to an array `(1, height, width, channels)`.

    Returns:
        The largest absolute difference over images of all these sizes; where a model answers with
        values above one, as it may far from what it was trained for, relative to the largest.
    """
    rng = np.random.default_rng(0)
    *size, channels = model.input_shape[1:]
    worst = 0.0
    for height, width in SIZES if None in size else [size]:
        edges = np.indices((height, width)).sum(0)[None, ..., None] // 8 % 2
        noise = rng.random((1, height, width, channels))
        image = (0.5 * edges + 0.5 * noise).astype("float32")
        # The same operations one by one as in the file: compiled ones round in another way, and where a
        # filter is selected the last bit can decide.
        with derived_gradients():
            expected = np.asarray(model(image, training=False))
        scale = max(1.0, float(np.abs(expected).max()))
        worst = max(worst, float(np.abs(np.asarray(run(image)) - expected).max()) / scale)
    return worst
