"""Noise, and missing pixels."""

import dataclasses
from typing import Any, Self

import numpy as np
import tensorflow as tf

from ..errors import InputError
from ..images.noise_base import NoiseModel
from ..images.noise_models import noise_from_dict
from ..zoo.restoration import restore
from .draws import ArrayDraw, Draw, TensorDraw
from .task import Degradation, register

_TYPICAL, _WEAK, _GROWTH = 25 / 255, 1 / 255, 1.2
"""What a denoiser leaves, the mean squared error, grows about as this power of the noise; noise weaker
than `_WEAK` counts as much as this one."""


@register("gaussian_noise")
@dataclasses.dataclass(frozen=True)
class GaussianNoise(Degradation):
    """Additive white Gaussian noise, f = u + n with n ~ N(0, (σ/255)²), not clipped.

    Attributes:
        sigma: Standard deviation on the scale of 0 to 255, in (0, 255]. For a pair `(low, high)` it is
            drawn anew for each picture, evenly between the two; its square root if it is `told`.
        told: Whether the model is told σ, as one more channel of its input in grey values of [0, 1].
            Then pairs to train on have a weight that makes weak noise count as much as strong noise.

    Raises:
        InputError: for a `sigma` outside of (0, 255].

    Example:
        >>> noisy, clean = GaussianNoise(25).pair(np.zeros((64, 64), "float32"), seed=0)
        >>> noisy.shape, round(255 * float(noisy.std()))
        ((64, 64), 25)
    """

    sigma: float | tuple[float, float]
    told: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "sigma", checked_sigma(self.sigma, lowest=np.nextafter(0.0, 1.0)))

    def __str__(self) -> str:
        return f"Gaussian noise {sigma_text(self.sigma)}"

    def get_config(self) -> dict[str, Any]:
        """The attributes as data; `told` only if it is so."""
        config = super().get_config()
        return config if self.told else {k: v for k, v in config.items() if k != "told"}

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The picture with noise; with NumPy, `default_rng(seed).standard_normal`."""
        return self._noisy(clean, draw)[0]

    def pair(self, clean: np.ndarray, seed: Any) -> tuple[np.ndarray, np.ndarray]:
        """Noisy and clean picture; if `told`, the noisy one has σ as one more channel."""
        noisy, level = self._noisy(clean, ArrayDraw(seed))
        if not self.told:
            return noisy, clean
        noise = np.full((*clean.shape[:2], 1), level, np.float32)
        noisy = noisy.reshape(*clean.shape[:2], -1)
        return np.concatenate([noisy, noise], axis=-1), clean

    def pair_tensor(self, clean: Any, seed: Any) -> tuple[Any, ...]:
        """The same in a tf.data pipeline; if `told`, with the weight of the pair `(1, 1)`."""
        noisy, level = self._noisy(clean, TensorDraw(seed))
        if not self.told:
            return noisy, clean
        told = tf.concat([noisy, tf.zeros_like(noisy[..., :1]) + level], axis=-1)
        weight = (_TYPICAL / tf.maximum(level, _WEAK)) ** _GROWTH
        return told, clean, tf.reshape(weight, (1, 1))

    def solution(self, model: Any, given: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """What `zoo.restore` makes of the noisy picture, with σ if it is told."""
        if not self.told:
            return super().solution(model, given, mask)
        sigma = 255 * float(given[0, 0, -1])
        return restore(self.shown(given), model, noise=sigma, value_range=(0, 1))

    def shown(self, given: np.ndarray) -> np.ndarray:
        """The noisy picture, without σ."""
        if not self.told:
            return given
        return given[..., 0] if given.shape[-1] == 2 else given[..., :-1]

    def _noisy(self, clean: Any, draw: Draw) -> tuple[Any, Any]:
        """The picture with noise, and σ."""
        if isinstance(self.sigma, tuple):
            first, draw = draw.split()
            level = first.level(*self.sigma)
            if self.told:
                # More often weak noise, of which there is more to tell apart: its root is even.
                root = 255 * first.level(*np.sqrt(self.sigma).tolist())
                level = root * root / np.float32(255)
        else:
            level = np.float32(self.sigma / 255)
        return clean + level * draw.normal(clean), level


@register("noise")
@dataclasses.dataclass(frozen=True)
class Noise(Degradation):
    """Noise of any model: of a camera, correlated, or in proportion to the brightness.

        tasks.Noise(images.PoissonGaussian(gain=1 / 30, read=5 / 255))

    A model is applied by `zoo.restore` with this noise given.

    Attributes:
        noise: An `images.PoissonGaussian`, `CorrelatedNoise`, `Speckle` or `WhiteNoise`.

    Raises:
        InputError: for what is no model of noise.

    Example:
        >>> from imagepde.images import Speckle
        >>> str(Noise(Speckle(0.2)))
        'speckle: 20 % of the brightness'
    """

    noise: NoiseModel

    def __post_init__(self) -> None:
        if not isinstance(self.noise, NoiseModel):
            raise InputError(
                "`noise` must be a model of noise, as images.PoissonGaussian(0.03, 0.02). "
                f"Received: {self.noise!r}."
            )

    def __str__(self) -> str:
        return self.noise.describe()

    def get_config(self) -> dict[str, Any]:
        """The attributes as data."""
        return {**super().get_config(), "noise": self.noise.to_dict()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The task with these attributes."""
        return cls(**{**config, "noise": noise_from_dict(config["noise"])})

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The picture with noise."""
        return draw.noisy(self.noise, clean)

    def solution(self, model: Any, given: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """What `zoo.restore` makes of it, told the noise."""
        return restore(given, model, noise=self.noise, value_range=(0, 1))


@register("unknown_pixels")
@dataclasses.dataclass(frozen=True)
class UnknownPixels(Degradation):
    """Only some pixels are known, drawn at random; the others are zero.

    Attributes:
        known: Their share in per cent, in (0, 100).

    Raises:
        InputError: for a share outside of (0, 100).

    Example:
        >>> given, clean = UnknownPixels(10).pair(np.ones((64, 64), "float32"), seed=0)
        >>> round(100 * float(given.mean()))
        10
    """

    known: float

    def __post_init__(self) -> None:
        if isinstance(self.known, bool) or not isinstance(self.known, int | float):
            raise InputError(f"`known` must be a number. Received: known={self.known!r}.")
        if not 0 < self.known < 100:
            raise InputError(
                "`known` is the share of the known pixels in per cent, between 0 and 100. "
                f"Received: known={self.known}."
            )

    def __str__(self) -> str:
        return f"{self.known:g} % of the pixels known"

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        return f"Fills in what is missing where {self}"

    def mask(self, clean: np.ndarray, seed: Any) -> np.ndarray:
        """Which pixels are known: bool array `(height, width)`, by `default_rng(seed).random`."""
        return ArrayDraw(seed).chosen(clean, self.known / 100).astype(bool).reshape(clean.shape[:2])

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The picture with zeros where it is not known."""
        return clean * draw.chosen(clean, self.known / 100)


