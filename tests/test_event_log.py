"""The log of a training for TensorBoard."""

import importlib.util

import numpy as np
import pytest
from imagepde import training
from imagepde.errors import InputError
from imagepde.training import event_log
from imagepde.training.run_folder import RunFolder
from rich.console import Console

QUIET = Console(quiet=True)


def tiny(**changes):
    """A recipe with kernels to be learned, made as small as it can be."""
    settings = {"config": {"experts": 3, "steps": 1}, "epochs": 2, "steps_per_epoch": 1, "batch": 2}
    sizes = {"patch": 24, "validation": 1, "validation_size": 32, "jit_compile": False}
    return training.recipe("foe_s.gauss25", **{**settings, **sizes, **changes})


def logged(folder):
    """The scalars, and the sizes of the pictures, by name and step."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    found = {}
    for tag in events.Tags()["tensors"]:
        for event in events.Tensors(tag):
            proto = event.tensor_proto
            if proto.float_val or proto.tensor_content:
                value = np.frombuffer(proto.tensor_content, "f4") if proto.tensor_content else None
                found[tag, event.step] = proto.float_val[0] if value is None else value[0]
            else:
                found[tag, event.step] = tuple(int(side) for side in proto.string_val[:2])
    return found


@pytest.mark.slow
@pytest.mark.every_model
def test_numbers_pictures_and_filters_are_logged(photograph_folder, tmp_path):
    pytest.importorskip("tensorboard")
    source, run = training.open_source(photograph_folder, first=4), RunFolder(tmp_path / "run")
    training.train(tiny(), source, run.path, console=QUIET, tensorboard=True)
    found = logged(run.path / "tensorboard")
    for row in run.rows():
        for name in ("loss", "psnr", "val_psnr"):
            assert found[name, row["epoch"]] == pytest.approx(row[name], rel=1e-4)
        assert found["given, restored, wanted", row["epoch"]] == (96, 32)
        (filters,) = [value for (tag, step), value in found.items() if "kernel" in tag and step == 1]
        # Two by two, each of 5×6 with a line below and beside it, and enlarged.
        assert filters == (8 * 2 * 7, 8 * 2 * 6)
    assert "picture" not in run.log.read_text()


def test_the_extra_is_named_where_it_is_missing(photograph_folder, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        event_log.importlib.util,
        "find_spec",
        lambda name: None if name == "tensorboard" else find(name),
    )
    source = training.open_source(photograph_folder)
    with pytest.raises(InputError, match=r"pip install 'imagepde\[tensorboard\]'"):
        training.train(tiny(), source, tmp_path / "run", console=QUIET, tensorboard=True)
    assert not (tmp_path / "run").exists()


def test_filters_are_found_by_the_name_of_their_weight():
    assert event_log.filters_in("kernel", np.zeros((5, 4, 3, 8))).shape == (24, 5, 4)
    assert event_log.filters_in("row_filters", np.zeros((8, 4, 2, 4, 5))).shape == (64, 4, 5)
    for name, shape in (("kernel", (1, 1, 3, 8)), ("kernel", (3, 8)), ("slopes", (5, 5, 3, 8))):
        assert event_log.filters_in(name, np.zeros(shape)) is None
