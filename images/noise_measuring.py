"""The noise of a picture, measured from the picture alone: how strong, of which kind, how sure."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .arrays import unit_picture
from .measured_noise import MeasuredNoise, from_line, mean_of
from .noise_base import LEVELS, NoiseModel
from .noise_blocks import FREQUENCY, MOST_BLOCKS, Blocks, blocks_of
from .noise_fit import HIGH, LOW, Line, beside_stripes, fit_line
from .noise_models import CorrelatedNoise, WhiteNoise
from .noise_spectrum import correlation_of, covariance_of, spectrum_of, stripes_of, without_texture
from .scale import Scale

_MIDDLE = (FREQUENCY >= 5) & (FREQUENCY <= 6)
_LOWEST = (FREQUENCY >= 2) & (FREQUENCY <= 4)
_HIGHEST = FREQUENCY >= 9
_CORRELATED = 1.35
"""White noise has as much power in the middle frequencies as in the high ones; texture of the flattest
places adds up to a third."""

_ROUGH, _SMOOTH = 1.45, 1.2
"""So much wider than that of noise is the spread of energy where it is texture, and where it may be."""

_STEEP = 2.6
"""Blurred white noise has low frequencies of at most this power of its middle ones."""

_FAINT = 6.0 / 255
"""Below this σ the low frequencies of photographs are no noise, unless it is very clear."""


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
        >>> camera = PoissonGaussian(gain=1 / 30, read=5 / 255)
        >>> found = measure_noise(camera.draw(data.camera() / 255, np.random.default_rng(0)))
        >>> found.sure, found.correlated
        (True, False)
        >>> round(float(found.noise.variance(0.5)), 3), round(0.5 / 30 + (5 / 255) ** 2, 3)
        (0.017, 0.017)
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
    return mean_of(channels)


def _measured(blocks: Blocks, striped, plane, usable) -> MeasuredNoise:
    """The result for the blocks of one plane, or of several."""
    stripes, stripe_sigma = striped
    if blocks.mean.size < 4 or _is_binary(plane[usable]):
        return _without_blocks(blocks, plane, usable)
    beside = beside_stripes(stripes)
    line = fit_line(blocks, blocks.power, LOW & beside, HIGH & beside)
    if stripes and (
        stripe_sigma < 2 * blocks.step / 3 or stripe_sigma**2 < 0.01 * np.mean(line.at(blocks.mean))
    ):
        stripes, stripe_sigma, beside = None, 0.0, beside_stripes(None)
        line = fit_line(blocks, blocks.power, LOW, HIGH)
    spectrum, roughness = spectrum_of(_relative(blocks, line), stripes)
    correlated = _is_correlated(spectrum, roughness, line, blocks)
    if correlated:
        line, covariance = _of_correlated(blocks, line, spectrum, beside, stripes)
    notes, sure = list(blocks.notes), line.sure
    if blocks.step:
        # Rounding to whole grey values is noise of a twelfth, and no part of what came before it.
        constant = max(line.constant - blocks.step**2 / 12, min(0.0, line.constant))
        line = dataclasses.replace(line, constant=constant)
    if _is_clean(blocks, line, roughness):
        notes.append("Places of one grey value each: there is no noise.")
        return _result(WhiteNoise(0.0), 0.0, line, (None, 0.0), True, notes, blocks)
    if not sure:
        notes.append("There are too few flat places, or they do not agree.")
    noise = _model(line, blocks)
    if correlated:
        noise = CorrelatedNoise(noise, tuple(map(tuple, correlation_of(covariance))))
    if roughness > _ROUGH and noise_sigma(noise, blocks) > _FAINT / 3:
        sure = False
        notes.append("No place is free of texture; the noise may be less.")
    typical = float(np.mean(blocks.mean))
    error = np.array([typical, 1.0]) @ line.covariance @ np.array([typical, 1.0])
    return _result(noise, np.sqrt(max(error, 0.0)), line, (stripes, stripe_sigma), sure, notes, blocks)


def _relative(blocks, line):
    return blocks.power / line.at(blocks.mean)[:, None, None]


def _is_correlated(spectrum, roughness, line, blocks):
    """Whether the spectrum of the flattest places is that of correlated noise, and not of texture."""
    high = spectrum[_HIGHEST].mean()
    middle, low = spectrum[_MIDDLE].mean() / high, spectrum[_LOWEST].mean() / high
    total = np.mean(line.at(blocks.mean)) * spectrum.mean()
    if middle > 2 * _CORRELATED**2 and total > 2 * _FAINT**2:
        # Where there is nothing in the high frequencies, white noise is out of the question.
        return bool(roughness < 1.25 * _ROUGH)
    if max(middle, 1 / middle) < _CORRELATED or roughness > _ROUGH:
        return False
    if middle < 1:
        return bool(low < 1 / _CORRELATED)
    if total < _FAINT**2:
        clear = middle > _CORRELATED**2 and roughness < (_ROUGH + _SMOOTH) / 2
        return bool(clear and low < middle**_STEEP and total > (_FAINT / 3) ** 2)
    # White noise on a little texture rises steeply towards the low frequencies alone.
    return bool(roughness < _SMOOTH or low < middle**_STEEP)


def _of_correlated(blocks, line, spectrum, beside, stripes):
    """The line again, by all frequencies that the noise has, and the covariances."""
    for _ in range(2):
        shape = spectrum / spectrum.mean()
        strong = (shape > 0.05 * shape.max()) & (FREQUENCY >= 2) & beside
        even = FREQUENCY % 2 == 0
        if not ((strong & even).any() and (strong & ~even).any()):
            break
        line = fit_line(blocks, blocks.power / shape, strong & even, strong & ~even)
        spectrum, _ = spectrum_of(_relative(blocks, line), stripes)
    covariance = covariance_of(without_texture(spectrum), stripes)
    factor = max(covariance[0, 0], 0.1 * spectrum.mean())
    points = line.points * [1, factor, 1]
    return (
        dataclasses.replace(
            line,
            slope=line.slope * factor,
            constant=line.constant * factor,
            covariance=line.covariance * factor**2,
            points=points,
        ),
        covariance,
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
        return from_line(0.0, line.slope * typical + line.constant)
    return from_line(line.slope, line.constant)


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


def _is_binary(values):
    return bool(((values == values.min()) | (values == values.max())).all())


def _without_blocks(blocks, plane, usable):
    """What can be said without any block: the differences of pixels that are neighbours."""
    values = plane[usable]
    sigma, sure, notes = 0.0, False, list(blocks.notes)
    if _is_binary(values):
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
