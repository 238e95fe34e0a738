"""Noise of any kind, removed by a model that was made for white noise."""

import dataclasses
import math

import numpy as np

from ..images.measured_noise import MeasuredNoise
from ..images.noise_models import CorrelatedNoise, NoiseModel, PoissonGaussian, WhiteNoise
from ..layers.traits import UNCHANGED, Traits
from .choice import noise_of_plane
from .learned_transform import learned
from .method import Function, Method
from .multilevel import by_levels, levels_of
from .stabilised import Stabilised, contrast_of

_FAINT = 0.3 / 255
"""Noise that nobody sees and no file of 8 bits holds."""

_TEXTURE, _UNSURE, _WEAK = 1.5, 2.5, 10.0
"""So much of the measured noise, on the scale of 0 to 255, may be the finest texture of photographs;
where the measurement is not sure, this or half of it; and all of it, if it is that weak."""

_EVEN = 1.3
"""Up to this ratio, the channels of a color are taken to have the same noise."""


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
    adapt: bool = False,
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
        adapt: As for `made_for`.
    """
    found = noise_of_plane(plane, valid) if noise is None else noise
    count = plane.shape[-1]
    channels = [one.noise for one in getattr(found, "channels", ())] if adapt else []
    model = found.noise if isinstance(found, MeasuredNoise) else found
    stripes = found.stripes if isinstance(found, MeasuredNoise) else None
    if isinstance(found, MeasuredNoise) and not adapt:  # What is learned tells texture from noise.
        low, high = contrast_of(plane)
        model = noise_at_least(found, high - low)
        channels = [noise_at_least(one, high - low) for one in found.channels]
    differ = channels and max(c.sigma for c in found.channels) > (
        _EVEN * min(c.sigma for c in found.channels) + 0.5
    )
    if grey is not None and differ and method.channels != 1:
        method = grey
    if len(channels) == count > 1 and method.channels == 1:
        # Each has noise of its own, and a grey model sees one at a time.
        parts = tuple(
            (slice(k, k + 1), made_for(one, method, plane[..., k : k + 1], sigma, adapt))
            for k, one in enumerate(channels)
        )
    else:
        parts = ((slice(0, count), made_for(model, method, plane, sigma, adapt)),)
    return Removal(found, parts, stripes)


def made_for(
    noise: NoiseModel,
    method: Method,
    plane: np.ndarray,
    sigma: float | None = None,
    adapt: bool = False,
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
        InputError: for noise of a kind that cannot be stabilised, and for a plain function that is to
            be adapted.
    """
    if noise_is_nothing(noise):
        return without_noise()
    stabilised = Stabilised(noise, plane, sigma)
    if adapt:
        stabilised = learned(stabilised, method, plane)
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
