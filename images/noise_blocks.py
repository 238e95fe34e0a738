"""What the statistics of noise are computed from: the spectra of small blocks of usable pixels."""

import dataclasses

import numpy as np

SIDE = 8
"""Side of a block in px."""

_STRIDE = 4
MOST_BLOCKS = 24_000
"""How many blocks are looked at; those of a large picture are drawn among all."""

_MANY = 20
"""A value at the end of the range is one that was clipped to, if so many pixels have it."""

_STRAY = 2
_OFTEN = 3.0
"""And if it is so many times more frequent than the values next to it."""

FREQUENCY = np.add.outer(np.arange(SIDE), np.arange(SIDE))
"""The sum of both indices of each coefficient of the discrete cosine transform."""


@dataclasses.dataclass(frozen=True)
class Blocks:
    """Blocks of one picture plane.

    Attributes:
        mean: `(n,)`, mean values.
        power: `(n, 8, 8)`, squared coefficients of the orthonormal discrete cosine transform.
        constant: How many blocks were left out as all their pixels are equal, ends of the range apart.
        below: `(n,)`, the value that dark pixels were clipped to; −∞ if none was.
        above: `(n,)`, the value that bright pixels were clipped to; ∞ if none was.
        clear: `(n,)`, whether hardly a pixel was clipped in 24×24 pixels around: near to clipping the
            blocks without a clipped pixel are those with little noise.
        step: Distance of neighbouring values, where they are whole multiples of it; 0 otherwise.
        notes: Sentences on what was left out.
    """

    mean: np.ndarray
    power: np.ndarray
    constant: int
    below: np.ndarray
    above: np.ndarray
    clear: np.ndarray
    step: float
    notes: tuple[str, ...]


def blocks_of(plane: np.ndarray, usable: np.ndarray, most: int = MOST_BLOCKS) -> Blocks:
    """The blocks of 8×8 pixels that lie in usable pixels and in none that was clipped.

    Args:
        plane: `(height, width)`, float64.
        usable: Array of bool like it.
        most: How many blocks are looked at.
    """
    plane, usable, notes = without_dead_lines(plane, usable)
    clips, clipped = _clips(plane, usable)
    if clipped.any():
        notes.append(f"{100 * clipped.mean():.2g} % of the pixels are clipped or saturated.")
    if min(plane.shape) < SIDE:
        plane, usable = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE), bool)
        clipped = usable
    step = _step(plane, usable & ~clipped)
    where = _places(usable & ~clipped, most)
    blocks = np.lib.stride_tricks.sliding_window_view(plane, (SIDE, SIDE))[where[:, 0], where[:, 1]]
    # A window of 24 px around a block begins where the block does, in a frame of 8 px.
    around = _counts(np.pad(clipped, SIDE), 3 * SIDE)[where[:, 0], where[:, 1]]
    flat = np.ptp(blocks, axis=(1, 2)) == 0
    blocks, clear = blocks[~flat], around[~flat] <= _STRAY
    mean = blocks.mean((1, 2))
    transform = cosines_of_block()
    power = np.matmul(transform, np.matmul(blocks - mean[:, None, None], transform.T)) ** 2
    below, above = (np.full(mean.size, value) for value in clips)
    return Blocks(mean, power, int(flat.sum()), below, above, clear, step, tuple(notes))


def without_dead_lines(plane, usable):
    """The plane without rows and columns that are constant, or repeat the ones before them."""
    notes = []
    for axis, word in ((0, "rows"), (1, "columns")):
        lines = np.moveaxis(plane, axis, 0)
        dead = (lines == lines[:, :1]).all(1)
        dead[1:] |= (lines[1:] == lines[:-1]).all(1)
        if dead.any() and not dead.all():
            said = np.count_nonzero(dead & usable.any(1 - axis))
            plane, usable = (np.compress(~dead, array, axis) for array in (plane, usable))
            if said:
                notes.append(f"{said} {word} are constant or repeat the ones before them.")
    return plane, usable, notes


def _clips(plane, usable):
    """The values that were clipped to, below and above, and where."""
    values = plane[usable]
    clips, clipped = [-np.inf, np.inf], np.zeros(plane.shape, bool)
    if values.size == 0:
        return tuple(clips), clipped
    for index, (end, sign) in enumerate(((values.min(), 1), (values.max(), -1))):
        count = np.count_nonzero(values == end)
        if count < _MANY:
            continue
        # The next three values that occur: a histogram does not end with its highest column.
        beside, others = [], values
        for _ in range(3):
            others = others[sign * (others - end) > 0]
            if others.size == 0:
                break
            following = others.min() if sign > 0 else others.max()
            beside.append(np.count_nonzero(others == following))
            others = others[others != following]
        if not beside or count > _OFTEN * np.mean(beside):
            clips[index] = float(end)
            clipped |= plane == end
    return tuple(clips), clipped & usable


def _step(plane, usable):
    """The distance of values that are whole multiples of one number."""
    values = plane[usable]
    values = np.unique(values[:: max(1, values.size // 65536)])
    if not 2 <= values.size <= 4096:
        return 0.0
    step = float(np.diff(values).min())
    multiples = (values - values[0]) / step
    # Single precision has rounded the values.
    return step if np.abs(multiples - np.rint(multiples)).max() < 0.05 else 0.0


def _counts(array, side):
    """How many are true in each window of `side` × `side` pixels."""
    if not array.any():
        return np.zeros([length - side + 1 for length in array.shape], np.int32)
    total = np.pad(np.cumsum(np.cumsum(array, 0, dtype=np.int32), 1), ((1, 0), (1, 0)))
    return total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]


def _places(usable, most):
    """Where blocks begin all of whose pixels are usable, not too many of them."""
    where = np.argwhere(_counts(~usable, SIDE)[::_STRIDE, ::_STRIDE] == 0) * _STRIDE
    if len(where) > most:
        # The same blocks for every picture of a size, so that a result can be repeated.
        where = where[np.sort(np.random.default_rng(0).permutation(len(where))[:most])]
    return where


def cosines_of_block() -> np.ndarray:
    """The orthonormal discrete cosine transform of 8 values, as a matrix."""
    index = np.arange(SIDE)
    matrix = np.sqrt(2 / SIDE) * np.cos(np.pi * np.outer(index, 2 * index + 1) / (2 * SIDE))
    matrix[0] /= np.sqrt(2)
    return matrix
