"""Correlated noise, removed by a denoiser for white noise: coarse levels first, where it is white."""

import math
from collections.abc import Callable

import numpy as np

from ..images.noise_base import NoiseModel

_WHITE = 0.58
"""Means over 2×2 pixels have half the noise if it is white; so much more is taken for that."""

_MOST_LEVELS = 3


def levels_of(noise: NoiseModel) -> list[float]:
    """The strength of unit noise on single pixels, means over 2×2, … up to where it is white."""
    strengths = [1.0]
    if noise.correlated:
        following = [noise.averaged(2**level) for level in range(1, _MOST_LEVELS + 2)]
        for before, after in zip([1.0, *following], following, strict=False):
            if after / before < _WHITE or len(strengths) > _MOST_LEVELS:
                break
            strengths.append(after)
    return strengths


def by_levels(
    denoise: Callable[[np.ndarray, float], np.ndarray], images: np.ndarray, strengths: list[float]
) -> np.ndarray:
    """Denoises means over blocks, then what single pixels have beyond them.

    c_k are the means over 2ᵏ×2ᵏ pixels, their noise has the strength a_k. From the level on where the
    noise is white, c_k is denoised there, and what that changes is taken over to the next finer level
    by linear interpolation. What is left of the noise there has no low frequencies; of white noise of
    strength √(a_k² − a_{k+1}²)·2/√3 just as much would be left, so this is what is removed.

    Args:
        denoise: Function of images `(batch, height, width, channels)` and the strength of their noise.
        images: The noisy ones.
        strengths: What `levels_of` returned, in the units of the images.
    """
    strength, *coarser = strengths
    if not coarser:
        return denoise(images, strength)
    height, width = images.shape[1:3]
    even = np.pad(images, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode="symmetric")
    means = 0.25 * sum(even[:, i::2, j::2] for i in (0, 1) for j in (0, 1))
    change = by_levels(denoise, means, coarser) - means
    left = images + finer(change)[:, :height, :width]
    rest = math.sqrt(max(strength**2 - coarser[0] ** 2, 0.0)) * 2 / math.sqrt(3)
    return denoise(left, rest)


def finer(u):
    """Twice the resolution, by linear interpolation of the means of blocks."""
    for axis in (1, 2):
        before = np.concatenate([np.take(u, [0], axis), np.delete(u, -1, axis)], axis)
        after = np.concatenate([np.delete(u, 0, axis), np.take(u, [-1], axis)], axis)
        pair = np.stack([0.75 * u + 0.25 * before, 0.75 * u + 0.25 * after], axis + 1)
        u = pair.reshape(*u.shape[:axis], 2 * u.shape[axis], *u.shape[axis + 1 :])
    return u
