"""Rows or columns that are brighter or darker as a whole, as line cameras and scanners make them."""

import numpy as np

from ..errors import InputError

AXES = {"rows": 0, "columns": 1}

_WIDTH = 11
"""Lines over which the picture itself is taken to be smooth, but for edges."""


def stripe_offsets(plane: np.ndarray, direction: str) -> np.ndarray:
    """By how much each row or column is brighter than the picture without stripes.

    Lines of one value throughout are left out. The median of the differences between a line and the
    next one sees the stripes alone where the picture is smooth. Their sum, less its running median over
    11 lines, are the offsets: steps that the picture has itself stay in it.

    Args:
        plane: `(height, width)`, real numbers in any unit.
        direction: `"rows"` or `"columns"`.

    Returns:
        An offset for each line, in the units of the plane, as float64.

    Raises:
        InputError: for another direction.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> offsets = rng.normal(0, 5, (64, 1))
        >>> plane = 100 + offsets + rng.normal(0, 1, (64, 32))
        >>> found = stripe_offsets(plane, "rows")
        >>> bool(np.std(offsets[:, 0] - found) < 0.6 * np.std(offsets))
        True
    """
    from scipy.ndimage import median_filter

    if direction not in AXES:
        raise InputError(f"Stripes are 'rows' or 'columns'. Received: {direction!r}.")
    lines = np.asarray(plane, np.float64)
    lines = lines if AXES[direction] == 0 else lines.T
    offsets, live = np.zeros(len(lines)), live_lines(lines)
    if live.sum() < 2:
        return offsets
    steps = np.median(np.diff(lines[live], axis=0), axis=1)
    level = np.concatenate([[0.0], np.cumsum(steps)])
    offsets[live] = level - median_filter(level, _WIDTH, mode="reflect")
    return offsets


def live_lines(lines: np.ndarray) -> np.ndarray:
    """Which lines are not of one value throughout, as those that were masked or lost are."""
    return lines.max(1) > lines.min(1)


def without_stripes(plane: np.ndarray, direction: str) -> np.ndarray:
    """The plane less `stripe_offsets`, as float64.

    Raises:
        InputError: for another direction.
    """
    offsets = stripe_offsets(plane, direction)
    return plane - (offsets[:, None] if AXES[direction] == 0 else offsets[None])
