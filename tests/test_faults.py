"""What goes wrong while a training runs: killed processes, full disks, pictures that cannot be used."""

import io
import json
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from checks.photographs import write as write_photographs
from imagepde import tasks, training
from imagepde.errors import DiskError, InputError
from imagepde.training.run_folder import RunFolder
from PIL import Image
from rich.console import Console

QUIET = Console(quiet=True)
SIZES = {"steps_per_epoch": 4, "batch": 2, "patch": 32, "validation": 2, "validation_size": 64}
RATES = {"learning_rate": 1e-2, "final_learning_rate": 1e-3, "jit_compile": False}


def tiny(**changes):
    """The real recipe of the model that is trained fastest, made as small as it can be."""
    settings = {"epochs": 6, "config": {"steps": 2}, **SIZES, **RATES}
    return training.recipe("perona_malik.gauss25", **{**settings, **changes})


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    return write_photographs(tmp_path_factory.mktemp("pictures") / "photographs")


@pytest.fixture(scope="module")
def undisturbed(photographs, tmp_path_factory):
    """The weights of a run that nothing happened to, and what is in its folder."""
    run = tmp_path_factory.mktemp("runs") / "run"
    model = training.train(tiny(), training.open_source(photographs), run, console=QUIET)
    return model.get_weights(), sorted(file.name for file in run.iterdir())


def same_weights(model, weights):
    for a, b in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(a, b)


def kill_again_and_again(recipe, photographs, run, moments):
    """How the processes of a training ended that were killed at these moments, but for the last one."""
    program = [sys.executable, "-m", "checks.killed_training", json.dumps(recipe.to_dict())]
    folder, ends = pathlib.Path(__file__).parent, []
    # Not as forks of one process: what TensorFlow has begun at its import does not survive that.
    for moment in [*map(str, moments), None]:
        command = [*program, photographs, run, *([] if moment is None else [moment])]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        ends.append(done.returncode)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return ends


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kills", "epochs"), [(1, 3), pytest.param(10, 40, marks=pytest.mark.every_model)]
)
def test_a_run_that_is_killed_ends_as_if_nothing_had_been(
    undisturbed, photographs, tmp_path, kills, epochs
):
    recipe, run = tiny(epochs=epochs), RunFolder(tmp_path / "run")
    draw = random.Random()
    moments = [-1, *(round(draw.uniform(0, 0.2), 3) for _ in range(kills - 1))]
    ends = kill_again_and_again(recipe, photographs, run.path, moments)
    assert ends == [-signal.SIGKILL] * kills + [0], moments
    assert [row["epoch"] for row in run.rows()] == list(range(1, epochs + 1))
    assert not [file.name for file in run.path.iterdir() if file.name.startswith(".")]
    weights, _ = undisturbed
    if recipe != tiny():
        source = training.open_source(photographs)
        weights = training.train(recipe, source, tmp_path / "whole", console=QUIET).get_weights()
    same_weights(keras.saving.load_model(run.model), weights)


