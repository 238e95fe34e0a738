"""Stripes of a line camera

Each column of a line camera has an offset of its own. `zoo.restore` measures stripes beside the
noise of the pixels, and subtracts them first.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.camera()[40:232, 120:312] / 255
rng = np.random.default_rng(0)
offsets = rng.normal(0, 10 / 255, (1, clean.shape[1]))
noisy = clean + offsets + rng.normal(0, 8 / 255, clean.shape)
measured = images.measure_noise(noisy, (0, 1))
pictures = {
    "given": noisy,
    "trd.any, white": zoo.restore(noisy, "trd.any", noise=13, value_range=(0, 1)),
    "zoo.restore": zoo.restore(noisy, value_range=(0, 1)),
}
found = {
    name: peak_signal_noise_ratio(clean, picture, data_range=1) for name, picture in pictures.items()
}
panels = [(f"{name}: {found[name]:.1f} dB", picture) for name, picture in pictures.items()]
images.write_picture("stripes.png", images.side_by_side([*panels, ("original", clean)]))
print(
    f"Measured: {measured.describe()} It is 8 for the pixels and 10 for the columns. A model for white "
    f"noise reaches {found['trd.any, white']:.1f} dB and keeps stripes, `zoo.restore` "
    f"{found['zoo.restore']:.1f} dB."
)
