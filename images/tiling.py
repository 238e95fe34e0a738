"""Applies a local function to an image in windows of few sizes, with the same result as for the whole.

A program is compiled for each size of an image, and stays in memory. So windows are squares of few
sides: pictures of any number of sizes need no more than these programs. For large pictures a program
is soon compiled, and windows that overlap less are worth one of their own.
"""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Sequence

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]
"""Of images `(batch, height, width, channels)`."""

WINDOW = 1024
"""Side of the largest piece that is computed at once, in px; it bounds the memory needed."""

SIDES = (64, 96, 128, 192, 256, 384, 512, 768, WINDOW)
"""Sides of windows, in px."""

FINE = range(512, 1057, 32)
"""Heights and widths of windows of an image that is larger than these sides: chosen one by one, they
leave little that is computed twice."""

_WORTH = 0.95
"""Windows of finer sides, with a program of their own, are taken if they have so much fewer pixels."""

LARGE = (1536, 2048)
"""Sides that are taken where a pixel sees so far that with others most would be computed twice."""

_DEAR = 3.0
"""So many times the pixels of the image are too many."""


@dataclasses.dataclass(frozen=True)
class Window:
    """A piece of an image: where it begins, and which part of it is kept.

    Attributes:
        start: Row and column of its first pixel.
        side: Height and width, beyond the image too where that is smaller.
        kept: First and last row and column (exclusive) of the image that are taken from it.
        repeated: How often the last row and column of the image are repeated before it is mirrored.
    """

    start: tuple[int, int]
    side: tuple[int, int]
    kept: tuple[tuple[int, int], tuple[int, int]]
    repeated: tuple[int, int] = (0, 0)

    def read(self, image: np.ndarray) -> np.ndarray:
        """Its pixels of `(…, height, width, channels)`, mirrored beyond the image."""
        (top, left), (height, width) = self.start, self.side
        piece = image[..., top : top + height, left : left + width, :]
        missing = height - piece.shape[-3], width - piece.shape[-2]
        if not any(missing):
            return piece
        repeated = [min(pair) for pair in zip(missing, self.repeated, strict=True)]
        mirrored = [n - k for n, k in zip(missing, repeated, strict=True)]
        for counts, mode in ((repeated, "edge"), (mirrored, "symmetric")):
            beyond = [(0, 0)] * (piece.ndim - 3) + [(0, n) for n in (*counts, 0)]
            piece = np.pad(piece, beyond, mode=mode)
        return piece

    def write(self, result: np.ndarray, piece: np.ndarray) -> None:
        """Puts what was computed for it into its place in the result."""
        (top, bottom), (left, right) = self.kept
        first, second = self.start
        result[..., top:bottom, left:right, :] = piece[
            ..., top - first : bottom - first, left - second : right - second, :
        ]


