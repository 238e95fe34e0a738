"""Golden outputs of the pretrained models; `python tests/checks/golden.py` writes them anew."""

import json
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("golden.json")


def noisy_photograph():
    """A crop of scikit-image's cameraman with noise of 25/255, float32 `(96, 96)`."""
    from skimage import data

    crop = data.camera()[64:160, 192:288].astype("float32") / 255
    noise = np.random.default_rng(0).standard_normal(crop.shape, dtype=np.float32)
    return crop + np.float32(25 / 255) * noise


if __name__ == "__main__":
    from imagepde import zoo

    picture = noisy_photograph()
    pixels = {
        name: [
            round(float(value), 6) for value in zoo.restore(zoo.load(name), picture)[::24, ::24].ravel()
        ]
        for name in zoo.list_models()
    }
    FILE.write_text(json.dumps(pixels, indent=1) + "\n", encoding="utf-8")
