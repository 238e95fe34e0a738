"""Colours together, or one by one

Edges stand at the same place in red, green and blue. A model for colour pictures uses that; a grey
model is given the three channels one by one.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.coffee()[60:252, 130:322] / 255
noisy = clean + np.random.default_rng(0).normal(0, 50 / 255, clean.shape)
pictures = {
    "noisy": noisy,
    "trd.any": zoo.restore(noisy, "trd.any", noise=50, value_range=(0, 1)),
    "trd_color.any": zoo.restore(noisy, "trd_color.any", noise=50, value_range=(0, 1)),
}
found = {
    name: peak_signal_noise_ratio(clean, picture, data_range=1) for name, picture in pictures.items()
}
panels = [(f"{name}: {found[name]:.1f} dB", picture) for name, picture in pictures.items()]
images.write_picture("colour_noise.png", images.side_by_side([*panels, ("original", clean)]))
print(
    f"With noise of 50/255, the grey model reaches {found['trd.any']:.1f} dB and leaves stains of "
    f"colour; the model that sees all three channels reaches {found['trd_color.any']:.1f} dB."
)
