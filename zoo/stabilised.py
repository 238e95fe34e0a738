"""Noise of any kind, made white by a transform of the grey values."""

import math
from collections.abc import Callable

import numpy as np

from ..errors import InputError
from ..images import anscombe
from ..images.noise_models import CorrelatedNoise, NoiseModel, PoissonGaussian, Speckle, WhiteNoise

Function = Callable[[np.ndarray], np.ndarray]

STRONGEST = 75 / 255
"""The strongest noise that models are trained for: a picture with more is darkened."""

_FULL = 0.8
"""The contrast of a photograph, as models know it."""

_LOW = 0.5
"""A picture with less contrast is brought to so much, with its noise."""


class Stabilised:
    """A picture with noise, brought to what a denoiser for white noise knows.

        x = s (f(z) − b)

    f makes the noise one of standard deviation 1, b is the darkest value, and s brings the noise to the
    strength that the denoiser is made for, or the picture to the contrast of a photograph.

    Args:
        noise: Model of the noise of a picture in [0, 1].
        plane: The picture, `(height, width, channels)` in [0, 1]; it decides about b and s.
        sigma: The noise that the denoiser is made for, on the scale of 0 to 255; `None` if it is told
            the noise or measures it.

    Attributes:
        strength: Standard deviation of the noise of x.
        low: b.

    Raises:
        InputError: for noise of a kind that cannot be stabilised, and for none.
    """

    def __init__(self, noise: NoiseModel, plane: np.ndarray, sigma: float | None = None):
        self.noise = noise
        self._stabilise, self._back = _stabilisers(noise)
        low, high = contrast_of(self._stabilise(plane))
        self.low = low
        self.strength = _factor(high - low, noise) if sigma is None else sigma / 255

    def change(self, before: Function, after: Function) -> None:
        """Puts a function of grey values after f, and another one before its inverse."""
        stabilise, back = self._stabilise, self._back
        self._stabilise = lambda pixels: before(stabilise(pixels))
        self._back = lambda stable: back(after(stable))

    def forward(self, pixels: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """x as float32; `strength` as for `scaled`."""
        return self.scaled(self._stabilise(pixels), strength)

    def scaled(self, stable: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """x of f(z), whose noise has a strength other than 1 if pixels were averaged."""
        return ((stable - self.low) * (self.strength / strength)).astype(np.float32)

    def unscaled(self, x: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """The inverse of `scaled`."""
        return x * (strength / self.strength) + self.low

    def stable(self, pixels: np.ndarray) -> np.ndarray:
        """f(z)."""
        return self._stabilise(pixels).astype(np.float32)

    def back(self, stable: np.ndarray) -> np.ndarray:
        """The picture of which f has this value in the mean: the unbiased inverse of f."""
        return self._back(stable).astype(np.float32)

    def expected(self, clean: np.ndarray) -> np.ndarray:
        """x in the mean over the noise of a clean picture, as float32: what `back` makes clean of."""
        values = np.linspace(float(clean.min()), float(clean.max()), 4097)
        low, high = self._stabilise(np.array([values[0] - 0.1, values[-1] + 0.1]))
        at = np.linspace(low - 1.0, high + 1.0, 8193)
        inverse = np.maximum.accumulate(self._back(at))
        return self.scaled(np.interp(clean, inverse, at))


def _stabilisers(noise):
    """What makes the noise one of standard deviation 1, and the inverse."""
    inner = noise.noise if isinstance(noise, CorrelatedNoise) else noise
    if isinstance(inner, Speckle):
        looks = inner.strength**-2
        # The logarithm of a gamma variable of mean 1: its mean and its standard deviation.
        mean = _digamma(looks) - math.log(looks)
        width = math.sqrt(_trigamma(looks))
        return (
            lambda z: (np.log(np.maximum(z, 1e-4)) - mean) / width,
            lambda y: np.exp(np.minimum(y * width, 10.0)),
        )
    if isinstance(inner, WhiteNoise):
        width = max(inner.sigma, 1e-9)
        return lambda z: z / width, lambda y: y * width
    if isinstance(inner, PoissonGaussian):
        return lambda z: anscombe.forward(z, inner), lambda y: anscombe.inverse(y, inner)
    raise InputError(f"Noise of the kind {inner.kind!r} cannot be removed.")


def _digamma(x):
    from scipy.special import digamma

    return float(digamma(x))


def _trigamma(x):
    from scipy.special import polygamma

    return float(polygamma(1, x))


def contrast_of(stable: np.ndarray) -> tuple[float, float]:
    """The range of the clean picture: that of means over blocks, where the noise is small."""
    height, width = (side // 8 * 8 for side in stable.shape[:2])
    blocks = stable[:height, :width].reshape(height // 8, 8, width // 8, 8, -1).mean((1, 3))
    low, high = np.quantile(blocks, (0.01, 0.99))
    return float(low), float(high)


def _factor(span, noise):
    """What a stabilised picture is multiplied by, so that it looks like a photograph."""
    span = max(span, 1e-9)
    inner = noise.noise if isinstance(noise, CorrelatedNoise) else noise
    if isinstance(inner, WhiteNoise):
        # As it is, unless the contrast is low.
        factor = inner.sigma * max(1.0, _LOW / (span * inner.sigma))
    else:
        factor = _FULL / span
    return min(factor, STRONGEST)
