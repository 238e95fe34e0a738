"""A stack of 12 bits, from file to file

A microscope writes a stack with a camera of 12 bits: 16 bits a pixel, of which the lowest 4,095 values
are used, and an offset. The file that comes out has the axes, the type, the bit depth and the pixel
size of the one that went in.
"""

import numpy as np
import tifffile
from imagepde import images, zoo
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio

rng = np.random.default_rng(0)
nuclei = np.zeros((3, 192, 192))
nuclei[rng.integers(0, 3, 40), rng.integers(8, 184, 40), rng.integers(8, 184, 40)] = 1
nuclei = gaussian_filter(nuclei, (0.7, 5, 5))
clean = 0.05 + 0.75 * np.minimum(nuclei / nuclei.max() * 2.2, 1)
photons = rng.poisson(20 * clean) / 20
recorded = np.clip(np.rint(100 + 3900 * photons + rng.normal(0, 20, clean.shape)), 0, 4095)
size = {
    "PhysicalSizeX": 0.2,
    "PhysicalSizeXUnit": "µm",
    "PhysicalSizeY": 0.2,
    "PhysicalSizeYUnit": "µm",
}
tifffile.imwrite("cells.ome.tif", recorded.astype("uint16"), ome=True, metadata={"axes": "ZYX", **size})

stack = images.open_picture("cells.ome.tif")
images.write_picture("clean.ome.tif", zoo.restore(stack))
restored = images.open_picture("clean.ome.tif")


def shown(picture):
    return (picture.values - 100.0) / 3900


def psnr(picture):
    return peak_signal_noise_ratio(clean, shown(picture), data_range=1)


panels = [
    ("as 16 bits", stack.values[1] / 65535),
    ("as 12 bits", shown(stack)[1]),
    ("restored", shown(restored)[1]),
    ("without noise", clean[1]),
]
images.write_picture("stack.png", images.side_by_side(panels))
print(
    f"The middle plane. All three go from {psnr(stack):.1f} to {psnr(restored):.1f} dB. The file has "
    f"axes {restored.axes}, type {restored.dtype}, and {restored.spacing['x'][0]:g} µm a pixel."
)
