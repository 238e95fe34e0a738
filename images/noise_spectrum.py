"""The spectrum of noise in flat places: whether neighbours are correlated, and stripes."""

import numpy as np

from .noise_blocks import FREQUENCY, SIDE, cosines_of_block
from .noise_fit import LOW, beside_stripes
from .stripes import live_lines

_SHARE = 0.04
_FEWEST = 24
_NEAR = 0.003
"""How much short distances are preferred where the spectrum leaves it open."""

_MOST_LINES = 1024
"""Of so many rows and columns at most it is asked whether they are stripes."""

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
        `(spectrum, roughness)`: `(8, 8)`, the mean of all where it cannot be seen; and the spread over
        the chosen blocks of the energy in the lower half of the frequencies, relative to that of noise,
        well above 1 where it is texture.
    """
    seen = _SEEN & beside_stripes(stripes)
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
    return np.where(seen, start, start[seen].mean()), float(np.mean(rough))


def without_texture(spectrum: np.ndarray) -> np.ndarray:
    """The spectrum with no more in its lowest frequencies than a blur of white noise has there.

    Texture that the flattest blocks still have is in the lowest frequencies, and only adds. Those of
    the noise follow from the middle ones as in a Gaussian, log S linear in the squared frequency; a
    tenth more is let pass.
    """
    square = np.add.outer(np.arange(SIDE) ** 2, np.arange(SIDE) ** 2)
    low, middle = (spectrum[np.isin(FREQUENCY, sums)].mean() for sums in ((2, 3, 4), (5, 6)))
    # A wide blur leaves the low frequencies alone to judge by: those above are leakage and rounding.
    first, share = (3, 0.05) if low > 5 * middle else (4, 0.03)
    strong = spectrum > share * spectrum[_SEEN].max()
    fitted = (first <= FREQUENCY) & (FREQUENCY <= 8) & strong
    if fitted.sum() < 6:
        return spectrum
    slope, level = np.polyfit(square[fitted], np.log(spectrum[fitted]), 1)
    most = 1.1 * np.exp(level + slope * square)
    return np.where(first > FREQUENCY, np.minimum(spectrum, most), spectrum)


def covariance_of(spectrum: np.ndarray, stripes: str | None = None) -> np.ndarray:
    """The covariance of two pixels by their distance, `(6, 6)`, the variance at `[0, 0]`.

    The expected power of a coefficient is linear in the covariances: S = T R Tᵀ, where T holds the
    autocorrelations of the cosines of a block. R is found by least squares from the coefficients that
    were seen, with a slight preference for short distances; so none of DC, slopes and stripes counts.
    """
    cosines = cosines_of_block()
    size = 6
    matrix = np.zeros((SIDE, size))
    for lag in range(size):
        shared = (cosines[:, : SIDE - lag] * cosines[:, lag:]).sum(1)
        matrix[:, lag] = shared * (2 if lag else 1)
    seen = _SEEN & beside_stripes(stripes)
    system = np.einsum("ia,jb->ijab", matrix, matrix)[seen].reshape(-1, size * size)
    values = spectrum[seen]
    weight = 1 / (values + 0.02 * values.max())
    distance = np.add.outer(np.arange(size) ** 2, np.arange(size) ** 2).reshape(-1)
    near = np.diag(_NEAR * distance / values.mean())
    rows = np.concatenate([system * weight[:, None], near])
    right = np.concatenate([values * weight, np.zeros(size * size)])
    return np.linalg.lstsq(rows, right, rcond=None)[0].reshape(size, size)


def correlation_of(covariance: np.ndarray) -> np.ndarray:
    """The autocorrelation of noise, one at its middle, of covariances by distance."""
    reach = len(covariance) - 1
    lag = np.abs(np.arange(-reach, reach + 1))
    return np.clip(covariance[np.ix_(lag, lag)] / covariance[0, 0], -1, 1)


def stripes_of(plane: np.ndarray, usable: np.ndarray) -> tuple[str | None, float]:
    """Offsets of whole rows or columns, and their standard deviation.

    The second difference across the rows, as a median along each half of a row: white noise and
    pictures differ from the left half to the right one, offsets of whole rows do not.

    Returns:
        `("rows" | "columns" | None, strength)`.
    """
    found = {}
    # Of a large picture its middle says enough.
    middle = tuple(slice(max(n - _MOST_LINES, 0) // 2, (n + _MOST_LINES) // 2) for n in plane.shape)
    plane, usable = plane[middle], usable[middle]
    for word, lines, known in (("rows", plane, usable), ("columns", plane.T, usable.T)):
        live = live_lines(lines)
        lines, known = lines[live], known[live]
        if lines.shape[0] < 32 or lines.shape[1] < 32:
            continue
        second = lines[1:-1] - (lines[:-2] + lines[2:]) / 2
        known = known[1:-1] & known[:-2] & known[2:]
        middle = lines.shape[1] // 2
        whole = (known[:, :middle].sum(1) >= 12) & (known[:, middle:].sum(1) >= 12)
        if whole.sum() < 24:
            continue
        second = np.where(known, second, np.nan)[whole]
        # A median that need not look for missing values is ten times as fast.
        median = np.median if known[whole].all() else np.nanmedian
        left, right = median(second[:, :middle], 1), median(second[:, middle:], 1)
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
