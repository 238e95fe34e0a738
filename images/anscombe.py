"""The generalised Anscombe transform of Poisson–Gaussian noise, and its exact unbiased inverse."""

import functools

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .noise_models import CorrelatedNoise, NoiseModel, PoissonGaussian, WhiteNoise

_LARGE = 100.0
"""From this variance on, in photons squared, the asymptotic series is exact to 1e-4 photons."""

_STEP = 0.05
"""Distance of the entries of the table, in units of 2√λ."""


def forward(image: ArrayLike, noise: NoiseModel) -> np.ndarray:
    """Values whose noise has the standard deviation 1, nearly, wherever the picture is bright or dark.

    f(z) = (2/g) (√max(g (z − o) + ⅜ g² + s², 0) − √(⅜ g² + s²)), for Var z = g (x − o) + s²
    (Starck, Murtagh, Bijaoui 1998, here with f(o) = 0, so that it tends to (z − o)/s as g tends to 0).
    Below about one photon without read noise, the standard deviation falls below 1.

    Args:
        image: Noisy values z in [0, 1], of any shape.
        noise: Poisson–Gaussian noise with gain g, read noise s and offset o, or white noise, where
            values are divided by σ. Of correlated noise, the noise at each pixel.

    Returns:
        Array of the image's shape: float32 for float32, else float64.

    Raises:
        InputError: for other noise, and for none.

    Example:
        >>> noise = PoissonGaussian(gain=0.01, read=0.02)
        >>> dark = forward(noise.draw(np.full((99, 99), 0.1), np.random.default_rng(0)), noise)
        >>> light = forward(noise.draw(np.full((99, 99), 0.9), np.random.default_rng(0)), noise)
        >>> [round(float(values.std()), 1) for values in (dark, light)]
        [1.0, 1.0]
    """
    gain, read, offset = _parameters(noise)
    image = np.asarray(image)
    light = image.astype(np.float64) - offset
    if gain == 0:
        return _as(light / read, image)
    dark = 0.375 * gain**2 + read**2
    light = np.maximum(light, -dark / gain)
    # The difference of the roots, without the cancellation that a small gain would bring.
    return _as(2 * light / (np.sqrt(np.maximum(gain * light + dark, 0)) + np.sqrt(dark)), image)


def inverse(values: ArrayLike, noise: NoiseModel) -> np.ndarray:
    """The clean picture x of which `values` is the expected transform: E[f(z) | x] = values.

    The exact unbiased inverse of Mäkitalo and Foi, "Optimal inversion of the generalized Anscombe
    transformation for Poisson–Gaussian noise", IEEE TIP 22, 2013: the algebraic inverse would be
    biased, since f is concave. The expectation is computed by sums over the photons and a quadrature
    over the read noise, tabulated and interpolated; from a variance of 100 photons² on by its series in
    the central moments. Values below that of no light are continued along the tangent.

    Args:
        values: What a denoiser made of `forward(image, noise)`, of any shape.
        noise: As for `forward`.

    Returns:
        Array of the shape of the values, in [0, 1] as the picture was: float32 for float32, else
        float64.

    Raises:
        InputError: for other noise, and for none.

    Example:
        >>> noise = PoissonGaussian(gain=0.1, read=0.05)
        >>> noisy = noise.draw(np.full((400, 400), 0.3), np.random.default_rng(0))
        >>> round(float(inverse(forward(noisy, noise).mean(), noise)), 2)
        0.3
    """
    gain, read, offset = _parameters(noise)
    values = np.asarray(values)
    y = values.astype(np.float64)
    # Where a photon is nothing against the read noise, the transform is a division.
    if gain < 1e-6 * read or gain == 0:
        return _as(y * read + offset, values)
    ratio = read / gain
    base = 2 * np.sqrt(0.375 + ratio**2)
    level, photons = _table(ratio)
    found = np.interp(y, level, photons)
    # With few photons in much read noise, differences of the table are nothing but rounding.
    steep = (photons[1] - photons[0]) / max(level[1] - level[0], 1e-300)
    slope = np.sqrt(0.375 + ratio**2) if ratio**2 >= _LARGE else steep
    found = np.where(y < level[0], photons[0] + slope * (y - level[0]), found)
    large = y > level[-1]
    if np.any(large):
        found = np.where(large, _invert_series(np.where(large, y, level[-1]) + base, ratio), found)
    return _as(found * gain + offset, values)


def _parameters(noise):
    """Gain, read noise and offset of a noise that can be made one of variance 1."""
    if isinstance(noise, CorrelatedNoise):
        noise = noise.noise
    if isinstance(noise, WhiteNoise):
        gain, read, offset = 0.0, noise.sigma, 0.0
    elif isinstance(noise, PoissonGaussian):
        gain, read, offset = noise.gain, noise.read, noise.offset
    else:
        raise InputError(f"Noise must be white or Poisson–Gaussian. Received: {noise!r}.")
    if gain == 0 and read == 0:
        raise InputError("Without noise there is nothing to transform; leave the picture as it is.")
    return gain, read, offset


def _series(photons, ratio):
    """E[2 √(z + ⅜ + s²)] for Poisson of mean λ and a normal number of variance s², λ + s² large.

    Taylor's series about the mean, with the central moments v, λ, and λ + 3 v² of z.
    """
    variance = photons + ratio**2
    mean = variance + 0.375
    root = np.sqrt(mean)
    return (
        2 * root
        - variance / (4 * mean * root)
        + photons / (8 * mean**2 * root)
        - 5 * (photons + 3 * variance**2) / (64 * mean**3 * root)
    )


def _invert_series(level, ratio):
    """The photons λ of which `_series` is `level`, by Newton's method."""
    photons = (level / 2) ** 2 + 0.125 - ratio**2
    for _ in range(3):
        slope = 1 / np.sqrt(photons + ratio**2 + 0.375)
        photons = photons - (_series(photons, ratio) - level) / slope
    return photons


@functools.lru_cache(maxsize=64)
def _table(ratio):
    """Photons λ from 0 on, and for each the expected transform, as `(levels, photons)`.

    It ends where the series is exact; two entries at least, for the tangent at zero.
    """
    base = 2 * np.sqrt(0.375 + ratio**2)
    end = max(2 * np.sqrt(max(_LARGE - ratio**2, 0.0)), 3 * _STEP)
    photons = (np.arange(0, end + _STEP, _STEP) / 2) ** 2
    if ratio**2 >= _LARGE:
        return _series(photons, ratio) - base, photons
    most = photons[-1]
    counts = np.arange(int(most + 12 * np.sqrt(most) + 30))
    # A normal number on a fine grid: f has a kink, where Gauss–Hermite quadrature would be poor.
    normal = np.linspace(-7, 7, 1401)
    weight = np.exp(-0.5 * normal**2)
    weight /= weight.sum()
    inside = counts[:, None] + ratio * normal + 0.375 + ratio**2
    mean = 2 * np.sqrt(np.maximum(inside, 0)) @ weight
    return _poisson(photons, counts) @ mean - base, photons


def _poisson(photons, counts):
    """The probabilities of Poisson's distribution, `(photons, counts)`."""
    from scipy.special import gammaln, xlogy

    return np.exp(xlogy(counts, photons[:, None]) - photons[:, None] - gammaln(counts + 1))


def _as(result, image):
    return result.astype(np.float32) if image.dtype == np.float32 else result
