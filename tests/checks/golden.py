"""Golden outputs of the pretrained models; `make golden` writes them anew."""

import json
from pathlib import Path

import numpy as np
from imagepde import zoo

from checks.models import restore

FILE = Path(__file__).with_name("golden.json")


def noisy_photograph():
    """A crop of scikit-image's cameraman with noise of 25/255, float32 `(96, 96)`."""
    from skimage import data

    crop = data.camera()[64:160, 192:288].astype("float32") / 255
    noise = np.random.default_rng(0).standard_normal(crop.shape, dtype=np.float32)
    return crop + np.float32(25 / 255) * noise


def pixels(model, picture):
    """A few pixels of what a model makes of the picture, or of its corner if it is for less."""
    # XLA compiles longer than these few pixels take.
    model.jit_compile = False
    height, width = model.input_shape[1:3]
    return restore(model, picture[:height, :width])[::24, ::24].ravel()


if __name__ == "__main__":
    picture = noisy_photograph()
    rounded = {
        name: [round(float(value), 6) for value in pixels(zoo.load(name), picture)]
        for name in zoo.list_models()
    }
    FILE.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
