"""Noisy pictures as a fine-tuning sees them: what the model is given, and what it should return."""

import dataclasses
from typing import Any

import numpy as np

from .. import zoo
from ..errors import InputError
from ..images.measured_noise import MeasuredNoise
from ..images.noise_models import CorrelatedNoise, NoiseModel, PoissonGaussian, WhiteNoise
from ..pde.backend import keras
from ..zoo.choice import noise_of_plane
from ..zoo.denoising import noise_is_nothing
from ..zoo.stabilised import Stabilised

STRENGTH = 0.5
"""α of the noise that is added to a noisy picture, in units of its own."""


@dataclasses.dataclass(frozen=True)
class Example:
    """A noisy picture, and what is known of it.

    Attributes:
        noisy: `(height, width)` in [0, 1].
        target: A clean picture, or a second noisy one, of the same size; `None` if there is neither.
        clean: Whether the target is clean.
        noise: The noise of the noisy picture; measured when `None`.
        name: What errors call it.

    Example:
        >>> noisy = 0.5 + 0.1 * np.random.default_rng(0).standard_normal((128, 128))
        >>> second_shot = Example(noisy, target=noisy[::-1], clean=False)
        >>> blind = Example(noisy, noise=WhiteNoise(0.1))
    """

    noisy: np.ndarray
    target: np.ndarray | None = None
    clean: bool = True
    noise: NoiseModel | None = None
    name: str = "one of the pictures"


class Prepared:
    """An example as the model sees it: stabilised, with the strength of its noise."""

    def __init__(self, example: Example, sigma: float | None, model: keras.Model):
        found = example.noise or noise_of_plane(example.noisy)
        self.noise = found.noise if isinstance(found, MeasuredNoise) else found
        if noise_is_nothing(self.noise):
            raise InputError(
                f"There is no noise in {example.name}; take noisy pictures, or give their noise."
            )
        stabilised = Stabilised(self.noise, example.noisy[..., None], sigma)
        self.strength = stabilised.strength
        self.noisy = stabilised.forward(example.noisy)
        self.target = example.target
        if example.target is not None:
            same = stabilised.expected if example.clean else stabilised.forward
            self.target = same(example.target)
        correlated = isinstance(self.noise, CorrelatedNoise)
        unit = WhiteNoise(1.0)
        self._drawn = dataclasses.replace(self.noise, noise=unit) if correlated else unit
        self._halves = None
        if example.target is None and few_photons(self.noise, example.noisy):
            self._halves = _Halves(self.noise, example.noisy, sigma)
        elif example.target is None:
            clean = zoo.restore(example.noisy, model, value_range=(0, 1), noise=self.noise)
            self._spread = _spread(self.noise, stabilised, example.noisy, clean)

    def pair(self, at: tuple[slice, slice], rng: np.random.Generator, told: bool, sigma: Any) -> Any:
        """What the model is given of a piece, and what it should return, each with channels."""
        noisy, strength = self.noisy[at], self.strength
        if self._halves is not None:
            given, target, strength = self._halves.pair(at, rng)
        elif self.target is None:
            # With more noise α n, and less of it −n/α, the noise of the two is independent; so what
            # is nearest to the second in the mean is the clean picture (Pang et al. 2021).
            more = self._spread[at] * self._drawn.draw(np.zeros_like(noisy), rng).astype(np.float32)
            given, target = noisy + STRENGTH * more, noisy - more / STRENGTH
            strength *= np.sqrt(1 + STRENGTH**2)
            if not told and sigma is not None:
                # It knows noise of one strength only.
                factor = self.strength / strength
                given, target, strength = given * factor, target * factor, self.strength
        else:
            given, target = noisy, self.target[at]
        channels = [given, np.full_like(given, strength)] if told else [given]
        return np.stack(channels, axis=-1).astype(np.float32), target[..., None].astype(np.float32)


_MANY = 8
"""With so many photons noise is nearly Gaussian."""


def few_photons(noise: NoiseModel, noisy: np.ndarray) -> bool:
    """Whether noise is mainly that of photons, of which the dark tenth of a picture has few.

    Noise of few photons is discrete: of what is added to it in Recorrupted-to-Recorrupted a model could
    see the number behind it, and would learn the noise.
    """
    if not isinstance(noise, PoissonGaussian) or noise.read > 2 * noise.gain:
        return False
    return float(np.quantile(noisy, 0.1)) - noise.offset < _MANY * noise.gain


class _Halves:
    """A picture of photons as two pictures of half of them, whose noise is independent.

    Each photon goes to one of them by the toss of a coin: then the numbers of both are independent
    Poisson variables of half the mean, however few photons there are. Read noise is divided by adding
    to one what is subtracted from the other.
    """

    def __init__(self, noise: PoissonGaussian, noisy: np.ndarray, sigma: float | None):
        self.noise, self.noisy = noise, noisy
        self._photons = np.maximum(np.rint((noisy - noise.offset) / noise.gain), 0).astype(np.int64)
        half = dataclasses.replace(noise, gain=2 * noise.gain, read=np.sqrt(2) * noise.read)
        self.stabilised = Stabilised(half, noisy[..., None], sigma)

    def pair(self, at: tuple[slice, slice], rng: np.random.Generator) -> tuple:
        """Both halves of a piece, twice as bright and stabilised, and the strength of their noise."""
        photons, noisy = self._photons[at], self.noisy[at]
        more = self.noise.gain * (2 * rng.binomial(photons, 0.5) - photons)
        more = more + self.noise.read * rng.standard_normal(noisy.shape)
        given, target = (self.stabilised.forward(noisy + sign * more) for sign in (1, -1))
        return given, target, self.stabilised.strength


def _spread(noise, stabilised, noisy, clean):
    """The standard deviation that the noise of each pixel has when it was stabilised.

    It is nearly the same everywhere, but not where there is less than a photon, and where noise was
    clipped. It is taken from noise that is drawn, at the brightness of a first restoration.
    """
    rng = np.random.default_rng(0)
    levels = np.quantile(clean, np.linspace(0, 1, 33))
    core = noise.noise if isinstance(noise, CorrelatedNoise) else noise
    ends = float(noisy.min()), float(noisy.max())
    found = [
        stabilised.forward(np.clip(core.draw(np.full((64, 64), level), rng), *ends)).std()
        for level in levels
    ]
    return np.interp(clean, levels, found).astype(np.float32)