def windows_of(
    height: int,
    width: int,
    halo: int | None,
    multiple: int = 1,
    mirrors: bool = False,
    sides: Sequence[int] | None = None,
    extended_to: int = 1,
) -> list[Window]:
    """The windows in which an image is computed, row by row: as few pixels as the sides allow.

    Args:
        height: Of the image, in px.
        width: Of the image, in px.
        halo: How far a pixel of the result depends on others, in px; `None` if that is not known,
            then the image is one window.
        multiple: Windows start at multiples of it.
        mirrors: Whether the function treats a mirrored image as it treats the border, so that an image
            may be continued by its mirror image.
        sides: Sides of square windows that are taken into account, in px; `SIDES` when `None`, `FINE`
            for the height and the width of large images, and `LARGE` where a pixel sees far.
        extended_to: The function repeats the last row and column of an image until its sides are
            multiples of this: so do the windows, which then treat an odd side as the function does.

    Returns:
        List of `Window`; together they cover the image.

    Example:
        >>> len(windows_of(600, 600, halo=8, sides=[256]))
        9
    """
    whole = [Window((0, 0), (height, width), ((0, height), (0, width)))]
    if halo is None:
        return whole
    usual, fine, large = (SIDES, FINE, LARGE) if sides is None else (sides, (), ())
    size, (height, width) = (
        (height, width),
        (-(-n // extended_to) * extended_to for n in (height, width)),
    )
    lengths, needs = (height, width), (halo, multiple, mirrors)
    found = _cheapest(lengths, needs, [(side, side) for side in usual])
    if max(lengths) > max(usual):
        finer = _cheapest(lengths, needs, itertools.product(fine, fine))
        if finer is not None and (found is None or finer[0] < _WORTH * found[0]):
            found = finer
    if found is None or found[0] > _DEAR * height * width:
        larger = _cheapest(lengths, needs, [(side, side) for side in large])
        found = min(filter(None, (found, larger)), key=lambda one: one[0], default=None)
    if found is None or (max(height, width) <= max(usual) and not mirrors):
        return whole
    repeated = height - size[0], width - size[1]
    return [_within(size, repeated, window) for window in found[1]]


def strips_of(
    height: int, width: int, halo: int, multiple: int = 1, pixels: int = 2**18
) -> list[Window]:
    """Full-width windows of equal height, each of about `pixels` pixels.

    Args:
        height: Of the image, in px.
        width: Of the image, in px.
        halo: How far a pixel of the result depends on others, in px.
        multiple: Strips start at multiples of it.
        pixels: Approximate number of pixels in a strip.

    Returns:
        List of `Window`; the whole image where strips would be no higher than four times the halo.

    Example:
        >>> [window.kept[0] for window in strips_of(600, 1000, halo=10, pixels=200_000)]
        [(0, 205), (205, 400), (400, 600)]
    """
    count = max(1, min(-(-height * width // pixels), height // max(4 * halo, 1)))
    side = -(-(height + 2 * halo * (count - 1)) // count)
    side = min(-(-side // multiple) * multiple + multiple, height) if count > 1 else height
    return [
        Window((top, 0), (tall, width), ((first, stop), (0, width)))
        for top, tall, first, stop in _pieces(height, side, halo, multiple, False)
    ]


def _within(size, repeated, window):
    """A window of the extended image, of which only pixels of the image are kept."""
    kept = tuple((min(a, n), min(b, n)) for (a, b), n in zip(window.kept, size, strict=True))
    return dataclasses.replace(window, kept=kept, repeated=repeated)


def _cheapest(lengths, needs, sides):
    """Cost in pixels, and windows, of the sides that need the fewest; `None` if none will do."""
    best, along = None, functools.lru_cache(maxsize=None)(_pieces)
    for tall, wide in sides:
        rows, columns = (along(n, side, *needs) for n, side in zip(lengths, (tall, wide), strict=True))
        if not rows or not columns:
            continue
        cost = len(rows) * tall * len(columns) * wide
        if best is None or cost <= best[0]:
            best = cost, rows, columns
    if best is None:
        return None
    cost, rows, columns = best
    return cost, [
        Window((top, left), (tall, wide), ((r0, r1), (c0, c1)))
        for (top, tall, r0, r1), (left, wide, c0, c1) in itertools.product(rows, columns)
    ]


def _pieces(length, side, halo, multiple, mirrors):
    """Windows on one axis: start, length, and which part is kept; none if the side will not do."""
    if length <= side:
        # What is continued must be seen as a mirror image for as far as a pixel sees.
        fits = length == side or (mirrors and side - length >= halo and side % multiple == 0)
        return [(0, side, 0, length)] if fits else []
    step = (side - 2 * halo) // multiple * multiple
    if step < side // 4:
        return []
    # The last window begins at a multiple, too, and ends at the border.
    last = -(-(length - side) // multiple) * multiple
    starts, found, done = [*range(0, last, step), last], [], 0
    for start in starts:
        stop = length if start == last else start + side - halo
        found.append((start, min(side, length - start), done, stop))
        done = stop
    return found


def apply_tiled(
    apply: Function,
    images: np.ndarray,
    halo: int | None,
    multiple: int = 1,
    mirrors: bool = False,
    local: Callable[[], Function] | None = None,
    sides: Sequence[int] | None = None,
) -> np.ndarray:
    """Computes `apply(images)` in windows that overlap by `halo` pixels on each side.

    Args:
        apply: Function of an array `(batch, height, width, channels)` that returns one of the same
            height and width, whose pixels depend on no pixel further away than `halo`.
        images: Array `(batch, height, width, channels)`.
        halo: In px; `None` if it is not known, then the image is computed in one piece.
        multiple: Windows start at multiples of it.
        mirrors: See `windows_of`.
        local: Function without arguments that returns what is applied to windows instead.
        sides: See `windows_of`.

    Returns:
        Array `(batch, height, width, channels)` of what `apply` gives for the whole image. It is larger
        if `apply` magnifies an image that is computed in one piece.

    Example:
        >>> images = np.random.default_rng(0).random((1, 40, 600, 1))
        >>> tiled = apply_tiled(np.sqrt, images, halo=0, sides=[256])
        >>> bool((tiled == np.sqrt(images)).all())
        True
    """
    windows = windows_of(*images.shape[1:3], halo, multiple, mirrors, sides)
    if len(windows) > 1 and local:
        apply = local()
    result: np.ndarray | None = None
    for window in windows:
        piece = apply(window.read(images))
        if result is None:
            if len(windows) == 1 and piece.shape[1:3] != window.side:
                return piece  # It magnifies, and was given the whole.
            result = np.empty((*images.shape[:3], piece.shape[-1]), piece.dtype)
        window.write(result, piece)
    assert result is not None, "there is one window at least"
    return result
