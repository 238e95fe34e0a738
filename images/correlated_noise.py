"""Noise whose neighbours are correlated, as after interpolation in a camera."""

import dataclasses
from typing import ClassVar

import numpy as np

from ..errors import InputError
from .noise_base import NoiseModel, values_of


@dataclasses.dataclass(frozen=True)
class CorrelatedNoise(NoiseModel):
    """Noise whose neighbours are correlated: z = x + k ∗ (n(x) − x), with ‖k‖₂ = 1.

    The kernel k has the autocorrelation that is given, so that the variance at a pixel is that of n.

    Args:
        noise: The noise n before the blur: white, Poisson–Gaussian or speckle.
        autocorrelation: Odd square, symmetric about its middle, which is 1: the correlation of
            the noise of two pixels by the distance between them, rows first.

    Raises:
        InputError: for an autocorrelation that is none, and noise that is correlated already.

    Example:
        >>> from imagepde.images.noise_models import WhiteNoise
        >>> noise = CorrelatedNoise.blurred(WhiteNoise(0.1), 0.7)
        >>> noise.averaged(2) > 0.5
        True
        >>> noise.describe()
        'white noise: σ = 25.5 grey values of 255, correlated (0.58 with the next pixel)'
    """

    kind: ClassVar[str] = "correlated"
    noise: NoiseModel
    autocorrelation: tuple[tuple[float, ...], ...]

    def __post_init__(self):
        if not isinstance(self.noise, NoiseModel) or self.noise.correlated:
            raise InputError(
                f"`noise` must be a noise that is not correlated itself. Received: {self.noise!r}."
            )
        try:
            table = np.asarray(self.autocorrelation, np.float64)
        except (TypeError, ValueError):
            table = np.zeros(0)
        square = table.ndim == 2 and table.shape[0] == table.shape[1] and table.shape[0] % 2 == 1
        if not square or not np.isfinite(table).all():
            raise InputError("`autocorrelation` must be an odd square of finite numbers.")
        middle = table.shape[0] // 2
        same = np.allclose(table, table[::-1, ::-1], atol=1e-6) and abs(table).max() <= 1 + 1e-6
        if not same or abs(table[middle, middle] - 1) > 1e-6:
            raise InputError(
                "`autocorrelation` must be symmetric about its middle, its largest value, 1."
            )
        rows = tuple(tuple(float(value) for value in row) for row in table)
        object.__setattr__(self, "autocorrelation", rows)

    @classmethod
    def blurred(cls, noise: NoiseModel, blur: float) -> "CorrelatedNoise":
        """Noise after a Gaussian blur of standard deviation `blur` > 0 px, with its variance kept."""
        if not (np.isfinite(blur) and 0 < blur <= 16):
            raise InputError(f"`blur` must be above 0 and at most 16 pixels. Received: {blur}.")
        reach = int(np.ceil(4 * blur))
        x = np.arange(-reach, reach + 1)
        kernel = np.exp(-0.5 * (x / blur) ** 2)
        line = np.convolve(kernel, kernel)
        line /= line[line.size // 2]
        return cls(noise, tuple(map(tuple, np.outer(line, line))))

    def to_dict(self):
        rows = [list(row) for row in self.autocorrelation]
        return {"kind": self.kind, "noise": self.noise.to_dict(), "autocorrelation": rows}

    @property
    def correlated(self):
        return True

    @property
    def sigma(self) -> float:
        """Standard deviation σ of white noise before the blur; no other noise has just one."""
        return self.noise.sigma

    def draw(self, clean, rng):
        clean = values_of(clean)
        axes = (-3, -2) if clean.ndim > 2 and clean.shape[-1] <= 4 else (-2, -1)
        shape = [clean.shape[axis] for axis in axes]
        table = np.asarray(self.autocorrelation)
        power = np.zeros(shape)
        reach = table.shape[0] // 2
        offsets = np.arange(-reach, reach + 1)
        np.add.at(power, np.ix_(offsets % shape[0], offsets % shape[1]), table)
        # A measured autocorrelation may have a spectrum that is a little negative.
        power = np.maximum(np.fft.rfft2(power).real, 0)
        power *= np.prod(shape) / _sum_of_half(power, shape[1])
        power = power[..., None] if axes == (-3, -2) else power
        residual = np.fft.rfft2(self.noise.draw(clean, rng) - clean, axes=axes)
        return clean + np.fft.irfft2(np.sqrt(power) * residual, s=shape, axes=axes)

    def variance(self, mean):
        return self.noise.variance(mean)

    def averaged(self, size):
        table = np.asarray(self.autocorrelation)
        distance = np.abs(np.arange(table.shape[0]) - table.shape[0] // 2)
        pairs = np.maximum(size - distance, 0)
        return float(np.sqrt(max(pairs @ table @ pairs, 0.0))) / size**2

    def describe(self, scale=None):
        middle = len(self.autocorrelation) // 2
        beside = self.autocorrelation[middle][middle + 1 : middle + 2] or (0.0,)
        below = (row[middle] for row in self.autocorrelation[middle + 1 : middle + 2])
        near = max(beside[0], *below, -1.0)
        return f"{self.noise.describe(scale)}, correlated ({near:.2f} with the next pixel)"


def _sum_of_half(power, width):
    """The sum over all frequencies of a spectrum of which `rfft2` gives one half."""
    twice = power[:, 1 : (width + 1) // 2].sum()
    return power.sum() + twice
