"""Applies a local function to a large image in overlapping windows, with the same result."""

from collections.abc import Callable

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]
"""Of images `(batch, height, width, channels)`."""

WINDOW = 1024
"""Side of the largest piece that is computed at once, in px; it bounds the memory needed."""


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


def apply_tiled(
    apply: Function,
    images: np.ndarray,
    halo: int | None,
    window: int = WINDOW,
    multiple: int = 1,
    local: Callable[[], Function] | None = None,
) -> np.ndarray:
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
    assert result is not None, "there is one window at least"
    return result
