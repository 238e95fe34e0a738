"""Many files: what fails is told, nothing is half-written, and every engine makes the same files."""

import contextlib
import filecmp
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from imagepde import bulk, tasks, training, zoo
from imagepde.errors import InputError

FAST = "perona_malik.gauss25"


def write(folder, count, shape=(16, 16)):
    """Pictures of noise, by their numbers."""
    folder.mkdir(parents=True)
    for number in range(count):
        values = np.random.default_rng(number).integers(0, 256, shape, np.uint8)
        zoo.write_picture(folder / f"{number:05}.png", values)
    return folder


def test_what_fails_does_not_stop_the_others():
    def work(number):
        if number == 1:
            raise OSError("the disk is gone")
        if number == 2:
            raise ZeroDivisionError
        return [f"note on {number}"]

    found = list(bulk.run(work, range(4)))
    assert [outcome.item for outcome in found] == [0, 1, 2, 3]
    assert [outcome.error for outcome in found] == [None, "the disk is gone", "ZeroDivisionError", None]
    assert found[3].notes == ("note on 3",)


def test_files_are_restored_from_python_and_a_run_goes_on(tmp_path):
    source, result = write(tmp_path / "in", 3), tmp_path / "out"
    (source / "bad.png").write_text("no picture")
    seen = []
    found = bulk.restore_files([source], result, FAST, progress=seen.append)
    assert seen == found
    (bad,) = (outcome for outcome in found if outcome.error)
    assert Path(bad.item[0]).name == "bad.png"
    assert sorted(path.name for path in result.iterdir()) == ["00000.png", "00001.png", "00002.png"]
    expected = zoo.restore(zoo.read_picture(source / "00001.png"), FAST)
    np.testing.assert_array_equal(zoo.read_picture(result / "00001.png"), expected)
    # What a process that was killed leaves is a hidden file.
    (result / "00001.png").rename(result / ".4711.0a1b2c3d.00001.png")
    (source / "bad.png").unlink()
    found = bulk.restore_files([source], result, FAST, resume=True)
    assert [Path(outcome.item[1]).name for outcome in found] == ["00001.png"]
    assert len(list(result.iterdir())) == 3


def test_what_cannot_be_is_refused_before_any_work(tmp_path, imagepde, monkeypatch):
    source, result = write(tmp_path / "in", 1), tmp_path / "out"
    for options, message in [
        ({"engine": "spark"}, "must be one of local, ray"),
        ({"processes": 2}, "goes with the engine 'ray'"),
        ({"model": "trd.gauss26"}, "no model"),
    ]:
        with pytest.raises(InputError, match=message):
            bulk.restore_files([source], result, **options)
    code, text = imagepde(
        "restore", source / "00000.png", tmp_path / "a.png", "--engine", "ray", "--model", FAST
    )
    assert (code, "several pictures" in text) == (2, True)
    monkeypatch.setitem(sys.modules, "ray.data", None)
    code, text = imagepde("restore", source, result, "--engine", "ray", "--model", FAST)
    assert (code, "pip install 'imagepde[ray]'" in text) == (2, True)
    assert not result.exists()


def test_a_cache_of_targets_is_filled(tmp_path):
    write(tmp_path / "in", 2, (32, 40))
    write(tmp_path / "in" / "more", 1, (20, 40))
    targets = tasks.FlowTargets("tv_flow", {}, time_step=0.1, steps=2, frames=2)
    cache = tasks.TargetCache(tmp_path / "targets", targets)
    source = training.open_source(tmp_path / "in")
    errors = [outcome.error for outcome in bulk.filled(cache, source)]
    assert errors[:2] == [None, None]
    assert "at least 32 pixels" in errors[2]
    assert [cache.has(picture) for picture in source.part([0, 1])] == [True, True]


@contextlib.contextmanager
def ray_running():
    """Ray as an application may have started it."""
    ray = pytest.importorskip("ray")
    options = {"log_to_driver": False, "logging_level": logging.ERROR, "include_dashboard": False}
    ray.init(address="local", object_store_memory=100 << 20, **options)
    try:
        yield
        assert ray.is_initialized()
    finally:
        ray.shutdown()


OTHERS_WARN = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("DeprecationWarning", "FutureWarning", "ResourceWarning", "UserWarning")
]
"""Ray and Beam warn of what they themselves use."""


