"""How much noise there is in a picture, and which model is made for it."""

import math

import numpy as np
from numpy.typing import ArrayLike

from ..images.arrays import unit_picture
from ..images.noise import estimate_noise
from ..images.scale import Scale
from .registry import card, list_models

BLIND = "trd.blind"
"""What is taken when no other model is made for the noise."""

INPAINTER = "reconstruction.inpaint"
"""What is taken for a picture of which only some pixels are known."""

_NEAR = 1.1
"""Noise is near to what a model is made for if neither is larger by more than this factor."""


_COMPARED = ({"name": "bsd68"}, {"name": "bsds500/val"})
"""Data on which models are compared: the same photographs in grey, and in colour."""


def choose_model(
    image: ArrayLike, value_range: tuple[float, float] | Scale | None = None
) -> tuple[str, float]:
    """The name of the pretrained denoiser that suits the noise of a picture.

    Among the models that are made for one strength of noise, and whose strength is near to the one
    estimated, it is the one with the best PSNR measured at its strength; the blind model if there is
    none. For a picture in colour a model for colour is taken before one for grey.

    Args:
        image: As for `estimate_noise`.
        value_range: The values of black and white; found when `None`.

    Returns:
        `(name, sigma)`: the model and the estimated noise on the scale of 0 to 255.
    """
    return choose_for(unit_picture(image, value_range)[0])


def choose_for(unit: np.ndarray) -> tuple[str, float]:
    """`choose_model` for a picture in [0, 1]."""
    sigma = estimate_noise(unit, (0, 1))
    image = unit
    best, name = (0, -math.inf), BLIND
    colour = np.ndim(image) > 2 and np.shape(image)[-1] > 1
    for candidate in list_models():
        found = card(candidate)
        task = found.made_for or {}
        made_for = task.get("sigma")
        if task.get("kind") != "gaussian_noise" or not isinstance(made_for, int | float):
            continue
        if not made_for / _NEAR <= sigma <= made_for * _NEAR:
            continue
        channels = found.config.get("channels", 1)
        if channels > 1 and not colour:
            continue
        for result in found.results:
            score = (channels, result["psnr"])
            if result["task"] == task and result["data"] in _COMPARED and score > best:
                best, name = score, candidate
    return name, sigma
