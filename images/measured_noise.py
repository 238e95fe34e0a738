"""What is known of the noise of a picture, once it has been measured."""

import dataclasses

import numpy as np

from .noise_base import NoiseModel, grey_values
from .noise_models import CorrelatedNoise, PoissonGaussian, WhiteNoise
from .scale import Scale


@dataclasses.dataclass(frozen=True)
class MeasuredNoise:
    """What `measure_noise` found.

    Attributes:
        noise: The model, for a picture in [0, 1].
        sigma: Its standard deviation over the picture (root of the mean variance), on the scale of 0 to
            255; without stripes.
        uncertainty: Standard error of `sigma`, on the same scale: of the fit, not of its assumptions.
        levels: Standard deviation in [0, 1] of means over 1, 2×2, 4×4 and 8×8 pixels.
        points: `(n, 3)`, mean, variance and weight of the flat places of each brightness, in [0, 1].
        stripes: `"rows"` or `"columns"` if whole ones are brighter or darker, else `None`.
        stripe_sigma: Standard deviation of these offsets, in [0, 1].
        sure: Whether there are enough flat places, and they agree.
        notes: Sentences on what was left out, and what is in doubt.
        channels: Of a colour picture, the result for each channel.

    Example:
        >>> points = np.zeros((0, 3))
        >>> found = MeasuredNoise(WhiteNoise(0.1), 25.5, 0.2, (0.1, 0.05, 0.025, 0.0125), points)
        >>> found.describe()
        'White noise: σ = 25.5 grey values of 255.'
    """

    noise: NoiseModel
    sigma: float
    uncertainty: float
    levels: tuple[float, ...]
    points: np.ndarray = dataclasses.field(repr=False, compare=False)
    stripes: str | None = None
    stripe_sigma: float = 0.0
    sure: bool = True
    notes: tuple[str, ...] = ()
    channels: tuple["MeasuredNoise", ...] = dataclasses.field(default=(), repr=False)

    @property
    def correlated(self) -> bool:
        """Whether the noise of neighbours is correlated, so that no model of white noise removes it."""
        return self.noise.correlated

    def describe(self, scale: Scale | None = None) -> str:
        """All that was found in a few sentences, in grey values of a scale; of 255 when `None`."""
        words = [self.noise.describe(scale)]
        if not isinstance(getattr(self.noise, "noise", self.noise), WhiteNoise):
            words[0] += f"; in the mean σ = {grey_values(self.sigma / 255, scale, of=False)}"
        if self.stripes:
            strength = grey_values(self.stripe_sigma, scale, of=False)
            words[0] += f"; {self.stripes} are offset by {strength}"
        if not self.sure:
            words[0] += " (not sure)"
        return " ".join([words[0][0].upper() + words[0][1:] + ".", *self.notes])


def mean_of(channels: list[MeasuredNoise]) -> MeasuredNoise:
    """One result for all channels: the mean of their variances, of those that are sure if any is."""
    counted = [channel for channel in channels if channel.sure] or channels
    cores = [c.noise.noise if c.correlated else c.noise for c in counted]
    gains = [getattr(core, "gain", 0.0) for core in cores]
    darks = [
        float(core.variance(0.0)) if gain == 0 else core.read**2 - gain * core.offset
        for core, gain in zip(cores, gains, strict=True)
    ]
    noise = from_line(float(np.mean(gains)), float(np.mean(darks)))
    tables = [np.asarray(c.noise.autocorrelation) for c in counted if c.correlated]
    if 2 * len(tables) > len(counted):
        noise = CorrelatedNoise(noise, tuple(map(tuple, np.mean(tables, 0))))
    sigma, *levels = (
        float(np.sqrt(np.mean(np.square(values))))
        for values in ([c.sigma for c in counted], *zip(*(c.levels for c in counted), strict=True))
    )
    notes = list(dict.fromkeys(note for channel in channels for note in channel.notes))
    sigmas = [channel.sigma for channel in channels]
    if max(sigmas) > 1.3 * min(sigmas) + 0.5:
        words = ", ".join(f"{value:.3g}" for value in sigmas)
        notes.append(f"The channels differ: σ = {words} of 255.")
    striped = max(channels, key=lambda channel: channel.stripe_sigma)
    return MeasuredNoise(
        noise=noise,
        sigma=sigma,
        uncertainty=float(np.sqrt(np.mean([c.uncertainty**2 for c in counted]))),
        levels=tuple(levels),
        points=np.concatenate([channel.points for channel in counted]),
        stripes=striped.stripes,
        stripe_sigma=striped.stripe_sigma,
        sure=counted[0].sure,
        notes=tuple(notes),
        channels=tuple(channels),
    )


def from_line(slope: float, constant: float) -> NoiseModel:
    """The model with Var = slope · mean + constant; below zero at black, light begins later."""
    if slope == 0:
        return WhiteNoise(float(np.sqrt(max(constant, 0.0))))
    if constant >= 0:
        return PoissonGaussian(float(slope), float(np.sqrt(constant)))
    return PoissonGaussian(float(slope), 0.0, float(-constant / slope))
