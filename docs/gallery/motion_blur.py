"""Motion blur

A kernel is any array. Here the camera moved along a slanted line while the shutter was open.
"""

import numpy as np
from imagepde import images, layers, zoo
from skimage import data, draw
from skimage.metrics import peak_signal_noise_ratio

kernel = np.zeros((11, 11), "float32")
rows, columns, values = draw.line_aa(2, 0, 8, 10)
kernel[rows, columns] = values / values.sum()

clean = data.rocket()[100:292, 230:422].astype("float32") / 255
blur = layers.Blur(kernel)
blurred = np.stack(
    [np.asarray(blur.apply(c[None, ..., None]))[0, ..., 0] for c in clean.transpose(2, 0, 1)]
)
blurred = blurred.transpose(1, 2, 0)
blurred = blurred + np.random.default_rng(0).normal(0, 2 / 255, clean.shape).astype("float32")
sharp = zoo.deblur(blurred, kernel, value_range=(0, 1))


def psnr(picture):
    return peak_signal_noise_ratio(clean, picture, data_range=1)


large = np.repeat(np.kron(kernel / kernel.max(), np.ones((17, 17)))[..., None], 3, -1)
panels = [
    ("kernel, 11 x 11 px", np.pad(large, ((2, 3), (2, 3), (0, 0)))),
    (f"blurred: {psnr(blurred):.1f} dB", blurred),
    (f"zoo.deblur: {psnr(sharp):.1f} dB", sharp),
    ("original", clean),
]
images.write_picture("motion_blur.png", images.side_by_side(panels))
print(
    f"The kernel, enlarged, and what it does: {psnr(blurred):.1f} dB. With the kernel known, "
    f"`zoo.deblur` brings the picture to {psnr(sharp):.1f} dB."
)
