"""Closing the gaps of a fingerprint

Ridges that are drawn by a formula, with scars and noise. Coherence-enhancing diffusion smooths along
the ridges: gaps close, and the ridges stay apart.
"""

import numpy as np
from imagepde import images, zoo
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio

rng = np.random.default_rng(4)
y, x = np.indices((192, 192)) / 192 - 0.5
bent = gaussian_filter(rng.standard_normal((192, 192)), 24)
phase = 130 * np.hypot(1.1 * x, 0.8 * y + 0.1) + 18 * bent / np.abs(bent).max()
clean = (0.5 + 0.5 * np.tanh(2 * np.sin(phase))).astype("float32")

scars = gaussian_filter(rng.standard_normal((192, 192)), (1.2, 5)) > 0.17
damaged = np.where(scars, 1, clean + rng.normal(0, 0.2, clean.shape)).clip(0, 1).astype("float32")
closed = zoo.restore(damaged, zoo.load("ced.default", rho=4.0), value_range=(0, 1))


def psnr(picture):
    return peak_signal_noise_ratio(clean, picture, data_range=1)


panels = [
    (f"damaged: {psnr(damaged):.1f} dB", damaged),
    (f"ced.default: {psnr(closed):.1f} dB", closed),
    ("original", clean),
]
images.write_picture("fingerprint.png", images.side_by_side(panels))
print(
    f"{100 * scars.mean():.0f} % of the picture are scars. The filter has no weights and nothing was "
    f"learned: {psnr(damaged):.1f} dB before, {psnr(closed):.1f} dB after."
)
