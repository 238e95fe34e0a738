"""Variance against mean: places without texture, and a robust line through what they say."""

import dataclasses
import itertools

import numpy as np

from .noise_blocks import FREQUENCY, SIDE, Blocks

LOW = (FREQUENCY >= 2) & (FREQUENCY <= 6)
HIGH = FREQUENCY >= 7
"""Coefficients by which blocks are chosen, and those that are measured. They are independent for
white noise, so that the choice of flat blocks does not favour those with little noise."""

_SHARE = 0.05
_FEWEST = 16
_PER_BIN = 60
_CLEAR = 3.0
"""So many standard deviations from clipping, no noise is cut off."""

_OVERLAP = 2.5
"""Blocks that overlap by half say this much less than so many separate ones."""


@dataclasses.dataclass(frozen=True)
class Line:
    """Var = slope · mean + constant, with the covariance of both, and the points it goes through."""

    slope: float
    constant: float
    covariance: np.ndarray
    points: np.ndarray  # (n, 3): mean, variance, weight
    chosen: np.ndarray  # of the blocks
    sure: bool

    def at(self, mean):
        """Variance where the mean is given, positive everywhere."""
        floor = 1e-3 * max(self.points[:, 1].min(), 1e-30)
        return np.maximum(self.slope * np.asarray(mean) + self.constant, floor)


