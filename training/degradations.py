"""What was done to a clean picture: the task that a model is trained for."""

import dataclasses

import numpy as np
import tensorflow as tf

from ..errors import InputError
from ..zoo.restoration import restore


class Degradation:
    """What is done to a clean picture; a model learns to undo it.

    A subclass has `degrade`, for NumPy pictures and a seed, and `degrade_tensor`, for a tf.data
    pipeline and a seed of two integers. A task that is no restoration changes the pairs.
    """

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        return f"Removes {self}"

    def mask(self, clean, seed):
        """Which pixels of a NumPy picture stay known, for a model that inpaints; `None` for others."""

    def solution(self, model, given, mask=None):
        """What a model makes of what `pair` gives it."""
        return restore(given, model, mask=mask)

    def shown(self, given):
        """What it is given, as a picture like the one that it should return."""
        return given

    def pair(self, clean, seed):
        """What a model is given and what it should return, for a NumPy picture."""
        return self.degrade(clean, seed), clean

    def pair_tensor(self, clean, seed):
        """The same in a tf.data pipeline."""
        return self.degrade_tensor(clean, seed), clean


@dataclasses.dataclass(frozen=True)
class GaussianNoise(Degradation):
    """Additive white Gaussian noise, f = u + n with n ~ N(0, (σ/255)²), not clipped.

    Attributes:
        sigma: Standard deviation on the scale of 0 to 255, in (0, 255].
    """

    sigma: float

    def __post_init__(self):
        if not 0 < self.sigma <= 255:
            raise InputError(
                "`sigma` is the standard deviation of the noise on the scale of 0 to 255 and must "
                f"be positive. Received: sigma={self.sigma}."
            )

    def __str__(self):
        return f"Gaussian noise σ={self.sigma:g}/255"

    def degrade(self, clean, seed):
        """A NumPy picture with noise that the seed fixes: `default_rng(seed).standard_normal`."""
        noise = np.random.default_rng(seed).standard_normal(clean.shape, dtype=np.float32)
        return clean + np.float32(self.sigma / 255) * noise

    def degrade_tensor(self, clean, seed):
        """The same in a tf.data pipeline; the seed is a tensor of two integers."""
        noise = tf.random.stateless_normal(tf.shape(clean), seed)
        return clean + np.float32(self.sigma / 255) * noise


@dataclasses.dataclass(frozen=True)
class GaussianNoiseRange(Degradation):
    """Gaussian noise whose strength is drawn anew for each picture, evenly from [low, high].

    Attributes:
        low: Smallest standard deviation on the scale of 0 to 255.
        high: Largest one.
    """

    low: float
    high: float

    def __post_init__(self):
        GaussianNoise(self.low)
        GaussianNoise(self.high)
        if self.low >= self.high:
            raise InputError(
                "The noise must range from a smaller to a larger `sigma`. "
                f"Received: from {self.low} to {self.high}."
            )

    def __str__(self):
        return f"Gaussian noise σ={self.low:g}/255 to {self.high:g}/255"

    def degrade(self, clean, seed):
        """A NumPy picture with noise; the seed fixes its strength and the noise itself."""
        strength = np.random.default_rng([seed, 1]).uniform(self.low, self.high)
        return GaussianNoise(strength).degrade(clean, seed)

    def degrade_tensor(self, clean, seed):
        """The same in a tf.data pipeline; the seed is a tensor of two integers."""
        seeds = tf.random.split(seed, num=2)
        strength = tf.random.stateless_uniform((), seeds[0], self.low / 255, self.high / 255)
        return clean + strength * tf.random.stateless_normal(tf.shape(clean), seeds[1])


@dataclasses.dataclass(frozen=True)
class UnknownPixels(Degradation):
    """Only some pixels are known, drawn at random; the others are zero.

    Attributes:
        known: Their share in per cent, in (0, 100).
    """

    known: float

    def __post_init__(self):
        if not 0 < self.known < 100:
            raise InputError(
                "`known` is the share of the known pixels in per cent, between 0 and 100. "
                f"Received: known={self.known}."
            )

    def __str__(self):
        return f"{self.known:g} % of the pixels known"

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        return f"Fills in what is missing where {self}"

    def mask(self, clean, seed):
        """Which pixels are known: bool array `(height, width)`, by `default_rng(seed).random`."""
        return np.random.default_rng(seed).random(clean.shape[:2]) < self.known / 100

    def degrade(self, clean, seed):
        """The picture with zeros where it is not known."""
        mask = self.mask(clean, seed)
        return clean * (mask if clean.ndim == 2 else mask[..., None]).astype(clean.dtype)


def gaussian_noise(sigma):
    """The degradation of a recipe: noise of one strength, or of a range `(low, high)` of them."""
    return GaussianNoise(sigma) if isinstance(sigma, int | float) else GaussianNoiseRange(*sigma)
