"""The noise of a picture, measured from the picture alone: how strong, of which kind, how sure."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .arrays import unit_picture
from .noise_base import LEVELS, NoiseModel, span_of
from .noise_blocks import FREQUENCY, MOST_BLOCKS, Blocks, blocks_of, pooled
from .noise_fit import HIGH, LOW, Line, beside_stripes, fit_line
from .noise_models import CorrelatedNoise, PoissonGaussian, WhiteNoise
from .noise_spectrum import correlation_of, spectrum_of, stripes_of
from .scale import Scale

_MIDDLE = (FREQUENCY >= 5) & (FREQUENCY <= 6)
_LOWEST = (FREQUENCY >= 2) & (FREQUENCY <= 4)
_HIGHEST = FREQUENCY >= 9
_CORRELATED = 1.35
"""White noise has as much power in the middle frequencies as in the high ones; texture of the flattest
places adds up to a third."""

_ROUGH = 1.45
"""So much wider than that of noise is the spread of energy where it is texture."""

_FAINT = 1.0 / 255
"""Noise whose highest frequencies are below this is called white: all photographs have a little in
their low frequencies."""


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
        if not isinstance(self.noise, WhiteNoise):
            words[0] += f"; in the mean σ = {self.sigma / 255 * span_of(scale):.3g} grey values"
        if self.stripes:
            strength = self.stripe_sigma * span_of(scale)
            words[0] += f"; {self.stripes} are offset by {strength:.3g} grey values"
        if not self.sure:
            words[0] += " (not sure)"
        return " ".join([words[0][0].upper() + words[0][1:] + ".", *self.notes])


def measure_noise(
    image: ArrayLike,
    value_range: tuple[float, float] | Scale | None = None,
    valid: np.ndarray | None = None,
) -> MeasuredNoise:
    """Measures the noise of one picture: white or Poisson–Gaussian, correlated or not.

    Var z = a E z + b is fitted to flat blocks of all brightnesses (Foi et al., IEEE TIP 17, 2008; Liu,
    Tanaka, Okutomi, IEEE TIP 22, 2013). As in Ponomarenko's method (Colom and Buades, IPOL 3, 2013),
    blocks of 8×8 pixels are chosen by some coefficients of their cosine transform and measured by
    others, so that the choice favours no block for having little noise. The noise is white if flat
    blocks have the same power at all frequencies; otherwise their spectrum gives its autocorrelation
    and σ.
    Clipped, constant and repeated pixels are left out.

    Args:
        image: One picture, `(height, width)` or `(height, width, channels)`; alpha does not count.
        value_range: The values of black and white; found when `None`.
        valid: `(height, width)`, array of bool; false where pixels do not count.

    Returns:
        The noise in units of [0, 1], with its σ on the scale of 0 to 255.

    Raises:
        InputError: for what `restore` does not take, for a batch, and if no pixel is valid.

    Example:
        >>> from skimage import data
        >>> from imagepde.images import PoissonGaussian
        >>> camera = PoissonGaussian(gain=1 / 100, read=5 / 255)
        >>> found = measure_noise(camera.draw(data.camera() / 255, np.random.default_rng(0)))
        >>> found.sure, found.correlated
        (True, False)
        >>> round(found.noise.gain, 3), round(255 * found.noise.read)
        (0.01, 5)
    """
    unit, _ = unit_picture(image, value_range)
    if unit.ndim == 4:
        raise InputError(
            f"The noise is measured of one picture at a time. Received: shape={unit.shape}."
        )
    unit = unit[..., None] if unit.ndim == 2 else unit
    unit = unit[..., :1] if unit.shape[-1] in (1, 2) else unit[..., :3]
    usable = np.ones(unit.shape[:2], bool) if valid is None else np.asarray(valid)
    if usable.dtype != bool or usable.shape != unit.shape[:2]:
        raise InputError(
            f"`valid` must be an array of bool of the picture's height and width, {unit.shape[:2]}. "
            f"Received: {usable.dtype}, shape={usable.shape}."
        )
    if not usable.any():
        raise InputError("At least some pixels must be valid to measure noise. Received: none.")
    # Exact sums: what is equal has to stay equal, and small noise on a bright ground is small.
    planes = [unit[..., index].astype(np.float64) for index in range(unit.shape[-1])]
    most = MOST_BLOCKS // (2 if len(planes) > 1 else 1)
    blocks = [blocks_of(plane, usable, most) for plane in planes]
    stripes = [stripes_of(plane, usable) for plane in planes]
    channels = [_measured(*parts, usable) for parts in zip(blocks, stripes, planes, strict=True)]
    if len(channels) == 1:
        return channels[0]
    whole = _measured(pooled(blocks), max(stripes, key=lambda found: found[1]), planes[0], usable)
    sigmas = [channel.sigma for channel in channels]
    notes = whole.notes
    if max(sigmas) > 1.3 * min(sigmas) + 0.5:
        words = ", ".join(f"{sigma:.3g}" for sigma in sigmas)
        notes = (*notes, f"The channels differ: σ = {words} of 255.")
    return dataclasses.replace(whole, notes=notes, channels=tuple(channels))


def _measured(blocks: Blocks, striped, plane, usable) -> MeasuredNoise:
    """The result for the blocks of one plane, or of several."""
    stripes, stripe_sigma = striped
    if blocks.mean.size < 4:
        return _without_blocks(blocks, plane, usable)
    beside = beside_stripes(stripes)
    line = fit_line(blocks, blocks.power, LOW & beside, HIGH & beside)
    if stripes and stripe_sigma**2 < 0.01 * np.mean(line.at(blocks.mean)):
        stripes, stripe_sigma, beside = None, 0.0, beside_stripes(None)
        line = fit_line(blocks, blocks.power, LOW, HIGH)
    spectrum, roughness = spectrum_of(_relative(blocks, line), stripes)
    correlated = _is_correlated(spectrum, roughness, line, blocks)
    if correlated:
        line, spectrum = _of_correlated(blocks, line, spectrum, beside, stripes)
    notes, sure = list(blocks.notes), line.sure
    if blocks.step:
        # Rounding to whole grey values is noise of a twelfth, and no part of what came before it.
        constant = max(line.constant - blocks.step**2 / 12, min(0.0, line.constant))
        line = dataclasses.replace(line, constant=constant)
    if _is_clean(blocks, line, roughness):
        notes.append("Places of one grey value each: there is no noise.")
        return _result(WhiteNoise(0.0), 0.0, line, (None, 0.0), sure, notes, blocks)
    if not sure:
        notes.append("There are too few flat places, or they do not agree.")
    noise = _model(line, blocks)
    if correlated:
        noise = CorrelatedNoise(noise, tuple(map(tuple, correlation_of(spectrum))))
    elif roughness > _ROUGH and noise_sigma(noise, blocks) > 2 / 255:
        sure = False
        notes.append("No place is free of texture; the noise may be less.")
    typical = float(np.mean(blocks.mean))
    error = np.array([typical, 1.0]) @ line.covariance @ np.array([typical, 1.0])
    return _result(noise, np.sqrt(max(error, 0.0)), line, (stripes, stripe_sigma), sure, notes, blocks)


def _relative(blocks, line):
    return blocks.power / line.at(blocks.mean)[:, None, None]


def _is_correlated(spectrum, roughness, line, blocks):
    high = spectrum[_HIGHEST].mean()
    middle, low = spectrum[_MIDDLE].mean() / high, spectrum[_LOWEST].mean() / high
    total = np.mean(line.at(blocks.mean)) * spectrum.mean()
    if total < (4 * _FAINT) ** 2 and np.mean(line.at(blocks.mean)) < _FAINT**2:
        return False
    redder = middle > _CORRELATED and low > middle**1.2
    bluer = middle < 1 / _CORRELATED and low < 1 / _CORRELATED
    return (redder and roughness < _ROUGH) or bluer


def _of_correlated(blocks, line, spectrum, beside, stripes):
    """The line again, by all frequencies that the noise has, and the spectrum by that line."""
    for _ in range(2):
        spectrum = spectrum / spectrum.mean()
        strong = (spectrum > 0.05 * spectrum.max()) & (FREQUENCY >= 2) & beside
        even = FREQUENCY % 2 == 0
        again = fit_line(blocks, blocks.power / spectrum, strong & even, strong & ~even)
        if again is None or not (strong & ~even).any():
            break
        line = again
        spectrum, _ = spectrum_of(_relative(blocks, line), stripes)
    # The mean over all frequencies is the variance of a pixel.
    factor = spectrum.mean()
    points = line.points * [1, factor, 1]
    return (
        dataclasses.replace(
            line,
            slope=line.slope * factor,
            constant=line.constant * factor,
            covariance=line.covariance * factor**2,
            points=points,
        ),
        spectrum / factor,
    )


def _is_clean(blocks, line, roughness):
    """Whether large parts are exactly constant, as in drawings, and the rest is no noise either."""
    share = blocks.constant / (blocks.constant + blocks.mean.size)
    if share < 0.05:
        return False
    sigma = np.sqrt(np.mean(line.at(blocks.mean)))
    return sigma < 2 * blocks.step or roughness > 1.3 or not line.sure


def _model(line: Line, blocks: Blocks):
    """White noise, unless the variance rises with the brightness by more than chance."""
    error = np.sqrt(line.covariance[0, 0])
    first, last = np.quantile(blocks.mean, (0.02, 0.98))
    rise = line.slope * (last - first)
    level = np.mean(line.at(blocks.mean))
    if line.slope <= 3 * error or rise < 0.1 * level:
        typical = np.average(line.points[:, 0], weights=line.points[:, 2])
        return WhiteNoise(float(np.sqrt(max(line.slope * typical + line.constant, 0.0))))
    if line.constant >= 0:
        return PoissonGaussian(float(line.slope), float(np.sqrt(line.constant)))
    return PoissonGaussian(float(line.slope), 0.0, float(-line.constant / line.slope))


def noise_sigma(noise: NoiseModel, blocks: Blocks) -> float:
    """The root of the mean variance over all blocks."""
    return float(np.sqrt(np.mean(noise.variance(blocks.mean))))


def _result(noise, error, line, striped, sure, notes, blocks):
    sigma = noise_sigma(noise, blocks)
    # Of the variance v an error e is one of e / 2σ of its root.
    uncertainty = 255 * error / (2 * sigma) if sigma > 0 else 0.0
    return MeasuredNoise(
        noise=noise,
        sigma=255 * sigma,
        uncertainty=float(uncertainty),
        levels=tuple(sigma * noise.averaged(2**level) for level in range(LEVELS)),
        points=line.points,
        stripes=striped[0],
        stripe_sigma=striped[1],
        sure=bool(sure),
        notes=tuple(notes),
    )


def _without_blocks(blocks, plane, usable):
    """What can be said without any block: the differences of pixels that are neighbours."""
    values = plane[usable]
    sigma, sure, notes = 0.0, False, list(blocks.notes)
    if np.ptp(values) == 0 or np.unique(values).size <= 2:
        sure = True
        notes = ["All pixels have one of two grey values or the same: there is no noise to be seen."]
    else:
        four = usable[1:, 1:] & usable[1:, :-1] & usable[:-1, 1:] & usable[:-1, :-1]
        cross = plane[1:, 1:] - plane[1:, :-1] - plane[:-1, 1:] + plane[:-1, :-1]
        if four.any():
            sigma = float(np.median(np.abs(cross[four])) / 0.6745 / 2)
        notes.append("There is no place of 8×8 pixels to measure at.")
    noise = WhiteNoise(sigma)
    levels = tuple(sigma * noise.averaged(2**level) for level in range(LEVELS))
    points = np.zeros((0, 3))
    return MeasuredNoise(noise, 255 * sigma, 255 * sigma, levels, points, sure=sure, notes=tuple(notes))
