"""Dead and hot pixels

Pixels that are known to be wrong are set to NaN. With `nan="fill"` they are unknown: they do not
count when the noise is measured, and are filled in smoothly from those around them.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.moon()[100:292, 20:212] / 255
rng = np.random.default_rng(0)
noisy = clean + rng.normal(0, 12 / 255, clean.shape)
bad = rng.random(clean.shape) < 0.02
bad[:, 97] = True
given = np.where(bad, rng.integers(0, 2, clean.shape), noisy)
marked = np.where(bad, np.nan, noisy)
pictures = {
    "given": given,
    "not told": zoo.restore(given, value_range=(0, 1)),
    "told by NaN": zoo.restore(marked, nan="fill", value_range=(0, 1)),
}
found = {
    name: peak_signal_noise_ratio(clean, picture, data_range=1) for name, picture in pictures.items()
}
panels = [(f"{name}: {found[name]:.1f} dB", picture) for name, picture in pictures.items()]
images.write_picture("dead_pixels.png", images.side_by_side([*panels, ("original", clean)]))
print(
    f"{100 * bad.mean():.1f} % of the pixels are black or white by mistake, among them a whole column. "
    f"They stay unless they are marked: {found['not told']:.1f} dB, and {found['told by NaN']:.1f} dB."
)