def checked_sigma(sigma: Any, lowest: float = 0.0, name: str = "sigma") -> float | tuple[float, float]:
    """A standard deviation, or a range of them as a tuple.

    Raises:
        InputError: unless they are numbers from `lowest` to 255, the smaller one of a pair first.
    """
    levels: Any = tuple(sigma) if isinstance(sigma, list | tuple) else (sigma,)
    numbers = all(isinstance(s, int | float | np.number) and not isinstance(s, bool) for s in levels)
    if not numbers or len(levels) > 2 or not all(lowest <= level <= 255 for level in levels):
        sign = "positive" if lowest else "not negative"
        raise InputError(
            f"`{name}` is the standard deviation of the noise on the scale of 0 to 255 and must be "
            f"{sign}, or a pair of such numbers. Received: {name}={sigma!r}."
        )
    if len(levels) == 1:
        return levels[0]
    if not 0 < levels[0] < levels[1]:
        raise InputError(
            f"The noise must range from a smaller to a larger `{name}`. "
            f"Received: from {levels[0]} to {levels[-1]}."
        )
    return levels


def sigma_text(sigma: float | tuple[float, float]) -> str:
    """A noise level in words."""
    return "σ=" + " to ".join(f"{level:g}/255" for level in np.atleast_1d(sigma))
