"""The proof that an exported file computes what its model computes."""

import numpy as np

from ..pde.backend import derived_gradients

TOLERANCE = 1e-6
"""Largest difference that is accepted, for images in [0, 1] and float32 arithmetic."""

SIZES = ((64, 64), (47, 81))
"""Heights and widths on which model and file are compared, unless the model is for one size alone."""


LAST_BIT = 2.0**-23
"""The relative distance of two neighbouring float32 numbers."""

_SHARE = 0.01


def largest_difference(model, run):
    """Compares a model with what was exported from it, on noise and on edges.

    Args:
        model: The `keras.Model`.
        run: Function that applies the exported file to an array `(1, height, width, channels)`.

    Returns:
        The largest absolute difference over images of all these sizes; where a model answers with
        values above one, as it may far from what it was trained for, relative to the largest. And how
        large it may be, see `tolerance`. For models that decide see `deviation`.
    """
    rng = np.random.default_rng(0)
    *size, channels = model.input_shape[1:]
    worst, allowed = 0.0, TOLERANCE
    for height, width in SIZES if None in size else [size]:
        edges = np.indices((height, width)).sum(0)[None, ..., None] // 8 % 2
        noise = rng.random((1, height, width, channels))
        image = (0.5 * edges + 0.5 * noise).astype("float32")
        difference, limit = deviation(model, image, np.asarray(run(image)))
        worst, allowed = max(worst, difference), max(allowed, limit)
    return worst, allowed


def deviation(model, image, exported):
    """How far what a file computed is from its model, and how far it may be.

    Of a model that decides between two regions it is the share of the pixels that are in another
    region, and at most a hundredth: where the contour starts from almost nothing, and stops when it
    hardly moves, no digit of a result is certain.

    Args:
        model: The `keras.Model`.
        image: Array `(batch, height, width, channels)`.
        exported: What the file computed of it.

    Returns:
        Two numbers.
    """
    expected = plain(model, image)
    if any(getattr(layer, "decides", False) for layer in model.layers):
        return float(np.mean((exported > 0.5) != (expected > 0.5))), _SHARE
    scale = max(1.0, float(np.abs(expected).max()))
    difference = float(np.abs(exported - expected).max()) / scale
    return difference, TOLERANCE if difference <= TOLERANCE else tolerance(model, image)


def plain(model, image):
    """What a model computes by the same operations one by one as they are in a file.

    Compiled ones round in another way, and where a filter is selected the last bit can decide.
    """
    with derived_gradients():
        return np.asarray(model(image, training=False))


def tolerance(model, image):
    """How much a file may differ from its model on an image, relative to the largest value.

    It is 1e-6, or what the model itself changes by if the image changes in its last bits: a filter
    that is selected, or a contour that starts from almost nothing, can make much of that.

    Args:
        model: The `keras.Model`.
        image: Array `(batch, height, width, channels)`.

    Returns:
        A number.
    """
    rng = np.random.default_rng(1)
    expected = plain(model, image)
    scale = max(1.0, float(np.abs(expected).max()))
    changes = []
    for _ in range(3):
        signs = rng.choice([-2 * LAST_BIT, 2 * LAST_BIT], image.shape)
        # What must be exact, as a mask, stays above or below its threshold.
        changed = plain(model, (image * (1 + signs)).astype("float32"))
        changes.append(float(np.abs(changed - expected).max()) / scale)
    return max(TOLERANCE, 2.0 * max(changes))
