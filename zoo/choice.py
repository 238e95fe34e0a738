"""How much noise there is in a picture, of what kind, and which model removes it."""

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import unit_picture
from ..images.measured_noise import MeasuredNoise
from ..images.noise_base import NoiseModel
from ..images.noise_measuring import measure_noise
from ..images.noise_models import WhiteNoise
from ..images.picture import Picture
from ..images.scale import Scale
from .catalogue import list_models

DENOISERS = {"RGB": "trd_color.any", "L": "trd.any"}
"""What is taken for noise where no model is named: models that are told how strong it is."""

INPAINTER = "reconstruction.inpaint"
"""What is taken for a picture of which only some pixels are known."""

_TILE, _TILES = 256, 8
"""Of a large picture the noise is measured in so many squares of this side, along each axis."""

Noise = float | NoiseModel | MeasuredNoise | ArrayLike | Picture | None
"""How noise can be given."""


def choose_model(
    image: ArrayLike, value_range: tuple[float, float] | Scale | None = None
) -> tuple[str, float]:
    """The name of the pretrained denoiser for a picture, and the strength of its noise.

    Args:
        image: As for `estimate_noise`.
        value_range: The values of black and white; found when `None`.

    Returns:
        `(name, sigma)`: the model, and σ of the noise on the scale of 0 to 255. `images.measure_noise`
        says more of the noise.

    Example:
        >>> noise = np.random.default_rng(0).standard_normal((128, 128))
        >>> name, sigma = choose_model(0.5 + 25 / 255 * noise, (0, 1))
        >>> name, 24 < sigma < 26
        ('trd.any', True)
    """
    unit, _ = unit_picture(image, value_range)
    color = unit.ndim == 3 and unit.shape[-1] >= 3
    return denoiser_for("RGB" if color else "L"), noise_of_plane(unit).sigma


def denoiser_for(samples: str) -> str:
    """The name of the model for such samples of a pixel: that for grey if there is none for color."""
    name = DENOISERS.get(samples, DENOISERS["L"])
    return name if name in list_models() else DENOISERS["L"]


def noise_of_plane(unit: np.ndarray, valid: np.ndarray | None = None) -> MeasuredNoise:
    """The noise of a plane in [0, 1]; of a large one in squares that are spread over it."""
    unit, valid = part_of(unit), None if valid is None else part_of(valid)
    if valid is not None and not valid.any():
        return MeasuredNoise(WhiteNoise(0.0), 0.0, 0.0, (0.0,) * 4, np.zeros((0, 3)), sure=False)
    return measure_noise(unit, (0, 1), valid)


def part_of(plane: np.ndarray) -> np.ndarray:
    """Squares of a large plane beside each other, evenly spread; a small one as it is."""
    largest = _TILE * _TILES
    if max(plane.shape[:2]) <= largest or plane.shape[0] * plane.shape[1] <= largest**2:
        return plane
    starts = []
    for side in plane.shape[:2]:
        count = min(_TILES, side // _TILE)
        # At multiples of 16, so that squares of pixels stay what they are.
        starts.append([int(k * (side - _TILE) / max(count - 1, 1)) // 16 * 16 for k in range(count)])
    rows = [
        np.concatenate([plane[y : y + _TILE, x : x + _TILE] for x in starts[1]], axis=1)
        for y in starts[0]
    ]
    return np.concatenate(rows)


def as_noise(noise: Noise, scale: Scale) -> MeasuredNoise | NoiseModel | None:
    """Noise as it was given, in [0, 1].

    Args:
        noise: σ on the scale of 0 to 255; a model of noise, or what `measure_noise` returns; a picture
            of the background alone, whose noise is measured; `None`.
        scale: That of the picture, for a picture of the background.

    Raises:
        InputError: for something else, and a negative σ.
    """
    if noise is None or isinstance(noise, NoiseModel | MeasuredNoise):
        return noise
    if isinstance(noise, Picture):
        noise = noise.values
    if isinstance(noise, str) or noise is True or noise is False:
        raise InputError(
            "`noise` must be a strength on the scale of 0 to 255, a model of noise, or a picture of "
            f"the background. Received: {noise!r}."
        )
    if np.ndim(noise) == 0:
        sigma = float(np.asarray(noise, np.float64))
        if not 0 <= sigma <= 1000:
            raise InputError(
                "`noise` is the standard deviation on the scale of 0 to 255 and must not be negative. "
                f"Received: noise={noise!r}."
            )
        return WhiteNoise(sigma / 255)
    return noise_of_plane(unit_picture(noise, scale)[0])
