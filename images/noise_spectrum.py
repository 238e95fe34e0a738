"""The spectrum of noise in flat places: whether neighbours are correlated, and stripes."""

import numpy as np

from .noise_blocks import FREQUENCY, SIDE
from .noise_fit import LOW, beside_stripes

_SHARE = 0.04
_FEWEST = 24
_EVEN = FREQUENCY % 2 == 0
_SEEN = FREQUENCY >= 2
"""Coefficients below are those of a slope, which light makes more often than noise."""


def spectrum_of(power: np.ndarray, stripes: str | None = None) -> tuple[np.ndarray, float]:
    """The mean power of each coefficient over blocks without texture, and how much it differs there.

    Half of the coefficients choose the blocks that the other half is measured on, and the other way
    round: noise in both is independent, texture is in both. So the choice favours no block for having
    little noise, and the spectrum is right for noise of any correlation.

    Args:
        power: `(n, 8, 8)`, relative to the variance that is expected for the brightness of each block.
        stripes: As `stripes_of` has them.

    Returns:
        `(spectrum, roughness)`: `(8, 8)`, and the spread of the energy of the lower half of the
        frequencies over the chosen blocks, relative to that of noise; well above 1 where it is texture.
    """
    seen = _SEEN & beside_stripes(stripes)
    spectrum = np.full((SIDE, SIDE), np.nan)
    rough = []
    halves = [seen & _EVEN, seen & ~_EVEN]
    start = np.ones((SIDE, SIDE))
    for turn in range(4):
        following = start.copy()
        for chooses, measured in (halves, halves[::-1]):
            score = (power[:, chooses] / start[chooses]).mean(1)
            count = min(score.size, max(_FEWEST, int(_SHARE * score.size)))
            limit = np.partition(score, count - 1)[count - 1]
            if turn:
                limit = max(limit, 0.9)
            chosen = power[score <= limit]
            energy = (chosen[:, measured] / start[measured]).mean(1)
            spread = np.sqrt(2 / measured.sum())
            keep = energy <= np.median(energy) * (1 + spread**2 / 3) * (1 + 3 * spread)
            following[measured] = chosen[keep][:, measured].mean(0)
            if turn == 3:
                low = measured & LOW
                lower = (chosen[:, low] / following[low]).mean(1)
                first, middle, last = np.quantile(lower, (0.16, 0.5, 0.84))
                rough.append((last - first) / 2 / middle / np.sqrt(2 / low.sum()))
        start = following
    spectrum = np.where(seen, start, np.nan)
    return _completed(spectrum), float(np.mean(rough))


def _completed(spectrum):
    """What was not seen: as a Gaussian blur would have it, from the low frequencies that were."""
    square = np.add.outer(np.arange(SIDE) ** 2, np.arange(SIDE) ** 2)
    floor = 1e-6 * np.nanmax(spectrum)
    seen = ~np.isnan(spectrum) & (FREQUENCY <= 4)
    steep, level = np.polyfit(square[seen], np.log(np.maximum(spectrum[seen], floor)), 1)
    low = np.exp(level + min(steep, 0.0) * square)
    low = np.minimum(low, 2 * np.nanmax(spectrum))
    # Stripes hide a whole row or column of frequencies: the one beside it is like it.
    beside = np.full((SIDE, SIDE), np.nan)
    beside[0], beside[1:, 0] = spectrum[1], spectrum[1:, 1]
    filled = np.where(np.isnan(spectrum), np.where(FREQUENCY < 3, low, beside), spectrum)
    return np.where(np.isnan(filled), low, filled)


def correlation_of(spectrum: np.ndarray, reach: int = 6) -> np.ndarray:
    """The autocorrelation of noise of a spectrum, up to `reach` px, one at its middle."""
    half = np.pad(spectrum, (0, 1), mode="edge")
    weight = np.ones(SIDE + 1)
    weight[[0, -1]] = 0.5
    lag = np.arange(-reach, reach + 1)
    waves = np.cos(np.pi / SIDE * np.outer(lag, np.arange(SIDE + 1))) * weight
    table = waves @ half @ waves.T
    return np.clip(table / table[reach, reach], -1, 1)


def stripes_of(plane: np.ndarray, usable: np.ndarray) -> tuple[str | None, float]:
    """Offsets of whole rows or columns, and their standard deviation.

    The second difference across the rows, as a median along each half of a row: white noise and
    pictures differ from the left half to the right one, offsets of whole rows do not.

    Returns:
        `("rows" | "columns" | None, strength)`.
    """
    found = {}
    for word, lines, known in (("rows", plane, usable), ("columns", plane.T, usable.T)):
        if lines.shape[0] < 32 or lines.shape[1] < 32:
            continue
        second = lines[1:-1] - (lines[:-2] + lines[2:]) / 2
        known = known[1:-1] & known[:-2] & known[2:]
        middle = lines.shape[1] // 2
        whole = (known[:, :middle].sum(1) >= 12) & (known[:, middle:].sum(1) >= 12)
        if whole.sum() < 24:
            continue
        second = np.where(known, second, np.nan)[whole]
        left, right = np.nanmedian(second[:, :middle], 1), np.nanmedian(second[:, middle:], 1)
        sides = []
        for values in (left, right):
            values = values - np.median(values)
            most = 4 * np.median(np.abs(values)) + 1e-12
            sides.append(np.clip(values, -most, most))
        shared = (sides[0] * sides[1]).mean()
        size = np.sqrt((sides[0] ** 2).mean() * (sides[1] ** 2).mean())
        if shared > 0.5 * size > 0:
            found[word] = np.sqrt(shared / 1.5)
    if not found:
        return None, 0.0
    word = max(found, key=found.get)
    return word, float(found[word])
