"""Tomography with few views

Thirty views of a slice instead of some hundred, with noise. Filtered back-projection draws rays. With
`layers.Radon` as the operator, `zoo.solve` looks for a slice that has the same views and that a
denoiser takes for a clean one.
"""

import numpy as np
from imagepde import images, layers, zoo
from skimage import data, transform
from skimage.metrics import peak_signal_noise_ratio

clean = transform.resize(data.shepp_logan_phantom(), (160, 160), anti_aliasing=True).astype("float32")
angles = np.linspace(0, 180, 30, endpoint=False)
sinogram = transform.radon(clean, angles)
sigma = 0.01 * sinogram.max()
sinogram = sinogram + sigma * np.random.default_rng(0).standard_normal(sinogram.shape)

filters = ("ramp", "shepp-logan", "cosine", "hamming", "hann")
pictures = {
    name: transform.iradon(sinogram, angles, filter_name=name).astype("float32") for name in filters
}


def psnr(picture):
    return peak_signal_noise_ratio(clean, np.clip(picture, 0, 1), data_range=1)


best = max(filters, key=lambda name: psnr(pictures[name]))
solved = zoo.solve(sinogram, layers.Radon(angles, 160), noise=255 * sigma)
shown = transform.resize(sinogram / sinogram.max(), clean.shape, order=0)
panels = [
    ("30 views", shown),
    (f"{best}: {psnr(pictures[best]):.1f} dB", pictures[best]),
    (f"zoo.solve: {psnr(solved):.1f} dB", solved),
    ("original", clean),
]
images.write_picture("few_views.png", images.side_by_side(panels))
print(
    f"The sinogram; the best of five filters for back-projection, {best}: "
    f"{psnr(pictures[best]):.1f} dB; and `zoo.solve`: {psnr(solved):.1f} dB."
)
