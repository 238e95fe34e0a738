"""Where the diffusion stops

The last step of a learned diffusion, in a picture: white where grey values still flow, black where
nothing does.
"""

import numpy as np
from imagepde import explain, images, zoo
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

clean = data.camera()[40:232, 120:312].astype("float32") / 255
noisy = clean + np.random.default_rng(0).normal(0, 25 / 255, clean.shape).astype("float32")
panels, found = [("noisy", noisy)], {}
for name in ("perona_malik.gauss25", "foe_s.gauss25"):
    model = zoo.load(name)
    restored = zoo.restore(noisy, model, value_range=(0, 1))
    found[name] = peak_signal_noise_ratio(clean, restored, data_range=1)
    family = name.split(".")[0]
    panels.append((f"{family}, last step", explain.last_diffusivity(model, noisy)))
panels.append((f"foe_s: {found[name]:.1f} dB", restored))
images.write_picture("where_it_stops.png", images.side_by_side(panels))
print(
    "Perona–Malik's diffusivity sees one difference, and is stopped by noise, too: "
    f"{found['perona_malik.gauss25']:.1f} dB. The learned one sees 5×6 pixels: "
    f"{found['foe_s.gauss25']:.1f} dB."
)
