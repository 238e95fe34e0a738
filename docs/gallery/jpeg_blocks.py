"""Blocks of JPEG

At a low quality JPEG draws blocks of 8×8 pixels and waves beside edges. `trd.jpeg10` was trained on
pictures of quality 10.
"""

import io

import numpy as np
from imagepde import images, zoo
from PIL import Image
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

photo = data.camera()[:384, 64:448]
file = io.BytesIO()
Image.fromarray(photo).save(file, "JPEG", quality=10)
compressed = np.asarray(Image.open(file))
restored = zoo.restore(compressed, "trd.jpeg10")


def psnr(picture):
    return peak_signal_noise_ratio(photo, picture)


def detail(picture):
    """A part of the picture, with pixels twice as large."""
    return np.kron(picture[48:176, 112:240] / 255, np.ones((2, 2)))


panels = [
    (f"JPEG: {psnr(compressed):.1f} dB", detail(compressed)),
    (f"trd.jpeg10: {psnr(restored):.1f} dB", detail(restored)),
    ("original", detail(photo)),
]
images.write_picture("jpeg_blocks.png", images.side_by_side(panels))
print(
    f"A part of a photograph, enlarged. The file has {file.tell() / photo.size * 8:.2f} bits a pixel. "
    f"The whole picture goes from {psnr(compressed):.1f} to {psnr(restored):.1f} dB."
)