@pytest.fixture
def full_disk(monkeypatch):
    """A disk that is full when a second checkpoint is written: files cannot become larger."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    save = RunFolder.save_weights

    def limited(self, model, file):
        if "0002" in file.name:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        try:
            save(self, model, file)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "save_weights", limited)
        yield patch
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_one_sentence_and_loses_nothing(undisturbed, photographs, tmp_path, full_disk):
    source, run = training.open_source(photographs), RunFolder(tmp_path / "run")
    with pytest.raises(DiskError, match="make room, then resume") as caught:
        training.train(tiny(), source, run.path, console=QUIET)
    assert "\n" not in str(caught.value)
    left = sorted(file.name for file in run.path.iterdir())
    assert left == ["checkpoint-0001.weights.h5", "log.csv", "recipe.json"]
    full_disk.undo()
    weights, files = undisturbed
    same_weights(training.train(tiny(), source, run.path, resume=True, console=QUIET), weights)
    assert sorted(file.name for file in run.path.iterdir()) == files


def test_the_command_ends_with_one_where_the_disk_is_full(imagepde, photographs, monkeypatch):
    def full(*_, **__):
        raise DiskError("The run 'run' cannot be written.")

    monkeypatch.setattr(training, "train", full)
    code, text = imagepde("train", "perona_malik.gauss25", "--data", photographs)
    assert (code, text) == (1, "Error: The run 'run' cannot be written.\n")


@pytest.fixture
def damaged(photographs, tmp_path):
    """Photographs, one of them truncated, one tiny and one with a shape that is none."""
    folder = shutil.copytree(photographs, tmp_path / "damaged")
    whole = (folder / "00.png").read_bytes()
    (folder / "00.png").write_bytes(whole[: len(whole) // 2])
    Image.new("L", (20, 31)).save(folder / "tiny.png")
    (folder / "text.png").write_text("no picture")
    return folder


BAD = ("00.png", "text.png", "tiny.png")


def test_bad_pictures_are_refused_before_a_run_folder_is_made(imagepde, damaged, tmp_path):
    options = ["--run", tmp_path / "run", "--set", "patch=32", "--set", "batch=2"]
    for name in ("text.png", "00.png", "tiny.png"):
        code, text = imagepde("train", "perona_malik.gauss25", "--data", damaged, *options)
        assert code == 2
        assert len(text.splitlines()) == 1
        assert text.startswith("Error: ")
        assert name in text
        (damaged / name).unlink()
    assert not (tmp_path / "run").exists()


def test_bad_pictures_are_skipped_and_validation_is_not_needed(damaged, tmp_path):
    console = Console(record=True, width=200, file=io.StringIO())
    source = training.open_source(damaged, lenient=True)
    recipe, run = tiny(epochs=1, validation=0), RunFolder(tmp_path / "run")
    model = training.train(recipe, source, run.path, console=console, bad_pictures="skip")
    printed = console.export_text()
    assert all(f"Left out: '{damaged / name}'" in printed for name in BAD)
    data = run.record()["data"]
    assert data == {"name": "damaged", "left_out": list(BAD), "pictures": 19}
    (row,) = run.rows()
    assert set(row) == {"epoch", "seconds", "loss", "psnr"}
    assert run.curve.is_file()
    assert "validation_psnr" not in model.card.training
    with pytest.raises(InputError, match="found by validation"):
        training.train(recipe, source.part([1]), tmp_path / "best", console=QUIET, keep_best=True)


@pytest.mark.parametrize(
    ("name", "pixels", "message"),
    [
        ("stack.tif", np.zeros((9, 48, 48), "uint8"), "no single picture"),
        ("wide.tif", np.zeros((48, 48), "int32"), "type int32"),
        ("nan.tif", np.full((48, 48), np.nan, "float32"), "no numbers"),
        ("counts.tif", np.linspace(0, 4000, 2304, dtype="float32").reshape(48, 48), r"in \[0, 1\]"),
        ("small.tif", np.zeros((31, 48), "uint8"), "31×48"),
    ],
)
def test_what_is_wrong_with_a_picture_is_said(tmp_path, name, pixels, message):
    import tifffile

    tifffile.imwrite(tmp_path / name, pixels)
    source = training.open_source(tmp_path)
    with pytest.raises(InputError, match=f"{name}.*{message}"):
        training.usable_pictures(source, smallest=32)
    with pytest.raises(InputError, match="No picture"):
        training.usable_pictures(source, smallest=32, bad_pictures="skip", say=str)
    with pytest.raises(InputError, match="one of stop, skip"):
        training.usable_pictures(source, 32, "ignore")


def test_a_picture_is_as_large_as_it_is_after_it_was_shrunk(photographs):
    source = training.open_source(photographs)
    assert training.usable_pictures(source, 72, scale=0.5) is source
    with pytest.raises(InputError, match=r"72×75 pixels after it is shrunk by 0\.5"):
        training.usable_pictures(source, 73, scale=0.5)
    disks = training.open_source("synthetic:disks", first=2)
    assert training.usable_pictures(disks, 1000) is disks


@pytest.mark.parametrize("count", [1, 3, 16])
def test_few_pictures_are_enough(photographs, count):
    recipe = tiny(validation=16)
    held_back = recipe.held_back(count)
    assert len(held_back) == {1: 0, 3: 1, 16: 4}[count]
    assert recipe.held_back(430) == [k * 430 // 16 for k in range(16)]
    assert tiny(validation=0).held_back(430) == []


def test_validation_pictures_are_given_by_the_command(imagepde, photographs, tmp_path):
    options = [option for key, value in SIZES.items() for option in ("--set", f"{key}={value}")]
    options += ["--epochs", "1", "--set", "jit_compile=false", "--set", "config.steps=2"]
    run = tmp_path / "run"
    places = ["--data", photographs, "--first", "3", "--validation", photographs / "more", "--run", run]
    code, text = imagepde("train", "perona_malik.gauss25", *places, *options)
    assert code == 0, text
    data = RunFolder(run).record()["data"]
    assert data["pictures"] == 3
    assert data["validation"] == {"name": "more", "pictures": 1}
    # The recipe is that of the run, whose settings need not be given again.
    code, text = imagepde("train", run, *places[:4], "--resume")
    assert code == 2
    assert "differs in validation" in text
    code, text = imagepde("train", run, *places[:6], "--resume")
    assert code == 0
    assert "finished already" in text


def colours(array):
    return {tuple(np.atleast_1d(pixel)) for pixel in np.reshape(array, (-1, np.shape(array)[-1]))}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_training_data_keep_their_precision(tmp_path, rng, dtype, channels):
    """Neither 16 bits nor floating-point numbers are rounded on their way into a patch."""
    import tifffile

    pixels = rng.random((40, 44, channels), dtype="float32")
    if dtype == "uint16":
        pixels = (pixels * 65535).astype("uint16")
    kind = "rgb" if channels == 3 else "minisblack"
    tifffile.imwrite(tmp_path / "picture.tif", pixels.squeeze(), photometric=kind)
    source = training.open_source(tmp_path)
    wanted = colours(pixels.astype("float32") / np.float32(65535 if dtype == "uint16" else 1))
    task = tasks.GaussianNoise(25)
    pairs = training.training_pairs(source, task, channels, patch=32, batch=2, seed=1)
    _, clean = next(iter(pairs))
    assert colours(clean.numpy()) <= wanted
    _, clean = next(iter(training.validation_pairs(source, task, channels, 32)))
    assert colours(clean.numpy()) <= wanted
    shrunk = training.validation_pairs(source, task, channels, None, scale=0.5)
    assert next(iter(shrunk))[1].shape == (1, 20, 22, channels)


def test_pictures_of_several_types_are_trained_on_together(tmp_path, rng):
    import tifffile

    tifffile.imwrite(tmp_path / "a.tif", rng.random((40, 40), dtype="float32"))
    Image.fromarray(rng.integers(0, 256, (40, 40)).astype("uint8")).save(tmp_path / "b.png")
    source = training.open_source(tmp_path)
    assert source.dtype == "float32"
    bits = next(iter(source.part([1]).dataset(1))).numpy()
    np.testing.assert_array_equal(bits * 255, np.rint(bits * 255))
