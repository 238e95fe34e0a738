"""Few photons

Where there are few photons, bright places have more noise than dark ones. A model for white noise
of the mean strength leaves noise in the sky and takes details from the coat. `zoo.restore` measures
the relation of noise and brightness, and makes the noise equal everywhere before it removes it.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.camera()[40:232, 120:312] / 255
noisy = images.PoissonGaussian(gain=1 / 12, read=0).draw(clean, np.random.default_rng(0))
white = 255 * np.std(noisy - clean)
pictures = {
    "12 photons": noisy,
    "as white noise": zoo.restore(noisy, "trd.any", noise=white, value_range=(0, 1)),
    "as measured": zoo.restore(noisy, value_range=(0, 1)),
}
found = {
    name: peak_signal_noise_ratio(clean, picture, data_range=1) for name, picture in pictures.items()
}
panels = [(f"{name}: {found[name]:.1f} dB", picture) for name, picture in pictures.items()]
images.write_picture("few_photons.png", images.side_by_side([*panels, ("original", clean)]))
gain = found["as measured"] - found["as white noise"]
print(f"Twelve photons at white. To treat them as what they are gains {gain:.1f} dB.")
