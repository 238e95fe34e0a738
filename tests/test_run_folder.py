"""The folder of a training run: whatever is wrong with it is one line, and said before the work."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys

import pytest
from imagepde import tasks, training, zoo
from imagepde.errors import DiskError, InputError
from imagepde.training import run_folder
from imagepde.training.run_folder import RunFolder, data_record

RECIPE = training.Recipe("foe_s.test", {"experts": 3, "steps": 1}, tasks.GaussianNoise(25), epochs=2)


@pytest.fixture
def source(photograph_folder):
    return training.open_source(photograph_folder)


@pytest.fixture
def run(tmp_path, source):
    """A run that was begun, with what a killed process left in it."""
    run = RunFolder(tmp_path / "run")
    with run.started(RECIPE, data_record(source), resume=False):
        pass
    (run.path / ".123.log.csv").write_text("half a")
    return run


def refused(run, source, message, resume=True, parameters=0):
    with (
        pytest.raises(InputError, match=message) as caught,
        run.started(RECIPE, data_record(source), resume, parameters),
    ):
        pytest.fail("it was not refused")
    assert "\n" not in str(caught.value)


def test_what_a_killed_process_left_is_cleaned_up(run, source):
    (run.path / ".hidden").write_text("somebody's own")
    with run.started(RECIPE, data_record(source), resume=True):
        assert sorted(f.name for f in run.path.iterdir()) == [".hidden", "recipe.json"]


def test_an_empty_folder_is_a_new_run(tmp_path, source):
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    refused(RunFolder(tmp_path / "no_run"), source, "no run")
    # A process that was killed before it had written the first file; it may be resumed or begun anew.
    (run.path / ".123.recipe.json").write_text("half a")
    with run.started(RECIPE, data_record(source), resume=True):
        assert [f.name for f in run.path.iterdir()] == ["recipe.json"]
    (tmp_path / "file").write_text("mine")
    refused(RunFolder(tmp_path / "file"), source, "is a file")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"recipe": 3, "data": {}, "made_by": {}}'])
def test_a_broken_record_is_named(run, source, text):
    (run.path / "recipe.json").write_text(text)
    refused(run, source, r"recipe\.json' is damaged")


def test_a_record_of_another_version_is_named(run, source):
    record = json.loads((run.path / "recipe.json").read_text())
    record["recipe"]["sigma"] = record["recipe"].pop("task")["sigma"]
    (run.path / "recipe.json").write_text(json.dumps(record))
    refused(run, source, "of another version")


def test_only_one_process_works_in_a_folder(run, source):
    holds = (
        "import fcntl, os, sys\n"
        "fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", holds, str(run.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout.readline() == b"locked\n"
        refused(run, source, "Another process is training")
        assert (run.path / ".123.log.csv").is_file(), "it may be the other process's"
        other.stdin.close()
    with run.started(RECIPE, data_record(source), resume=True):
        pass


def test_a_truncated_checkpoint_is_named(run, tmp_path):
    model = zoo.create("foe_s", experts=3, steps=1)
    model.compile("adam", "mse")
    whole = tmp_path / "whole.weights.h5"
    model.save_weights(whole)
    content = whole.read_bytes()
    for part in (content[: len(content) // 2], b"", b"no HDF5"):
        run.checkpoint_file(1).write_bytes(part)
        with pytest.raises(InputError, match=r"checkpoint .* is damaged; delete it"):
            run.load_checkpoint(model)


def test_too_little_room_is_said_before_the_work(run, source, monkeypatch):
    usage = shutil.disk_usage(run.path)._replace(free=10 << 20)
    monkeypatch.setattr(run_folder.shutil, "disk_usage", lambda _: usage)
    refused(run, source, "needs .* MB", parameters=1_000_000)
    with run.started(RECIPE, data_record(source), resume=True, parameters=1000):
        pass


def test_a_disk_that_cannot_be_written_is_one_line(run, source, monkeypatch):
    def fails(code):
        @contextlib.contextmanager
        def replacing(path):
            raise OSError(code, os.strerror(code), str(path))
            yield

        return replacing

    for code in (errno.EROFS, errno.ENOSPC, errno.EACCES):
        with monkeypatch.context() as patch:
            patch.setattr(run_folder, "replacing", fails(code))
            refused(run, source, f"cannot be written.*{os.strerror(code)}")
    # As HDF5 has it: without a number.
    full = OSError("Unable to write (error message = 'No space left on device')")
    for error, raised in ((full, DiskError), (FileNotFoundError(2, "no picture"), FileNotFoundError)):
        with pytest.raises(raised), run.started(RECIPE, data_record(source), resume=True):
            raise error


def test_what_is_no_finished_run_is_not_published(tmp_path, run):
    with pytest.raises(InputError, match="not the folder"):
        training.publish(tmp_path)
    with pytest.raises(InputError, match="not finished"):
        training.publish(run.path)
    run.model.write_bytes(b"")
    (run.path / "recipe.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        training.publish(run.path)
