"""What all models of noise have in common."""

import abc
import dataclasses
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .scale import Scale

LEVELS = 4
"""The levels on which noise is described: single pixels, and means of 2×2, 4×4 and 8×8 of them."""


class NoiseModel(abc.ABC):
    """Noise of mean zero on a picture in [0, 1], where 0 is black and 1 is white.

    Models are frozen dataclasses: equal if their numbers are, and what `to_dict` gives is JSON.

    Example:
        >>> from imagepde.images import WhiteNoise
        >>> noise = WhiteNoise(0.1)
        >>> NoiseModel.from_dict(noise.to_dict()) == noise
        True
    """

    kind: ClassVar[str]

    @abc.abstractmethod
    def draw(self, clean: ArrayLike, rng: np.random.Generator) -> np.ndarray:
        """A noisy copy of a picture `(..., height, width[, channels])` in [0, 1], as float64."""

    @abc.abstractmethod
    def variance(self, mean: ArrayLike) -> np.ndarray:
        """The variance of the noise where the clean picture has these values; clipping not counted."""

    @abc.abstractmethod
    def describe(self, scale: Scale | None = None) -> str:
        """The noise in words, in grey values of a scale; of 0 to 255 when `None`."""

    @property
    def correlated(self) -> bool:
        """Whether the noise of a pixel says something about that of its neighbours."""
        return False

    def averaged(self, size: int) -> float:
        """The factor by which a mean over `size` × `size` pixels lowers the standard deviation."""
        return 1.0 / size

    def to_dict(self) -> dict:
        """All numbers of the model and its kind, for `noise_from_dict`."""
        return {"kind": self.kind, **dataclasses.asdict(self)}

    @classmethod
    def from_dict(cls, config: dict) -> "NoiseModel":
        """The model that `to_dict` has described.

        Raises:
            InputError: for other kinds than this class is, and wrong arguments.
        """
        from .noise_models import noise_from_dict

        found = noise_from_dict(config)
        if not isinstance(found, cls):
            raise InputError(f"A noise of kind {cls.kind!r} is expected. Received: {config['kind']!r}.")
        return found


def values_of(clean):
    clean = np.asarray(clean)
    if clean.ndim < 2 or clean.dtype.kind not in "biuf":
        raise InputError(
            f"A picture of real numbers is needed. Received: {clean.dtype}, shape={clean.shape}."
        )
    return clean.astype(np.float64)


def clipped_if(noisy, clipped):
    return np.clip(noisy, 0.0, 1.0) if clipped else noisy


def check_finite(model, *names):
    for name in names:
        value = getattr(model, name)
        try:
            value = float(value)
        except (TypeError, ValueError):
            value = np.nan
        if not np.isfinite(value):
            raise InputError(f"`{name}` must be a finite number. Received: {getattr(model, name)!r}.")
        object.__setattr__(model, name, value)


def check_not_negative(model, *names):
    check_finite(model, *names)
    for name in names:
        if getattr(model, name) < 0:
            raise InputError(f"`{name}` must not be negative. Received: {getattr(model, name)}.")


def span_of(scale):
    return 255.0 if scale is None else scale.high - scale.low


def grey_values(value, scale, of=True):
    if span_of(scale) == 1:
        # Of a picture in [0, 1] nobody says grey values.
        return f"{value:.3g} of 1" if of else f"{value:.3g}"
    words = f"{value * span_of(scale):.3g} grey values"
    return f"{words} of {span_of(scale):.6g}" if of else words
