"""Settings of the whole suite: warnings are errors, but for those of other people's code."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sys

import numpy as np
import pytest
from checks import golden, models


def pytest_addoption(parser):
    parser.addoption(
        "--every-model", action="store_true", help="export every model of the zoo, which takes long"
    )


def pytest_generate_tests(metafunc):
    every = metafunc.config.getoption("every_model")
    for fixture, chosen in (
        ("exported", models.one_of_each_architecture),
        ("exported_for_one_size", models.some_for_one_size),
    ):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, models.zoo.list_models() if every else chosen())


@pytest.fixture
def rng():
    """A seeded generator of random numbers."""
    return np.random.default_rng(0)


@pytest.fixture
def noisy_photograph():
    """A crop of a photograph that comes with scikit-image, with noise, float32 `(96, 96)`."""
    return golden.noisy_photograph()


@pytest.fixture
def golden_file():
    """What the pretrained models made of it."""
    return golden.FILE


@pytest.fixture
def photograph_folder(tmp_path):
    """A folder with twenty small colour photographs, in JPEG and PNG, one in a folder below."""
    from skimage import data, io

    folder = tmp_path / "photographs"
    (folder / "more").mkdir(parents=True)
    for number, picture in enumerate([data.astronaut(), data.chelsea()] * 10):
        top, left = 7 * number, 5 * number
        name = f"{number:02d}." + ("jpg" if number % 2 else "png")
        target = folder / "more" / name if number == 3 else folder / name
        io.imsave(target, picture[top : top + 144, left : left + 150], check_contrast=False)
    return folder


@pytest.fixture(scope="module")
def exports_folder(tmp_path_factory):
    """Where the exports of a module are, so that one process can look at all of them."""
    return tmp_path_factory.mktemp("exports")


@pytest.fixture
def imagepde(monkeypatch, capfd):
    """Runs the command in this process; returns its exit code and what it printed."""

    from imagepde import main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["imagepde", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as stop:
            main.main()
        printed = capfd.readouterr()
        return stop.value.code or 0, printed.out + printed.err

    return run
