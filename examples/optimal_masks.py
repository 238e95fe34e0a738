"""Which pixels to keep: a mask for inpainting-based compression, beside one drawn at random.

    python examples/optimal_masks.py comparison.png

Probabilistic sparsification takes pixels away and puts back those that are missed most; nonlocal
pixel exchange then moves pixels to where the error is largest, if that helps (Mainberger, Hoffmann,
Weickert, Tang, Johannsen, Neumann, Doerr: Optimising Spatial and Tonal Data for Homogeneous Diffusion
Inpainting, SSVM 2011).
"""

import sys

import numpy as np
from imagepde import images, zoo
from skimage import data, transform

DENSITY = 0.05


def filled(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture from the pixels in the mask."""
    return zoo.inpaint(picture, mask, "inpainting.homogeneous", value_range=(0, 1))


def sparsified(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A mask of the density: a tenth of its pixels are tried at once, and half of them put back."""
    mask = np.ones(picture.shape, bool)
    while mask.mean() > DENSITY:
        places = np.flatnonzero(mask)
        tried = rng.choice(places, len(places) // 10, replace=False)
        mask.flat[tried] = False
        error = (filled(picture, mask) - picture) ** 2
        mask.flat[tried[np.argsort(error.flat[tried])][len(tried) // 2 :]] = True
    return mask


def exchanged(
    picture: np.ndarray, mask: np.ndarray, rng: np.random.Generator, rounds: int
) -> np.ndarray:
    """The mask after some of its pixels have moved to where the error was largest."""
    best = filled(picture, mask)
    for _ in range(rounds):
        count, moved = max(mask.sum() // 100, 1), mask.copy()
        moved.flat[rng.choice(np.flatnonzero(mask), count, replace=False)] = False
        free = rng.choice(np.flatnonzero(~mask), 20 * count, replace=False)
        error = (best - picture) ** 2
        moved.flat[free[np.argsort(error.flat[free])[-count:]]] = True
        found = filled(picture, moved)
        if np.mean((found - picture) ** 2) < np.mean((best - picture) ** 2):
            mask, best = moved, found
    return mask


def main(output: str, side: int = 128, rounds: int = 60) -> None:
    """Writes both masks, what is filled in from them, and the original."""
    rng = np.random.default_rng(0)
    picture = transform.resize(data.camera(), (side, side), anti_aliasing=True).astype(np.float32)
    drawn = rng.permuted(np.arange(picture.size).reshape(picture.shape)) < DENSITY * picture.size
    chosen = exchanged(picture, sparsified(picture, rng), rng, rounds)
    panels = []
    for name, mask in (("at random", drawn), ("chosen", chosen)):
        result = filled(picture, mask)
        decibels = -10 * np.log10(np.mean((result - picture) ** 2))
        panels += [(f"{name}, {100 * mask.mean():.0f} %", np.where(mask, picture, 0))]
        panels += [(f"{decibels:.1f} dB", result)]
    images.write_picture(output, images.side_by_side([*panels, ("original", picture)]))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