@pytest.mark.every_model
class TestRay:
    """Workers of Ray, which take seconds to start."""

    pytestmark = OTHERS_WARN

    def test_ten_thousand_pictures_with_two_faults(self, tmp_path):
        pytest.importorskip("ray")
        source, result = write(tmp_path / "in", 10_000), tmp_path / "out"
        (source / "00777.png").write_text("no picture")
        cut = (source / "05000.png").read_bytes()[:60]
        (source / "05000.png").write_bytes(cut)

        def command(*more):
            words = ["restore", source, result, "--model", "trd.gauss25", "--engine", "ray", *more]
            run = [sys.executable, "-m", "imagepde", *map(str, words)]
            return subprocess.run(run, capture_output=True, text=True, check=False)

        done = command()
        assert done.returncode == 1, done.stderr
        assert "Wrote 9998 pictures" in done.stdout
        failed = done.stderr.split("2 failed:")[1].split()
        assert sum(word.endswith(".png:") for word in failed) == 2
        assert {"00777.png", "05000.png"} == {Path(w[:-1]).name for w in failed if w.endswith(".png:")}
        written = {path.name for path in result.iterdir()}
        assert written == {path.name for path in source.iterdir()} - {"00777.png", "05000.png"}
        for number in range(100, 150):
            (result / f"{number:05}.png").unlink()
        for name in ("00777.png", "05000.png"):
            (source / name).write_bytes((source / "00000.png").read_bytes())
        done = command("--resume")
        assert done.returncode == 0, done.stderr
        assert "9948 of 10000 pictures are there already" in done.stdout
        assert "Wrote 52 pictures" in done.stdout
        some = [source / f"{number:05}.png" for number in range(0, 10_000, 100)]
        bulk.restore_files(some, tmp_path / "local", "trd.gauss25")
        for file in some:
            assert filecmp.cmp(tmp_path / "local" / file.name, result / file.name, shallow=False)

    def test_the_engines_agree_in_the_last_bit_and_a_dead_worker_costs_its_item_alone(self, tmp_path):
        (tmp_path / "in").mkdir()
        for k, shape in enumerate([(32, 40), (150, 161), (260, 300)]):
            values = np.random.default_rng(k).random(shape, dtype="float32")
            np.save(tmp_path / "in" / f"{k}.npy", values)
        written = tmp_path / "written"
        written.mkdir()

        def work(number):
            if number == 7:
                os.kill(os.getpid(), signal.SIGKILL)
            (written / str(number)).touch()

        with ray_running():
            for model in ("trd.gauss25", "unet_diffusivity.gauss25"):
                for engine in bulk.ENGINES:
                    found = bulk.restore_files(
                        [tmp_path / "in"], f"{tmp_path / engine}/{model}/", model, engine=engine
                    )
                    assert [outcome.error for outcome in found] == [None] * 3
                for k in range(3):
                    files = [tmp_path / engine / model / f"{k}.npy" for engine in bulk.ENGINES]
                    assert filecmp.cmp(*files, shallow=False)
            found = list(bulk.run(work, range(40), "ray", processes=2))
            with pytest.raises(InputError, match="save yours"):
                bulk.restore_files([tmp_path], "out/", zoo.load(FAST), engine="ray")
        assert len(found) == 40
        assert [(o.item, "died each time" in o.error) for o in found if o.error] == [(7, True)]
        assert len(list(written.iterdir())) == 39

    def test_a_worker_that_cannot_start_is_told(self):
        class Broken:
            def __call__(self, item):
                pass

            def __reduce__(self):
                return eval, ("__import__('no_such_module')",)

        with ray_running(), pytest.raises(bulk.EngineError, match="no_such_module"):
            list(bulk.run(Broken(), range(4), "ray"))

    def test_targets_are_the_same(self, tmp_path, imagepde):
        pytest.importorskip("ray")
        write(tmp_path / "in", 3, (32, 40))
        options = ["blade.tv_flow", "--data", tmp_path / "in", "--frames", "2", "--cache"]
        for engine in bulk.ENGINES:
            run = [sys.executable, "-m", "imagepde", "targets", *options, tmp_path / engine]
            command = [*map(str, run), "--engine", engine]
            subprocess.run(command, capture_output=True, check=True)
        (one,), (other,) = ((tmp_path / engine).iterdir() for engine in bulk.ENGINES)
        names = sorted(file.name for file in one.iterdir())
        assert len(names) == 4
        assert filecmp.cmpfiles(one, other, names, shallow=False) == (names, [], [])


class TestBeam:
    """Pipelines on the direct runner."""

    pytestmark = OTHERS_WARN

    def test_files_are_restored_and_faults_are_outcomes(self, tmp_path):
        beam = pytest.importorskip("apache_beam")
        from apache_beam.testing.util import assert_that
        from imagepde.bulk.beam import RestoreFiles

        source = write(tmp_path / "in", 4)
        (source / "bad.png").write_text("no picture")
        pairs = [(str(a), str(b)) for a, b in bulk.places([source], tmp_path / "out").items()]

        def check(outcomes):
            assert len(outcomes) == 5
            (bad,) = (outcome for outcome in outcomes if outcome.error)
            assert bad.item[0].endswith("bad.png")

        with beam.Pipeline(runner="DirectRunner") as pipeline:
            outcomes = pipeline | beam.Create(pairs) | RestoreFiles(FAST)
            assert_that(outcomes, check)
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            f"{number:05}.png" for number in range(4)
        ]
        bulk.restore_files([source], tmp_path / "local", FAST)
        for file in (tmp_path / "local").iterdir():
            assert filecmp.cmp(file, tmp_path / "out" / file.name, shallow=False)

    def test_pictures_are_restored_by_a_handler(self, rng):
        beam = pytest.importorskip("apache_beam")
        from apache_beam.ml.inference.base import RunInference
        from apache_beam.testing.util import assert_that
        from imagepde.bulk.beam import RestorationHandler

        picture = rng.random((32, 40), dtype="float32")
        expected = zoo.restore(picture, FAST)

        def check(results):
            (result,) = results
            np.testing.assert_array_equal(result.example, picture)
            np.testing.assert_array_equal(result.inference, expected)

        def check_failed(results):
            ((_, error),) = results
            assert "InputError" in str(error)

        with beam.Pipeline(runner="DirectRunner") as pipeline:
            pictures = pipeline | beam.Create([picture, picture[:4]])
            inference = RunInference(RestorationHandler(FAST)).with_exception_handling()
            restored, others = pictures | inference
            assert_that(restored, check)
            assert_that(others.failed_inferences, check_failed, label="failed")
        with pytest.raises(InputError, match="save yours"):
            RestorationHandler(zoo.load(FAST))
