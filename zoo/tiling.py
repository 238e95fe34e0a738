"""Applies a local model to a large image in overlapping windows, with the same result."""

import numpy as np

WINDOW = 1024
"""Side of the largest piece that is computed at once, in px; it bounds the memory needed."""


def reach(model):
    """How many pixels away an input pixel can change the output; `None` if not known.

    Every layer of imagepde with a bounded domain of dependence has an attribute `reach`.
    """
    total = 0
    for layer in model.layers:
        if layer.__class__.__name__ == "InputLayer":
            continue
        if getattr(layer, "reach", None) is None:
            return None
        total += layer.reach
    return total


def _windows(length, window, halo):
    """Where windows start on an axis, and which part of each is kept: (start, from, to)."""
    if length <= window:
        return [(0, 0, length)]
    starts = range(0, length - window, window - 2 * halo)
    starts = [*starts, length - window]
    found, done = [], 0
    for start in starts:
        stop = length if start == starts[-1] else start + window - halo
        found.append((start, done, stop))
        done = stop
    return found


def apply_tiled(apply, images, halo, window=WINDOW):
    """Computes `apply(images)` in windows that overlap by `halo` pixels on each side.

    All windows of an image have the same size, so that `apply` is compiled once.

    Args:
        apply: Function of an array `(batch, height, width, channels)` that returns one of the same
            height and width, whose pixels depend on no pixel further away than `halo`.
        images: Array `(batch, height, width, channels)`.
        halo: In px; `None` if it is not known, then the image is computed in one piece.
        window: Side of a window, in px.
    """
    _, height, width, _ = images.shape
    if halo is None or window <= 4 * halo or max(height, width) <= window:
        return apply(images)
    result = None
    for top, row, row_end in _windows(height, window, halo):
        for left, column, column_end in _windows(width, window, halo):
            piece = apply(images[:, top : top + window, left : left + window])
            if result is None:
                result = np.empty((*images.shape[:3], piece.shape[-1]), piece.dtype)
            result[:, row:row_end, column:column_end] = piece[
                :, row - top : row_end - top, column - left : column_end - left
            ]
    return result
