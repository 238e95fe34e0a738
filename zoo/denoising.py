"""Noise of any kind, removed by a model that was made for white noise."""

import dataclasses
import math

import numpy as np

from ..errors import InputError
from ..images import anscombe
from ..images.measured_noise import MeasuredNoise
from ..images.noise_models import CorrelatedNoise, NoiseModel, PoissonGaussian, Speckle, WhiteNoise
from ..layers.traits import UNCHANGED, Traits
from .choice import noise_of_plane
from .method import Function, Method
from .multilevel import by_levels, levels_of

STRONGEST = 75 / 255
"""The strongest noise that models are trained for: a picture with more is darkened."""

_FULL = 0.8
"""The contrast of a photograph, as models know it."""

_LOW = 0.5
"""A picture with less contrast is brought to so much, with its noise."""

_FAINT = 0.3 / 255
"""Noise that nobody sees and no file of 8 bits holds."""

_TEXTURE, _UNSURE, _WEAK = 1.5, 2.5, 10.0
"""So much of the measured noise, on the scale of 0 to 255, may be the finest texture of photographs;
where the measurement is not sure, this or half of it; and all of it, if it is that weak."""

_EVEN = 1.3
"""Up to this ratio, the channels of a color are taken to have the same noise."""


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

    Raises:
        InputError: for noise of a kind that cannot be stabilised, and for none.
    """

    def __init__(self, noise: NoiseModel, plane: np.ndarray, sigma: float | None = None):
        self.noise = noise
        self._stabilise, self._back = _stabilisers(noise)
        low, high = contrast_of(self._stabilise(plane))
        self._low = low
        self.strength = _factor(high - low, noise) if sigma is None else sigma / 255

    def forward(self, pixels: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """x as float32; `strength` as for `scaled`."""
        return self.scaled(self._stabilise(pixels), strength)

    def scaled(self, stable: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """x of f(z), whose noise has a strength other than 1 if pixels were averaged."""
        return ((stable - self._low) * (self.strength / strength)).astype(np.float32)

    def unscaled(self, x: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """The inverse of `scaled`."""
        return x * (strength / self.strength) + self._low

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


def noise_at_least(found: MeasuredNoise, contrast: float = 1.0) -> NoiseModel:
    """The noise that a picture has at least: what was measured, less what may be texture.

    What is removed too much is picture, and what is removed too little is noise that was there before.

    Args:
        found: What was measured.
        contrast: The range of the picture; the less it is, the fainter is its texture.
    """
    contrast = min(max(contrast, 1e-3), 1.0)
    texture = _TEXTURE * contrast if found.sure else max(_UNSURE * contrast, found.sigma / 2)
    if not found.sure and found.sigma < _WEAK:
        texture = found.sigma
    share = 1 - min(texture / max(found.sigma, 1e-9), 1.0) ** 2
    return _times(found.noise, math.sqrt(share))


def _times(noise, factor):
    """So many times the noise."""
    if isinstance(noise, CorrelatedNoise):
        return dataclasses.replace(noise, noise=_times(noise.noise, factor))
    if isinstance(noise, PoissonGaussian):
        gain, read = factor**2 * noise.gain, factor * noise.read
        return dataclasses.replace(noise, gain=gain, read=read)
    return WhiteNoise(factor * noise.sigma) if isinstance(noise, WhiteNoise) else noise


def without_noise() -> Method:
    """What leaves a picture as it is, in the place of a denoiser."""
    return Method("no noise", UNCHANGED, None, (None, None), _same, lambda images: _same)


def _same(images):
    return images


@dataclasses.dataclass(frozen=True)
class Removal:
    """What is done about the noise of one plane.

    Attributes:
        noise: What was measured, or given.
        parts: The channels that a method is applied to, and the method.
        stripes: `"rows"` or `"columns"` if their offsets are taken away first.
    """

    noise: MeasuredNoise | NoiseModel
    parts: tuple[tuple[slice, Method], ...]
    stripes: str | None = None


def removal(
    method: Method,
    sigma: float | None,
    plane: np.ndarray,
    noise: MeasuredNoise | NoiseModel | None = None,
    valid: np.ndarray | None = None,
    grey: Method | None = None,
) -> Removal:
    """How the noise of a plane is removed.

    Args:
        method: The `Method` of a denoiser for white noise.
        sigma: The noise that it is made for, on the scale of 0 to 255; `None` if it is told the noise
            or measures it.
        plane: Pixels `(height, width, channels)` in [0, 1]; part of a large plane is enough.
        noise: What is known of the noise; it is measured when `None`.
        valid: Array of bool `(height, width)`: where it is false, a pixel does not count.
        grey: What is taken instead for each channel of a color, if their noise differs.
    """
    found = noise_of_plane(plane, valid) if noise is None else noise
    count = plane.shape[-1]
    channels = getattr(found, "channels", ())
    model = found.noise if isinstance(found, MeasuredNoise) else found
    stripes = found.stripes if isinstance(found, MeasuredNoise) else None
    if isinstance(found, MeasuredNoise):
        low, high = contrast_of(plane)
        model = noise_at_least(found, high - low)
        channels = [noise_at_least(one, high - low) for one in channels]
    differ = channels and max(c.sigma for c in found.channels) > (
        _EVEN * min(c.sigma for c in found.channels) + 0.5
    )
    if grey is not None and differ and method.channels != 1:
        method = grey
    if len(channels) == count > 1 and method.channels == 1:
        # Each has noise of its own, and a grey model sees one at a time.
        parts = tuple(
            (slice(k, k + 1), made_for(one, method, plane[..., k : k + 1], sigma))
            for k, one in enumerate(channels)
        )
    else:
        parts = ((slice(0, count), made_for(model, method, plane, sigma)),)
    return Removal(found, parts, stripes)


def made_for(
    noise: NoiseModel, method: Method, plane: np.ndarray, sigma: float | None = None
) -> Method:
    """A method for white noise, made one for another noise.

        u = f⁻¹(D(s f(z))/s)

    f makes the noise one of standard deviation 1: a division, for Poisson–Gaussian noise the
    generalised Anscombe transform, whose inverse is the exact unbiased one (Mäkitalo and Foi 2013),
    for speckle a logarithm. D is the denoiser, s as in `Stabilised`. If neighbours are correlated, D
    is applied to means over blocks first, where the noise is white, see `multilevel`.

    Args:
        noise: Model of the noise of a picture in [0, 1].
        method: The `Method` of the denoiser.
        plane: The picture, `(height, width, channels)` in [0, 1]; it decides about s.
        sigma: The noise that the denoiser is made for, on the scale of 0 to 255; `None` if it is told
            the noise or measures it.

    Returns:
        A `Method`.

    Raises:
        InputError: for noise of a kind that cannot be stabilised.
    """
    if noise_is_nothing(noise):
        return without_noise()
    stabilised = Stabilised(noise, plane, sigma)
    told, levels = method.traits.takes == "noise", levels_of(noise)

    def wrapped(inner: Function) -> Function:
        def denoise(stable, strength):
            """Pixels in units of the noise of single ones, with noise of a strength."""
            # Who is told the noise sees all levels alike; who is made for one, each at that one.
            usual = 1.0 if sigma is None else strength
            scaled = stabilised.scaled(stable, usual)
            if told:
                level = np.full((*scaled.shape[:3], 1), strength * stabilised.strength, np.float32)
                scaled = np.concatenate([scaled, level], axis=-1)
            return stabilised.unscaled(np.asarray(inner(scaled)), usual)

        def apply(images):
            return stabilised.back(by_levels(denoise, stabilised.stable(np.asarray(images)), levels))

        return apply

    return dataclasses.replace(
        method,
        name=f"{method.name} for {noise.kind} noise",
        traits=_traits(method.traits, len(levels) - 1),
        apply=wrapped(method.apply),
        local=lambda images: wrapped(method.local(images)),
    )


def noise_is_nothing(noise: NoiseModel) -> bool:
    """Whether there is no noise to be removed from a picture in [0, 1]."""
    return bool(np.max(noise.variance(np.array([0.0, 0.5, 1.0]))) < _FAINT**2)


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


def _traits(inner: Traits, levels: int) -> Traits:
    """How far a method sees that is applied on so many coarser levels, too."""
    reach = None
    if inner.reach is not None:
        reach = sum(2**k * (inner.reach + 2) for k in range(levels + 1)) if levels else inner.reach
    return dataclasses.replace(
        inner,
        reach=reach,
        smallest_side=2**levels * inner.smallest_side,
        alignment=2**levels * inner.alignment,
        extended_to=2**levels * inner.extended_to,
        takes="picture",
        promises={},
    )
