"""The commands at the end of `docs/training.md`, with pictures and a model as small as can be."""

import csv
import dataclasses
import re
import shlex
from pathlib import Path

import keras
import numpy as np
import pytest
import tifffile
from imagepde import zoo
from imagepde.images import PoissonGaussian, open_picture
from skimage import data

PAGE = Path(__file__).parents[1] / "docs" / "training.md"


def commands():
    text = PAGE.read_text(encoding="utf-8").partition("## Ten pairs of microscopy pictures")[2]
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    return [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]


def write_pairs(folder, numbers):
    """Pieces of a micrograph, with the noise of 30 photons and without, in 12 of 16 bits."""
    noise, rng = PoissonGaussian(1 / 30, 4 / 255), np.random.default_rng(0)
    for name in ("noisy", "clean"):
        (folder / name).mkdir(parents=True)
    for k in numbers:
        clean = data.cell()[200 + 12 * k : 328 + 12 * k, 150:214] / 255
        for name, picture in (("clean", clean), ("noisy", noise.draw(clean, rng))):
            bits = np.clip(np.rint(100 + 3900 * picture), 0, 4095).astype("uint16")
            tifffile.imwrite(folder / name / f"{k}.tif", bits)


@pytest.mark.slow
@pytest.mark.every_model
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="exports need TensorFlow")
def test_ten_pairs_are_enough(imagepde, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path, range(10))
    write_pairs(tmp_path / "test", range(10, 12))
    config = {"stages": 1, "components": 4, "filters": 8, "told": True}
    model = zoo.create("trd", **config)
    card = zoo.card("trd.any")
    model.card = dataclasses.replace(card, config={**card.config, **config})
    model.save("small.keras")
    said = {}
    for command in commands():
        smaller = {"trd.any": "small.keras", "10": "0.01"}
        code, text = imagepde(*[smaller.get(word, word) for word in command])
        assert code == 0, f"{command}: {text}"
        said[command[0]] = text
    assert "10 pictures" in said["finetune"]
    assert "agrees with cells.keras" in said["verify"]
    with open("results.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    restored = open_picture("restored/11.tif")
    # What was published computes the same, and says whose pictures and weights it is made of.
    again = open_picture("again/11.tif")
    np.testing.assert_array_equal(again.values, restored.values)
    published = zoo.card("models/trd.cells")
    assert published.licence.startswith("CC-BY-4.0; ")
    assert published.licence.endswith("fine-tuned on our own micrographs")
    assert "our own micrographs" in " ".join(said["show"].split())
    noisy, clean = (open_picture(f"test/{name}/11.tif") for name in ("noisy", "clean"))
    assert (restored.dtype, restored.shape) == (np.uint16, (128, 64))
    error, before = (np.mean((x.values.astype(float) - clean.values) ** 2) for x in (restored, noisy))
    assert error < before
    # On the scale of the camera.
    measured = -10 * np.log10(before / 4095**2)
    assert float(rows[1]["input_psnr"]) == pytest.approx(measured, abs=0.01)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--sigma", "25"), "`--sigma` goes without `--clean`"),
        (("--color",), "`--color` goes without `--clean`"),
        (("--clean", "nowhere"), "0.tif"),
        (("--clean", "small"), "must have the same size"),
    ],
)
def test_pairs_that_cannot_be_are_refused(imagepde, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    write_pairs(tmp_path, range(1))
    (tmp_path / "small").mkdir()
    tifffile.imwrite(tmp_path / "small" / "0.tif", np.zeros((64, 64), "uint16"))
    given = ("perona_malik.gauss25", "--data", "noisy", "--clean", "clean", *options)
    code, text = imagepde("evaluate", *given)
    assert code == 2
    assert message in text
    code, text = imagepde("evaluate", "perona_malik.gauss25", "--data", "clean", "--range", "0:9")
    assert code == 2
    assert "go with `--clean`" in text
