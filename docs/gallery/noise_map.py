"""Noise that is stronger on one side

`trd.any` takes the standard deviation of the noise for each pixel, as its last channel. Here the noise
grows from left to right. If one number is given for the whole picture, one side stays noisy and the
other is smoothed too much.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.coins()[8:200, 16:208].astype("float32") / 255
strength = np.tile(np.linspace(2, 70, clean.shape[1], dtype="float32") / 255, (len(clean), 1))
noisy = clean + strength * np.random.default_rng(0).standard_normal(clean.shape, "float32")
model = zoo.load("trd.any")


def told(sigma):
    given = np.stack([noisy, np.broadcast_to(sigma, noisy.shape)], axis=-1)
    return np.asarray(model(given[None]))[0, ..., 0]


def psnr(picture):
    return peak_signal_noise_ratio(clean, picture, data_range=1)


middle = np.float32(np.sqrt(np.mean(strength**2)))
pictures = {"noisy": noisy, "told one number": told(middle), "told each pixel": told(strength)}
panels = [(f"{name}: {psnr(x):.1f} dB", x) for name, x in pictures.items()]
images.write_picture("noise_map.png", images.side_by_side([*panels, ("original", clean)]))
gain = psnr(pictures["told each pixel"]) - psnr(pictures["told one number"])
print(
    f"The standard deviation grows from 2 on the left to 70 on the right, of 255. To tell it for each "
    f"pixel instead of {255 * middle:.0f} for all of them gains {gain:.1f} dB."
)
