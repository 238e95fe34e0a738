"""Up to four regions of one mean each, by smoothing and comparing: threshold dynamics."""

import math

import numpy as np
from scipy.ndimage import correlate1d

from ..pde import gaussian_kernel

MOST_REGIONS = 4

_COARSE, _SIGMAS = 2.0, (1.5, 1.0)
"""The Gaussian at coarse levels, and those at full size one after the other, in px of the level. A wide
one moves contours far, and counts what is smaller than itself as shorter than it is; with a narrow one
alone a contour stops wherever it is nearly straight."""

_TRUNCATE = 3.0
_LEVELS, _SMALLEST = 3, 16
"""So many times a picture is halved, unless a side had fewer pixels than this."""

_SETTLED = 1e-4
"""It ends when no larger share of the pixels changes its region."""

_LLOYD = 20

_STRIP = 64


def regions_by_thresholds(
    f: np.ndarray,
    regions: int,
    length: float = 0.2,
    steps: int = 50,
    weights: np.ndarray | None = None,
) -> np.ndarray:
    """Labels of few small energy: the functional of Mumford and Shah for pictures of constant pieces.

        E(Ω₁ … Ω_K) = Σ_k ∫_{Ω_k} ‖f − c_k‖² + ½ μ Σ_k |∂Ω_k|,  c_k = mean of f in Ω_k

    For K = 2 it is that of Chan and Vese; for K = 3 and 4 each contour counts once, as not all do in
    the functional that Vese and Chan (2002) minimise by two level sets. With χ_k = 1 in Ω_k, and 0
    elsewhere, and a Gaussian of width σ, |∂Ω_k| ≈ √(2π)/σ ∫ χ_k (1 − G ∗ χ_k). Each step takes the
    means c_k, then for each pixel the k of the smallest

        ‖f − c_k‖² − μ √(2π)/σ (G ∗ χ_k)

    (Esedoglu and Tsai 2006), and E never rises, since E is concave in χ but for a linear part (Esedoglu
    and Otto 2015; Wang, Li, Wei and Wang 2017). It begins on a picture of a quarter of the height and
    width, from the best of three starts by K means.

    Args:
        f: Array `(height, width, channels)`; squares are means over channels.
        regions: K, at most.
        length: μ.
        steps: Number of steps at most, for each level and each width of the Gaussian.
        weights: Array `(height, width)`, 0 where a pixel says nothing about its region, otherwise 1.

    Returns:
        Integer array `(height, width)` of labels from 0 on, in the order of the means of the regions'
        means over channels. A region that would cost more than it gains is left out.

    Example:
        >>> steps = np.repeat([0.0, 1.0, 2.0], 16)[None, :, None] * np.ones((32, 1, 1))
        >>> regions_by_thresholds(steps, 3)[0, ::16]
        array([0, 1, 2], dtype=uint8)
    """
    f = np.asarray(f, np.float32)
    pyramid = [(f, None if weights is None else np.asarray(weights, np.float32))]
    while len(pyramid) <= _LEVELS and min(pyramid[-1][0].shape[:2]) >= 2 * _SMALLEST:
        pyramid.append(_halved(*pyramid[-1]))
    found = None
    for level, (g, w) in reversed(list(enumerate(pyramid))):
        widths = (_COARSE,) if level else _SIGMAS
        if found is None:
            options = (w, length / 2**level, widths[0], steps)
            starts = [_moved(g, start, *options) for start in _starts(g, w, regions)]
            found = min(starts, key=lambda one: energy(g, one, *options[:3]))
            widths = widths[1:]
        else:
            found = found.repeat(2, 0).repeat(2, 1)[: g.shape[0], : g.shape[1]]
        for sigma in widths:
            found = _moved(g, found, w, length / 2**level, sigma, steps)
    return _ordered(f, found, pyramid[0][1])


def energy(
    f: np.ndarray, labels: np.ndarray, weights: np.ndarray | None, length: float, sigma: float
) -> float:
    """E with the length of contours as the Gaussian of width σ sees it, see `regions_by_thresholds`."""
    total = 0.0
    for _, inside, mean in _regions(f, labels, weights):
        counted = inside if weights is None else inside * weights
        total += float((counted * np.square(f - mean).mean(-1)).sum(dtype=np.float64))
        beside = (inside * (1 - _smooth(inside, sigma))).sum(dtype=np.float64)
        total += 0.5 * _pull(length, sigma) * float(beside)
    return total


