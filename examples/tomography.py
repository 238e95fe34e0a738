"""A slice of a head from 60 noisy views: filtered back-projection, and plug and play.

python examples/tomography.py comparison.png
"""

import sys

import numpy as np
from imagepde import images, layers, zoo
from skimage import data, transform

ANGLES = np.linspace(0, 180, 60, endpoint=False)


def phantom(side: int = 160) -> np.ndarray:
    """The phantom of Shepp and Logan."""
    whole = data.shepp_logan_phantom()
    return transform.resize(whole, (side, side), anti_aliasing=True).astype(np.float32)


def measured(clean: np.ndarray, share: float = 0.01) -> tuple[np.ndarray, float]:
    """A sinogram with noise of one per cent of its largest value, and the strength of the noise."""
    sinogram = transform.radon(clean, ANGLES)
    sigma = share * float(sinogram.max())
    return sinogram + sigma * np.random.default_rng(0).standard_normal(sinogram.shape), sigma


def back_projected(sinogram: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Filtered back-projection with the filter that comes nearest to the truth."""
    filters = ("ramp", "shepp-logan", "cosine", "hamming", "hann")
    found = [transform.iradon(sinogram, ANGLES, filter_name=name) for name in filters]
    return min(found, key=lambda image: np.mean((np.clip(image, 0, 1) - clean) ** 2))


def solved(sinogram: np.ndarray, sigma: float) -> np.ndarray:
    """Plug and play with the default denoiser; the noise is on the scale of 0 to 255."""
    return zoo.solve(sinogram, layers.Radon(ANGLES, len(sinogram)), noise=255 * sigma)


if __name__ == "__main__":
    clean = phantom()
    sinogram, sigma = measured(clean)
    panels = {"filtered back-projection": back_projected(sinogram, clean)}
    panels |= {"zoo.solve": solved(sinogram, sigma), "original": clean}
    images.write_picture(sys.argv[1], images.side_by_side(list(panels.items())))
