"""Several devices and several processes: the steps of one device, and one line if a process ends."""

import dataclasses
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from imagepde import training, zoo
from imagepde.errors import InputError
from imagepde.training import distribution
from imagepde.training.run_folder import RunFolder
from rich.console import Console

NAME = "perona_malik.gauss25"
SETTINGS = {"epochs": 3, "steps_per_epoch": 3, "batch": 4, "patch": 32, "validation_size": 64}
RATES = {"learning_rate": 1e-2, "final_learning_rate": 1e-3, "jit_compile": False}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "one of them"),
        ({"devices": 2, "workers": ["a:1", "b:1"]}, "one of them"),
        ({"devices": 0}, "≥ 1"),
        ({"devices": 1.5}, "≥ 1"),
        ({"workers": ["a:1"]}, "two different"),
        ({"workers": ["a:1", "a:1"]}, "two different"),
        ({"workers": ["a:1", "b"]}, r"`host:port`.*'b'"),
        ({"workers": ["a:1", "b:x"]}, "'b:x'"),
        ({"workers": ["a:1", "b:1"], "worker": 2}, "a place among 2"),
        # Tests have computed something.
        ({"devices": 2}, "first"),
        ({"workers": ["localhost:1", "localhost:2"]}, "first"),
    ],
)
def test_what_cannot_be_arranged_is_refused(arguments, message):
    zoo.create("perona_malik")
    with pytest.raises(InputError, match=message) as caught:
        training.distribute(**arguments)
    assert "\n" not in str(caught.value)


def test_a_batch_is_divided_into_equal_parts(photograph_folder, tmp_path):
    source, recipe = training.open_source(photograph_folder), training.recipe(NAME, batch=3)
    assert type(training.distribute(devices=1)) is distribution.OneDevice
    with pytest.raises(InputError, match=r"a multiple of 2.*batch=3"):
        training.train(recipe, source, tmp_path / "run", on=distribution.Workers(0, 2))
    assert not (tmp_path / "run").exists()


def test_the_command_says_what_is_missing(imagepde, photograph_folder):
    code, text = imagepde("train", NAME, "--data", photograph_folder, "--worker", "1")
    assert (code, "give both" in text) == (2, True)
    given = ("--workers", "a:1", "--worker", "0")
    code, text = imagepde("train", NAME, "--data", photograph_folder, *given)
    assert (code, "two different" in text) == (2, True)


@pytest.fixture
def command(photograph_folder):
    """A function that makes the arguments of a small training."""
    settings = {**SETTINGS, **RATES, "config.steps": 2}
    options = [f"--set={key}={str(value).lower()}" for key, value in settings.items()]

    def arguments(run, *others):
        return ["train", NAME, "--data", photograph_folder, "--run", run, *options, *others]

    return arguments


@pytest.fixture
def rows(photograph_folder, tmp_path):
    """The log of the same training on one device."""
    recipe = training.recipe(NAME, **SETTINGS, **RATES)
    recipe = dataclasses.replace(recipe, config={**recipe.config, "steps": 2})
    source = training.open_source(photograph_folder)
    training.train(recipe, source, tmp_path / "one", console=Console(quiet=True))
    return RunFolder(tmp_path / "one").rows()


def started(arguments, module="imagepde"):
    command = [sys.executable, "-m", module, *map(str, arguments)]
    folder = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300"}
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, env=environment, **output)


def ended(process):
    try:
        text, _ = process.communicate(timeout=300)
    finally:
        process.kill()
    return process.returncode, text


def of_two(*arguments):
    """The arguments of two processes that train together."""
    addresses = []
    with socket.socket() as one, socket.socket() as other:
        for bound in (one, other):
            bound.bind(("127.0.0.1", 0))
            addresses.append("{}:{}".format(*bound.getsockname()))
    workers = ("--workers", ",".join(addresses))
    return [[*arguments, *workers, "--worker", number] for number in (0, 1)]


def assert_same_curve(found, expected):
    assert [row["epoch"] for row in found] == [row["epoch"] for row in expected]
    for one, other in zip(found, expected, strict=True):
        for key in ("loss", "psnr", "val_loss", "val_psnr"):
            np.testing.assert_allclose(one[key], other[key], rtol=2e-5, err_msg=key)


@pytest.mark.every_model
def test_two_devices_make_the_steps_of_one(command, rows, tmp_path):
    code, text = ended(started(command(tmp_path / "two", "--devices", 2)))
    assert code == 0, text
    assert_same_curve(RunFolder(tmp_path / "two").rows(), rows)
    assert zoo.open_model(tmp_path / "two" / "model.keras").card.name == NAME


@pytest.mark.every_model
def test_two_processes_make_the_steps_of_one_also_after_one_was_killed(command, rows, tmp_path):
    run = RunFolder(tmp_path / "two")
    first, second = of_two(*command(run.path))
    killed = started(second, "checks.leaving_worker")
    code, text = ended(started(first))
    assert ended(killed)[0] < 0
    lines = [line for line in text.splitlines() if line.startswith("Error: ")]
    assert (code, len(lines)) == (1, 1), text
    assert "Traceback" not in text
    assert "Another process of this training ended" in lines[0]
    assert run.epochs_done() == 1
    assert not run.finished
    first, second = of_two(*command(run.path, "--resume"))
    other = started(second)
    code, text = ended(started(first))
    assert code == 0, text
    code, text = ended(other)
    assert code == 0, text
    assert "epoch" not in text, "only the first one reports"
    assert_same_curve(run.rows(), rows)
    assert run.finished


@pytest.mark.every_model
def test_processes_that_were_told_different_things_do_not_train(command, tmp_path):
    first, second = of_two(*command(tmp_path / "two"))
    other = started([*second, "--set=seed=2"])
    for code, text in (ended(started(first)), ended(other)):
        assert code == 2, text
        assert "differ in recipe" in text
    assert not (tmp_path / "two").exists()