def _moved(f, labels, weights, length, sigma, steps):
    """The labels after steps of threshold dynamics."""
    pull = np.float32(_pull(length, sigma))
    for _ in range(steps):
        regions = _regions(f, labels, weights)
        moved, best, rest = None, None, np.float32(1)
        for k, inside, mean in regions:
            # Of the Gaussians of all regions the last one is what the others leave of 1.
            near = rest if k == regions[-1][0] else _smooth(inside, sigma)
            rest = rest - near
            # Without ‖f‖², which is the same for all.
            cost = _inner(f, mean * np.float32(-2 / len(mean))) + np.mean(mean * mean)
            if weights is not None:
                cost *= weights
            cost -= pull * near
            moved = (
                np.full(labels.shape, k, np.uint8) if best is None else np.where(cost < best, k, moved)
            )
            best = cost if best is None else np.minimum(best, cost, out=best)
        changed = np.count_nonzero(moved != labels)
        labels = moved
        if changed <= _SETTLED * labels.size:
            break
    return labels


def _pull(length, sigma):
    return length * math.sqrt(2 * math.pi) / sigma


def _inner(f, mean):
    """⟨f, c⟩ for every pixel. Not by a library of matrices, whose threads are slow for so little."""
    return sum(f[..., k] * mean[k] for k in range(len(mean)))


def _regions(f, labels, weights):
    """Of each region that has pixels which count its label, χ, and its mean."""
    found = []
    for k in range(MOST_REGIONS):
        inside = labels == k
        if not inside.any():
            continue
        inside = inside.astype(np.float32)
        counted = inside if weights is None else inside * weights
        area = float(counted.sum(dtype=np.float64))
        if area > 0:
            sums = [(counted * f[..., c]).sum(dtype=np.float64) for c in range(f.shape[-1])]
            found.append((np.uint8(k), inside, (np.array(sums) / area).astype(np.float32)))
    return found


def _smooth(u, sigma):
    """G ∗ u, mirrored at the border."""
    kernel = gaussian_kernel(sigma, _TRUNCATE).astype(np.float32)
    radius = len(kernel) // 2
    wide = np.pad(u, ((radius, radius), (0, 0)), mode="symmetric")
    result, work = np.empty_like(u), np.empty((_STRIP, u.shape[1]), np.float32)
    for top in range(0, len(u), _STRIP):  # Strips of rows stay in the cache.
        strip = result[top : top + _STRIP]
        near = work[: len(strip)]
        rows = [wide[top + i : top + i + len(strip)] for i in range(len(kernel))]
        np.multiply(rows[radius], kernel[radius], out=strip)
        for i in range(radius):
            np.add(rows[i], rows[-1 - i], out=near)
            near *= kernel[i]
            strip += near
    return correlate1d(result, kernel, axis=1, mode="reflect")


def _starts(f, weights, regions):
    """Labels by K means, from three choices of the first means."""
    points = f.reshape(-1, f.shape[-1]) if weights is None else f[weights > 0]
    centre = points.mean(0)
    axis = np.linalg.eigh(np.cov((points - centre).T).reshape(f.shape[-1], -1))[1][:, -1]
    along = (points - centre) @ axis
    shares = (np.arange(regions) + 0.5) / regions
    low, high = np.quantile(along, (0.01, 0.99))
    far = [centre]
    for _ in range(regions):
        far.append(points[_distances(points, np.stack(far)).min(-1).argmax()])
    firsts = [
        centre + where[:, None] * axis
        for where in (np.quantile(along, shares), low + shares * (high - low))
    ]
    for means in (*firsts, np.stack(far[1:])):
        for _ in range(_LLOYD):
            labels = _distances(f, means).argmin(-1).astype(np.uint8)
            for k, _, mean in _regions(f, labels, weights):
                means[k] = mean
        yield labels


def _distances(f, means):
    return np.square(f[..., None, :] - means).mean(-1)


def _halved(f, weights):
    """Means over 2×2 pixels that count, and how many of the four do."""
    height, width = f.shape[:2]
    margins = ((0, height % 2), (0, width % 2))
    f = np.pad(f, (*margins, (0, 0)), mode="edge")
    w = None if weights is None else np.pad(weights, margins, mode="edge")

    def summed(x):
        return x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]

    if w is None:
        return 0.25 * summed(f), None
    count = summed(w)
    return summed(f * w[..., None]) / np.maximum(count, 1e-9)[..., None], 0.25 * count


def _ordered(f, labels, weights):
    """Labels in the order of their means."""
    regions = sorted((float(mean.mean()), k) for k, _, mean in _regions(f, labels, weights))
    names = np.zeros(MOST_REGIONS, np.uint8)
    names[[k for _, k in regions]] = np.arange(len(regions))
    return names[labels]
