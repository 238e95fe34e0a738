"""Settings of the whole suite: warnings are errors, but for those of other people's code."""

import gc
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests compile many programs and run each once: XLA is not to spend its time on making them fast.
# Level 0 would round otherwise than golden outputs do.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=1 --xla_llvm_disable_expensive_passes=true"
)

# Two processes run tests on two cores; more threads would only wait for each other.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import sys

# Keras imports trio where the client of Hugging Face is installed, and Hypothesis must know it before
# a command freezes what there is.
import hypothesis  # noqa: F401
import keras
import numpy as np
import pytest
from checks import golden, models, photographs

# To filter tracebacks costs a tenth of the time that tracing a graph takes.
keras.config.disable_traceback_filtering()
# There are millions of objects, of which hardly any is garbage.
gc.set_threshold(20_000, 20, 20)


def pytest_addoption(parser):
    parser.addoption(
        "--every-model",
        action="store_true",
        help="run everything for every model of the zoo, as `make test-all` does; takes long",
    )


def pytest_collection_modifyitems(config, items):
    """Leaves out what only `--every-model` runs."""
    if config.getoption("every_model"):
        return
    left_out = [item for item in items if item.get_closest_marker("every_model")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_generate_tests(metafunc):
    """Models for what costs too much for all of them: a set that covers every layer class."""
    every = metafunc.config.getoption("every_model")
    if "covering_name" in metafunc.fixturenames:
        metafunc.parametrize("covering_name", models.zoo.list_models() if every else models.covering())
    if "kind_name" in metafunc.fixturenames:
        names = models.zoo.list_models() if every else models.covering_kinds()
        metafunc.parametrize("kind_name", names)
    if "exported" in metafunc.fixturenames:
        names = models.zoo.list_models() if every else models.covering()
        metafunc.parametrize("exported", names)


@pytest.fixture
def every_model(request):
    """Whether everything is run for every model."""
    return request.config.getoption("every_model")


@pytest.fixture
def rng():
    """A seeded generator of random numbers."""
    return np.random.default_rng(0)


@pytest.fixture
def noisy_photograph():
    """A crop of a photograph that comes with scikit-image, with noise, float32 `(96, 96)`."""
    return golden.noisy_photograph()


@pytest.fixture
def noisy_file(tmp_path, noisy_photograph):
    """The noisy photograph as a file."""
    from imagepde import zoo

    zoo.write_picture(tmp_path / "noisy.png", noisy_photograph)
    return tmp_path / "noisy.png"


@pytest.fixture
def golden_file():
    """What the pretrained models made of it."""
    return golden.FILE


@pytest.fixture
def photograph_folder(tmp_path):
    """A folder with twenty small colour photographs, in JPEG and PNG, one in a folder below."""
    return photographs.write(tmp_path / "photographs")


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


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A preset of a small model; tests change copies of it."""
    from imagepde import zoo

    folder = tmp_path_factory.mktemp("presets") / "denoiser"
    zoo.load("perona_malik.gauss25").save_to_preset(folder)
    return folder