def bins_of(mean: np.ndarray) -> np.ndarray:
    """The number of the brightness bin of each block: half of them hold equally many blocks, the
    others are equally wide, so that a few bright cells on a dark ground have bins of their own."""
    count = int(np.clip(mean.size // (2 * _PER_BIN), 1, 10))
    shares = np.linspace(0, 1, count + 1)[1:-1]
    low, high = np.quantile(mean, (0.002, 0.998))
    edges = np.unique(np.concatenate([np.quantile(mean, shares), low + (high - low) * shares]))
    numbers = np.searchsorted(edges, mean)
    sizes = np.bincount(numbers, minlength=edges.size + 1)
    merged, group, held = np.zeros(sizes.size, int), 0, 0
    for index, size in enumerate(sizes):
        merged[index] = group
        held += size
        if held >= _PER_BIN:
            group, held = group + 1, 0
    if held and group:
        merged[merged == group] = group - 1
    return merged[numbers]


def fit_line(
    blocks: Blocks, power: np.ndarray, chooses: np.ndarray, measured: np.ndarray
) -> Line | None:
    """The variance of the noise as a line over the brightness, from the flat blocks of each bin.

    Blocks are chosen by some of their coefficients: the twentieth with the least, or all that have no
    more than noise has. Those near to clipping are left out, once the noise is known.

    Args:
        blocks: Of one picture.
        power: Their power, relative to the spectrum of the noise if that is known.
        chooses: The coefficients by which blocks are chosen, `(8, 8)` of bool.
        measured: Those whose mean is the variance.

    Returns:
        `None` if there are too few blocks.
    """
    low, variance = power[:, chooses].mean(1), power[:, measured].mean(1)
    spread = np.sqrt(2 / measured.sum())
    if low.size < 4:
        return None
    clear = blocks.clear
    if np.count_nonzero(clear) < max(10 * _FEWEST, 0.02 * low.size):
        clear = np.ones(low.size, bool)
    allowed = clear
    bins = bins_of(blocks.mean)
    line = None
    for _ in range(5):
        limit = np.zeros(low.size) if line is None else 0.95 * line.at(blocks.mean)
        chosen = np.zeros(low.size, bool)
        for index in range(bins.max() + 1):
            inside = np.flatnonzero((bins == index) & allowed)
            if inside.size == 0:
                continue
            count = min(inside.size, max(_FEWEST, int(_SHARE * inside.size)))
            reach = np.partition(low[inside], count - 1)[count - 1]
            chosen[inside[low[inside] <= np.maximum(reach, limit[inside])]] = True
        points = _points(blocks.mean, variance, bins, chosen, spread)
        if len(points) == 0:
            break
        line = _robust_line(points, spread, chosen)
        deviation = np.sqrt(line.at(blocks.mean))
        far = blocks.mean - blocks.below > _CLEAR * deviation
        far &= blocks.above - blocks.mean > _CLEAR * deviation
        allowed = far & clear if np.count_nonzero(far & clear) >= 10 * _FEWEST else clear
    return line


def beside_stripes(stripes: str | None) -> np.ndarray:
    """The coefficients that offsets of whole rows or columns do not reach."""
    mask = np.ones((SIDE, SIDE), bool)
    if stripes in ("rows", "both"):
        mask[:, 0] = False
    if stripes in ("columns", "both"):
        mask[0] = False
    return mask


def _points(mean, variance, bins, chosen, spread):
    """Mean, variance and number of the chosen blocks of each bin; what sticks out is left out."""
    points = []
    for index in range(bins.max() + 1):
        inside = chosen & (bins == index)
        values, means = variance[inside], mean[inside]
        if values.size < 4:
            continue
        for _ in range(3):
            # A median of χ² is below its mean, by 2/3 of a degree of freedom of all.
            middle = np.median(values) * (1 + spread**2 / 3)
            keep = values <= middle * (1 + 3 * spread)
            values, means = values[keep], means[keep]
        points.append((means.mean(), values.mean(), values.size))
    return np.asarray(points)


def _robust_line(points, spread, chosen):
    """The line that most points lie on; texture only adds, so points above count less than below."""
    mean, variance, weight = points.T
    candidates = [(0.0, value) for value in variance]
    for i, j in itertools.combinations(range(len(points)), 2):
        slope = (variance[j] - variance[i]) / max(mean[j] - mean[i], 1e-12)
        if slope > 0:
            candidates.append((slope, variance[i] - slope * mean[i]))
    error = np.sqrt(spread**2 * _OVERLAP / weight + 0.05**2)
    best = min(candidates, key=lambda line: _misfit(line, mean, variance, weight, error))
    for _ in range(5):
        fitted = np.maximum(best[0] * mean + best[1], 1e-3 * variance.min() + 1e-30)
        ratio = (variance / fitted - 1) / error
        robust = np.where(ratio > 0, 1 / (1 + (ratio / 2) ** 2) ** 2, 1 / (1 + (ratio / 4) ** 2))
        weights = robust / (error * fitted) ** 2
        best, covariance = _weighted(mean, variance, weights)
    fitted = np.maximum(best[0] * mean + best[1], 1e-3 * variance.min() + 1e-30)
    ratio = (variance / fitted - 1) / error
    good = robust > 0.25
    scatter = (robust * ratio**2).sum() / max(robust.sum() - 2, 1)
    return Line(
        best[0],
        best[1],
        covariance * max(1.0, scatter),
        np.column_stack([mean, variance, weight * robust]),
        chosen,
        bool(good.mean() >= 0.5 and weight[good].sum() >= 40),
    )


def _misfit(line, mean, variance, weight, error):
    fitted = line[0] * mean + line[1]
    if fitted.min() <= 0:
        return np.inf
    ratio = (variance / fitted - 1) / error
    cost = np.where(ratio > 0, np.minimum(ratio**2, 9), np.minimum(ratio**2, 36))
    return (np.sqrt(weight) * cost).sum()


def _weighted(mean, variance, weights):
    """Least squares with slope ≥ 0; a slope of zero if it says no more than chance."""
    total = weights.sum()
    centre = (weights * mean).sum() / total
    level = (weights * variance).sum() / total
    across = (weights * (mean - centre) ** 2).sum()
    if across <= 1e-12 * total:
        return (0.0, level), np.diag([0.0, 1 / total])
    slope = max((weights * (mean - centre) * (variance - level)).sum() / across, 0.0)
    covariance = np.array([[1, -centre], [-centre, centre**2]]) / across
    covariance[1, 1] += 1 / total
    return (slope, level - slope * centre), covariance
