"""Axes of pictures by name, as tifffile and OME write them, and the planes that they hold."""

from collections.abc import Iterator

import numpy as np

from ..errors import InputError

KNOWN = {
    "t": "time",
    "z": "depth",
    "c": "channel",
    "y": "height",
    "x": "width",
    "s": "color samples",
    "i": "sequence",
    "q": "other",
    "r": "series",
}
"""Letters of axes in lower case. `s` are the samples of a color, `c` channels that have nothing to do
with each other's color, as those of a microscope."""


def check_axes(axes: str, shape: tuple[int, ...]) -> str:
    """Axes in lower case, after a check that they fit the shape of an array.

    Args:
        axes: One letter for each axis, as `"tczyx"`; upper case is taken, too.
        shape: Shape of the array.

    Raises:
        InputError: for letters that are none or twice there, without y and x, or another number.

    Example:
        >>> check_axes("ZYX", (3, 64, 80))
        'zyx'
    """
    if not isinstance(axes, str):
        raise InputError(f"`axes` must be letters, as 'tczyx'. Received: {axes!r}.")
    found = axes.lower()
    if len(found) != len(shape):
        raise InputError(
            f"`axes` must name each axis of the image. Received: axes={axes!r} for shape={shape}."
        )
    unknown = [letter for letter in found if not letter.isascii() or not letter.isalpha()]
    if unknown or len(set(found)) < len(found) or not {"y", "x"} <= set(found):
        raise InputError(
            "`axes` must be different letters with y (height) and x (width) among them; others are t, "
            f"z, c for channels and s for the samples of a color. Received: axes={axes!r}."
        )
    return found


def guess_axes(shape: tuple[int, ...]) -> str:
    """The axes of an array for which none are given: `yx`, `yxs`, or a batch `tyxs` of such.

    Raises:
        InputError: where that would be a guess.
    """
    if len(shape) in (2, 3, 4) and (len(shape) == 2 or shape[-1] in (1, 3, 4)):
        return {2: "yx", 3: "yxs", 4: "tyxs"}[len(shape)]
    raise InputError(
        "A picture must be (height, width), (height, width, channels) or (batch, height, width, "
        "channels) with 1, 3 or 4 channels: grey, RGB or RGBA; name the axes of another, as "
        f'axes="zyx". Received: shape={shape}.'
    )


def planes_last(array: np.ndarray, axes: str) -> tuple[np.ndarray, str]:
    """A view whose last axes are y, x and, where there are any, s; the others keep their order.

    Example:
        >>> view, axes = planes_last(np.zeros((3, 64, 80)), "syx")
        >>> view.shape, axes
        ((64, 80, 3), 'yxs')
    """
    last = "yxs" if "s" in axes else "yx"
    order = "".join(letter for letter in axes if letter not in last) + last
    return array.transpose([axes.index(letter) for letter in order]), order


def in_order(array: np.ndarray, axes: str, wanted: str) -> np.ndarray:
    """A view with its axes in another order; the inverse of `planes_last`."""
    return array.transpose([axes.index(letter) for letter in wanted])


def plane_indices(shape: tuple[int, ...], axes: str) -> Iterator[tuple[int, ...]]:
    """The indices of all planes of an array whose last axes are y, x and perhaps s."""
    return np.ndindex(*shape[: len(axes) - (3 if axes.endswith("yxs") else 2)])
