"""The training on a GPU, tried on the processor."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from imagepde import zoo
from skimage import data

SCRIPT = Path(__file__).parents[1] / "examples" / "train_on_gpu.py"
SMALL = [
    "epochs=1",
    "steps_per_epoch=6",
    "batch=2",
    "patch=32",
    "validation=1",
    "config.stages=2",
    "config.components=4",
    "config.filters=8",
    "bfloat16_convolutions=true",
]


def run(*arguments, check=True, **environment):
    """The script in a process of its own."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    environment = {**os.environ, **environment}
    return subprocess.run(command, env=environment, check=check, capture_output=True, text=True)


@pytest.mark.every_model
def test_a_training_that_was_interrupted_ends_as_one_that_was_not(tmp_path):
    pytest.importorskip("jax")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for k in range(5):
        # Portrait and landscape, grey and in colour.
        part = data.astronaut()[64 * k : 64 * k + 64, 100:180]
        part = part if k % 2 else part[..., 0].T
        zoo.write_picture(pictures / f"{k}.png", part)
    settings = [word for setting in SMALL for word in ("--set", setting)]
    packed = tmp_path / "travel.npz"
    run("pack", "trd.gauss25", pictures, packed, *settings, KERAS_BACKEND="tensorflow")
    assert np.load(packed)["tiles"].shape == (4, 64, 80, 1)
    for name, minutes in (("whole", (9,)), ("parts", (0, 0, 9))):
        for part in minutes:
            options = ("--chunk", 2, "--minutes", part)
            run("train", packed, tmp_path / f"{name}.npz", *options, KERAS_BACKEND="jax")
    whole, parts = (dict(np.load(tmp_path / f"{name}.npz")) for name in ("whole", "parts"))
    assert whole["done"] == 6
    for key in whole:
        np.testing.assert_array_equal(parts[key], whole[key], err_msg=key)
    run("unpack", tmp_path / "whole.npz", tmp_path / "trd.keras", KERAS_BACKEND="tensorflow")
    weights = zoo.open_model(str(tmp_path / "trd.keras")).trainable_weights
    for k, weight in enumerate(weights):
        np.testing.assert_array_equal(np.asarray(weight), whole[f"mean_{k}"])
        assert np.isfinite(np.asarray(weight)).all()


@pytest.mark.every_model
def test_it_says_what_it_cannot_do(tmp_path):
    other = run("pack", "trd.any", tmp_path, tmp_path / "x.npz", check=False)
    assert other.returncode == 1
    assert "more than white noise" in other.stderr.splitlines()[-1]
    assert not (tmp_path / "x.npz").exists()
