"""How much noise there is in a picture, and which model is made for it."""

import math

import numpy as np

from ..pde import InputError
from .registry import card, list_models
from .restoration import check_picture, to_unit_range


def estimate_noise(image):
    """The standard deviation of the white Gaussian noise in a picture, on the scale of 0 to 255.

    The median of the finest diagonal wavelet coefficients (Donoho and Johnstone 1994), as
    `skimage.restoration.estimate_sigma` computes it. Fine texture counts as noise, clipping at black
    and white takes some away; colour pictures are estimated channel by channel and averaged.

    Args:
        image: As for `restore`, one picture.

    Returns:
        A number ≥ 0.

    Raises:
        InputError: for what `restore` does not take, and for a batch.
    """
    from skimage.restoration import estimate_sigma

    image = check_picture(image)
    if image.ndim == 4:
        raise InputError(
            f"The noise is estimated for one picture at a time. Received: shape={image.shape}."
        )
    image = image[..., :3] if image.ndim == 3 else image
    sigma = estimate_sigma(
        to_unit_range(image), average_sigmas=True, channel_axis=-1 if image.ndim == 3 else None
    )
    return 255.0 * float(sigma)


BLIND = "trd.blind"
"""What is taken when no other model is made for the noise."""

_NEAR = 1.1
"""Noise is near to what a model is made for if neither is larger by more than this factor."""


_COMPARED = ("bsd68", "bsds500/val")
"""Data on which models are compared: the same photographs in grey, and in colour."""


def choose_model(image):
    """The name of the pretrained denoiser that suits the noise of a picture.

    Among the models that are made for one strength of noise, and whose strength is near to the one
    estimated, it is the one with the best PSNR measured at its strength; the blind model if there is
    none. For a picture in colour a model for colour is taken before one for grey.

    Args:
        image: As for `estimate_noise`.

    Returns:
        `(name, sigma)`: the model and the estimated noise on the scale of 0 to 255.
    """
    sigma = estimate_noise(image)
    best, name = (0, -math.inf), BLIND
    colour = np.ndim(image) > 2 and np.shape(image)[-1] > 1
    for candidate in list_models():
        found = card(candidate)
        made_for = found.recipe and found.recipe["sigma"]
        if not isinstance(made_for, int | float):
            continue
        if not made_for / _NEAR <= sigma <= made_for * _NEAR:
            continue
        channels = found.config.get("channels", 1)
        if channels > 1 and not colour:
            continue
        own = f"σ={made_for:g}/255"
        for result in found.results:
            score = (channels, result["psnr"])
            if result["degradation"].endswith(own) and result["data"] in _COMPARED and score > best:
                best, name = score, candidate
    return name, sigma
