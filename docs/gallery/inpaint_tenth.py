"""A tenth of the pixels

Nine of ten pixels are unknown. Homogeneous diffusion fills in smoothly, and known pixels stand out as
dots. Edge-enhancing diffusion has nothing learned either, and carries edges on. Known pixels stay as
they are.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.camera()[40:232, 120:312].astype("float32") / 255
known = np.random.default_rng(0).random(clean.shape) < 0.1
given = np.where(known, clean, 0)
pictures = {
    "homogeneous": zoo.restore(given, "inpainting.homogeneous", mask=known, value_range=(0, 1)),
    "edge-enhancing": zoo.restore(given, "inpainting.eed", mask=known, value_range=(0, 1)),
}
found = {
    name: peak_signal_noise_ratio(clean, picture, data_range=1) for name, picture in pictures.items()
}
panels = [(f"{name}: {found[name]:.1f} dB", picture) for name, picture in pictures.items()]
panels = [("a tenth is known", given), *panels, ("original", clean)]
images.write_picture("inpaint_tenth.png", images.side_by_side(panels))
print(
    f"From {known.sum():,} of {known.size:,} pixels: {found['homogeneous']:.1f} dB by homogeneous, "
    f"{found['edge-enhancing']:.1f} dB by edge-enhancing diffusion."
)
