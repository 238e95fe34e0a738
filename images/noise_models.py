"""Models of the noise in a picture: how it is drawn, and its variance by the brightness."""

import dataclasses
from typing import ClassVar

import numpy as np

from ..errors import InputError
from .correlated_noise import CorrelatedNoise
from .noise_base import (
    LEVELS,
    NoiseModel,
    check_finite,
    check_not_negative,
    clipped_if,
    grey_values,
    span_of,
    values_of,
)

__all__ = [
    "LEVELS",
    "CorrelatedNoise",
    "NoiseModel",
    "PoissonGaussian",
    "Speckle",
    "WhiteNoise",
    "noise_from_dict",
]


@dataclasses.dataclass(frozen=True)
class WhiteNoise(NoiseModel):
    """Gaussian noise, the same everywhere: z = x + σ n.

    Args:
        sigma: Standard deviation σ ≥ 0.
        clipped: Whether values are clipped to [0, 1] after it.

    Raises:
        InputError: for a negative number, and for what is none.

    Example:
        >>> noise = WhiteNoise(25 / 255)
        >>> noise.describe()
        'white noise: σ = 25 grey values of 255'
        >>> noise.draw(np.full((4, 4), 0.5), np.random.default_rng(0)).shape
        (4, 4)
    """

    kind: ClassVar[str] = "white"
    sigma: float
    clipped: bool = False

    def __post_init__(self):
        check_not_negative(self, "sigma")

    def draw(self, clean, rng):
        clean = values_of(clean)
        return clipped_if(clean + self.sigma * rng.standard_normal(clean.shape), self.clipped)

    def variance(self, mean):
        return np.full(np.shape(mean), self.sigma**2)

    def describe(self, scale=None):
        if self.sigma == 0:
            return "no noise"
        return f"white noise: σ = {grey_values(self.sigma, scale)}"


@dataclasses.dataclass(frozen=True)
class PoissonGaussian(NoiseModel):
    """Noise of a camera: z = g Poisson((x − o) / g) + o + s n, so that Var z = g (x − o) + s².

    Foi, Trimeche, Katkovnik, Egiazarian, "Practical Poissonian–Gaussian noise modeling and fitting
    for single-image raw-data", IEEE TIP 17, 2008.

    Args:
        gain: g ≥ 0, the grey value of one photon (a in the paper); with 0 the noise is white.
        read: s ≥ 0, the standard deviation of the noise in the dark (√b in the paper).
        offset: o, the grey value without light.
        clipped: Whether values are clipped to [0, 1] after it.

    Raises:
        InputError: for a negative gain or read noise, and for what is no finite number.

    Example:
        >>> noise = PoissonGaussian(gain=0.01, read=0.02)
        >>> noise.variance([0, 0.5]).round(6).tolist()
        [0.0004, 0.0054]
        >>> from imagepde.images import Scale
        >>> noise.describe(Scale(0, 4095))
        'Poisson–Gaussian noise: 1 photon = 41 grey values of 4095, read noise 81.9 grey values'
    """

    kind: ClassVar[str] = "poisson_gaussian"
    gain: float
    read: float
    offset: float = 0.0
    clipped: bool = False

    def __post_init__(self):
        check_not_negative(self, "gain", "read")
        check_finite(self, "offset")

    def draw(self, clean, rng):
        clean = values_of(clean)
        noisy = clean
        if self.gain > 0:
            photons = np.maximum(clean - self.offset, 0) / self.gain
            # NumPy's Poisson numbers end at 9e18; with so many photons there is nothing to see of it.
            noisy = self.gain * rng.poisson(np.minimum(photons, 1e15)) + self.offset
        return clipped_if(noisy + self.read * rng.standard_normal(clean.shape), self.clipped)

    def variance(self, mean):
        light = np.maximum(np.asarray(mean, np.float64) - self.offset, 0)
        return self.gain * light + self.read**2

    def describe(self, scale=None):
        words = (
            f"Poisson–Gaussian noise: 1 photon = {grey_values(self.gain, scale)}, "
            f"read noise {grey_values(self.read, scale, of=False)}"
        )
        if self.offset == 0:
            return words
        black = 0.0 if scale is None else scale.low
        offset = black + self.offset * span_of(scale)
        return f"{words}, no light at {offset:.3g}"


@dataclasses.dataclass(frozen=True)
class Speckle(NoiseModel):
    """Multiplicative noise of coherent light: z = x Γ, with Γ of mean 1 and variance v².

    Γ has the gamma distribution of the mean of L = 1/v² looks (Goodman 1976).

    Args:
        strength: v > 0, the standard deviation relative to the brightness; 1 for a single look.
        clipped: Whether values are clipped to [0, 1] after it.

    Raises:
        InputError: for a strength that is not a positive number.

    Example:
        >>> Speckle(0.2).variance([0.5]).round(4).tolist()
        [0.01]
    """

    kind: ClassVar[str] = "speckle"
    strength: float
    clipped: bool = False

    def __post_init__(self):
        check_not_negative(self, "strength")
        if self.strength < 1e-6:
            raise InputError(f"The strength of speckle must be positive. Received: {self.strength}.")

    def draw(self, clean, rng):
        clean, looks = values_of(clean), self.strength**-2
        return clipped_if(clean * rng.gamma(looks, 1 / looks, clean.shape), self.clipped)

    def variance(self, mean):
        return (self.strength * np.asarray(mean, np.float64)) ** 2

    def describe(self, scale=None):
        return f"speckle: {100 * self.strength:.3g} % of the brightness"


def noise_from_dict(config: dict) -> NoiseModel:
    """The model that `to_dict` has described, of any kind.

    Args:
        config: What `NoiseModel.to_dict` gives: the `kind` and the arguments of the model.

    Returns:
        A `NoiseModel` of this kind.

    Raises:
        InputError: for a kind that is none, and for wrong or missing arguments.

    Example:
        >>> noise_from_dict({"kind": "white", "sigma": 0.1})
        WhiteNoise(sigma=0.1, clipped=False)
    """
    kinds = {model.kind: model for model in (WhiteNoise, PoissonGaussian, CorrelatedNoise, Speckle)}
    config = dict(config)
    kind = config.pop("kind", None)
    if kind not in kinds:
        raise InputError(f"A noise has one of the kinds {', '.join(kinds)}. Received: {kind!r}.")
    if isinstance(config.get("noise"), dict):
        config["noise"] = noise_from_dict(config["noise"])
    try:
        return kinds[kind](**config)
    except TypeError as error:
        raise InputError(f"A noise of kind {kind!r} has other arguments: {error}.") from None
