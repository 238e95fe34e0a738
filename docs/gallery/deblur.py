"""Deblurring, beside Wiener's filter

A photograph is blurred by a Gaussian and gets a little noise. `zoo.deblur` measures the noise, and
puts a denoiser of 4,614 parameters in the place of a regulariser. Beside it stands the unsupervised
Wiener filter of scikit-image. Both are given the kernel.
"""

import numpy as np
from imagepde import images, layers, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio
from skimage.restoration import unsupervised_wiener

clean = data.camera()[40:232, 120:312].astype("float32") / 255
blurred = np.asarray(layers.Blur(1.6).apply(clean[None, ..., None]))[0, ..., 0]
blurred = blurred + np.random.default_rng(0).normal(0, 2 / 255, clean.shape).astype("float32")

x = np.arange(-7, 8)
kernel = np.exp(-(x**2) / (2 * 1.6**2))
kernel = np.outer(kernel, kernel) / kernel.sum() ** 2
pictures = {
    "blurred": blurred,
    "Wiener": unsupervised_wiener(blurred, kernel, rng=0)[0],
    "zoo.deblur": zoo.deblur(blurred, 1.6, value_range=(0, 1)),
}


def psnr(picture):
    inner = np.s_[10:-10, 10:-10]  # Wiener's filter takes the picture for periodic.
    return peak_signal_noise_ratio(clean[inner], picture[inner].astype("float32"), data_range=1)


panels = [(f"{name}: {psnr(x):.1f} dB", x) for name, x in pictures.items()]
images.write_picture("deblur.png", images.side_by_side([*panels, ("original", clean)]))
print(
    f"A Gaussian of 1.6 px and noise of 2/255: {psnr(blurred):.1f} dB, "
    f"{psnr(pictures['Wiener']):.1f} dB with Wiener's filter, {psnr(pictures['zoo.deblur']):.1f} "
    "dB with `zoo.deblur`, away from the border."
)
