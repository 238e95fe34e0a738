"""A picture from a quarter of its frequencies, with noise: zero filling, and plug and play.

python examples/mri.py comparison.png
"""

import sys

import numpy as np
from imagepde import images, layers, zoo
from skimage import data

NOISE = 2 / 255


def measured(clean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies with noise, and where they were measured: all near zero, of others few at random."""
    rng = np.random.default_rng(0)
    rows = np.abs(np.fft.fftfreq(clean.shape[0]) * clean.shape[0])[:, None]
    mask = rng.random(clean.shape) < np.where(rows < 10, 1.0, 0.18)
    real, imaginary = NOISE * rng.standard_normal((2, *clean.shape))
    return mask * (np.fft.fft2(clean, norm="ortho") + real + 1j * imaginary), mask


def zero_filled(frequencies: np.ndarray) -> np.ndarray:
    """What was not measured is zero."""
    return np.fft.ifft2(frequencies, norm="ortho").real


def solved(frequencies: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Plug and play with the default denoiser; the noise is on the scale of 0 to 255."""
    return zoo.solve(frequencies, layers.MaskedFourier(mask), noise=255 * NOISE)


if __name__ == "__main__":
    clean = data.camera()[::2, ::2].astype(np.float32) / 255
    frequencies, mask = measured(clean)
    panels = {"zero filling": zero_filled(frequencies)}
    panels |= {"zoo.solve": solved(frequencies, mask), "original": clean}
    images.write_picture(sys.argv[1], images.side_by_side(list(panels.items())))
