"""The figure of `docs/files.md`: a camera of 12 bits in a file of 16, from file to file."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import tifffile
from imagepde import images, zoo
from imagepde.images import PoissonGaussian
from skimage import data

from .noise import with_psnr

BLACK, WHITE = 100, 3900
"""What the camera writes for nothing, and for white."""


def recorded(clean, seed=0):
    """What a camera of 12 bits writes: 60 photons at white, read noise, an offset."""
    noisy = PoissonGaussian(1 / 60, 2 / 255).draw(clean, np.random.default_rng(seed))
    return np.clip(np.rint(BLACK + (WHITE - BLACK) * noisy), 0, 4095).astype(np.uint16)


def restored_file(values):
    """The values after they were a file, and the picture of the file that was made of it."""
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder, "camera.tif"), Path(folder, "clean.tif")
        tifffile.imwrite(given, values)
        picture = images.open_picture(given)
        images.write_picture(result, zoo.restore(picture))
        return picture, images.open_picture(result)


def figure():
    """As its type says, as its numbers say, and restored in the same units."""
    clean = data.camera()[60:260, 130:330] / 255
    picture, restored = restored_file(recorded(clean))

    def shown(values):
        return (values.astype("float64") - BLACK) / (WHITE - BLACK)

    return images.side_by_side(
        [
            ("as 16 bits", picture.values / 65535),
            with_psnr("as 12 bits", shown(picture.values), clean),
            with_psnr("restored", shown(restored.values), clean),
        ]
    )


def main(folder):
    images.write_picture(Path(folder, "camera_12_bits.png"), figure())


if __name__ == "__main__":
    main(sys.argv[1])
