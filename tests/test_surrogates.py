"""Targets, the start by least squares, and the training of surrogates."""

import shutil

import keras
import numpy as np
import pytest
from checks.blade_reference import blade, blade_flux
from checks.models import first_of
from imagepde import layers, tasks, training, zoo
from imagepde.errors import InputError
from imagepde.pde import TotalVariationFlow
from imagepde.training import callbacks, least_squares, surrogates
from imagepde.training.run_folder import RunFolder
from rich.console import Console

QUIET = Console(quiet=True)


def targets(**changes):
    """The real ones with a larger ε, so that few steps do."""
    settings = {"parameters": {"epsilon": 0.2}, "time_step": 0.05, "steps": 20, "frames": 3}
    return tasks.FlowTargets("tv_flow", **{**settings, **changes})


def tiny(name="blade.tv_flow", **changes):
    """The real recipe, made as small as it can be."""
    features = {"orientations": 4, "strengths": 2, "coherences": 1}
    settings = {
        "epochs": 2,
        "steps_per_epoch": 3,
        "batch": 2,
        "validation": 2,
        "sampling": {"starts": (0,)},
        "task": tasks.FlowTask(targets(), 3),
        "config": {"time_step": 0.05, "steps": 3, "footprint": 3, **features},
    }
    return training.recipe(name, **{**settings, **changes})


@pytest.fixture
def source(photograph_folder):
    return training.open_source(photograph_folder)


def test_frames_are_means_of_the_solution_at_the_resolution_of_the_picture(rng):
    picture = rng.random((41, 38))
    made = targets().sequence(picture)
    assert made.shape == (4, 10, 9)
    assert made.dtype == np.float32
    fine = picture[:40, :36].astype("float32")
    np.testing.assert_allclose(made[0], fine.reshape(10, 4, 9, 4).mean((1, 3)), atol=1e-6)
    after = TotalVariationFlow(0.2).advance(fine[None, ..., None], 0.05, 20, 0.25)
    after = np.asarray(after)[0, ..., 0].reshape(10, 4, 9, 4).mean((1, 3))
    np.testing.assert_allclose(made[1], after, atol=1e-5)


def test_sequences_are_computed_once(source, tmp_path, monkeypatch):
    cache = tasks.TargetCache(tmp_path / "targets", targets())
    cache.fill(source.part([0, 1]))
    first = next(iter(source))
    made = cache.sequence(first)
    monkeypatch.setattr(tasks.FlowTargets, "sequence", lambda *_: 1 / 0)
    again = tasks.TargetCache(tmp_path / "targets", targets())
    np.testing.assert_array_equal(again.sequence(first), made)
    fewer = tasks.TargetCache(tmp_path / "targets", targets(frames=2))
    np.testing.assert_array_equal(fewer.sequence(first), made[:3])
    for other in (targets(frames=4), targets(steps=21), targets(parameters={"epsilon": 0.1})):
        with pytest.raises(ZeroDivisionError):
            tasks.TargetCache(tmp_path / "targets", other).sequence(first)
    assert not list((tmp_path / "targets").rglob(".*"))


@pytest.mark.slow
@pytest.mark.every_model
def test_several_processes_make_the_same_sequences(source, tmp_path):
    one = tasks.TargetCache(tmp_path / "one", targets())
    two = tasks.TargetCache(tmp_path / "two", targets())
    pictures = source.part(range(2))
    one.fill(pictures)
    two.fill(pictures, processes=2)
    for picture in pictures:
        np.testing.assert_array_equal(np.load(one.file(picture)), np.load(two.file(picture)))


def test_convergence_is_measured(source, tmp_path):
    caches = [
        tasks.TargetCache(tmp_path / "targets", wanted)
        for wanted in (targets(frames=10), targets(frames=10).finer())
    ]
    (row,) = tasks.convergence(source.part([0]), *caches)
    assert row["frame"] == 10
    assert row["time"] == pytest.approx(0.5)
    a, b = (cache.sequence(next(iter(source)))[10] for cache in caches)
    assert (
        row["psnr"] == row["smallest"] == pytest.approx(-10 * np.log10(np.mean((a - b) ** 2)), abs=0.1)
    )


@pytest.mark.parametrize("make", [blade, blade_flux])
def test_least_squares_finds_filters_that_are_there(make, rng):
    """Rates that filters made are explained by others that do nearly the same."""
    rate, images = make(footprint=3), rng.random((24, 40, 40, 1)).astype("float32")
    rates = np.asarray(rate(images))
    for weight in rate.trainable_weights:
        weight.assign(0 * weight)
    error = least_squares.fit_by_least_squares(rate, images, rates, iterations=150, ridge=1e-6)
    assert error < 0.1
    other = rng.random((1, 40, 40, 1)).astype("float32")
    fresh = make(footprint=3)
    difference = np.asarray(rate(other)) - np.asarray(fresh(other))
    assert np.std(difference) < 0.2 * np.std(np.asarray(fresh(other)))


def test_least_squares_wants_one_rate_for_each_state():
    with pytest.raises(InputError, match="shape"):
        least_squares.fit_by_least_squares(blade(), np.zeros((1, 8, 8, 1)), np.zeros((1, 8, 9, 1)))


def test_windows_are_parts_of_sequences_and_the_same_after_an_interruption(source):
    task = tasks.FlowTask(targets(frames=4), 2)
    sequences = surrogates.Sequences(task, source.part(range(3)))
    batches = list(sequences.windows(2, (0, 2), 3, seed=1).take(4).as_numpy_iterator())
    later = list(sequences.windows(2, (0, 2), 3, seed=1, skip=2).take(2).as_numpy_iterator())
    for a, b in zip(batches[2:], later, strict=True):
        np.testing.assert_array_equal(a[0], b[0])
        np.testing.assert_array_equal(a[1], b[1])
    everything = np.concatenate([group.reshape(-1, *group.shape[-2:]) for group in sequences.groups])
    first, frames = batches[0]
    for start, window in zip(first, frames, strict=True):
        places = [np.abs(everything - part[..., 0]).max((1, 2)).argmin() for part in (start, *window)]
        assert np.diff(places).tolist() == [1, 1]


@pytest.mark.every_model
@pytest.mark.parametrize("name", ["blade_flux.tv_flow", "blade.tv_flow"])
def test_a_training_starts_well_and_resumes(name, source, tmp_path, monkeypatch):
    """From a copy of its folder as it was after the first epoch."""
    recipe, source = tiny(name), source.part(range(8))
    save = callbacks.SaveCheckpoint.on_epoch_end

    def save_and_copy(self, epoch, logs=None):
        save(self, epoch, logs)
        if epoch == 0:
            shutil.copytree(self.run.path, tmp_path / "broken")

    def train(run, **options):
        cache = tmp_path / "targets"
        return training.train(recipe, source, tmp_path / run, console=QUIET, cache=cache, **options)

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.SaveCheckpoint, "on_epoch_end", save_and_copy)
        train("whole")
    row = RunFolder(tmp_path / "whole").rows()[0]
    # To do nothing at all gives 28 dB, the start by least squares 45.
    assert row["val_psnr"] > 40
    train("broken", resume=True)
    whole, resumed = (
        keras.saving.load_model(RunFolder(tmp_path / run).model) for run in ("whole", "broken")
    )
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)


def test_evaluation_compares_with_the_solution(source, tmp_path):
    task = tasks.FlowTask(targets(), 2, tmp_path / "targets")
    model = zoo.create("blade", time_step=0.05, steps=2)
    result, rows = tasks.evaluate(model, source.part([0, 1]), task)
    assert tasks.task_words(result["task"]) == "tv_flow, T = 0.1 in 2 steps"
    # New filters are zero: nothing happens.
    assert result["psnr"] == result["input_psnr"]
    frames = targets().sequence(next(iter(source)))
    expected = -10 * np.log10(np.mean((frames[0] - frames[2]) ** 2))
    assert rows[0]["psnr"] == pytest.approx(expected, abs=0.1)


def test_the_picture_of_a_trajectory_is_that_of_the_model(rng):
    model = zoo.create("blade", steps=3)
    rate = model.get_layer("evolution").step.rate
    rate.filters.assign(0.1 * rng.normal(size=rate.filters.shape))
    u = rng.random((2, 16, 20, 1)).astype("float32")
    # Of as many steps as the window has: those of the model, fewer or more.
    states = np.asarray(surrogates.unrolled(model, 4)(u))
    assert states.shape == (2, 4, 16, 20, 1)
    np.testing.assert_allclose(states[:, 2], model(u), atol=1e-6)
    for steps in (2, 4):
        other = zoo.create("blade", steps=steps)
        other.set_weights(model.get_weights())
        np.testing.assert_allclose(states[:, steps - 1], other(u), atol=1e-6)


def test_too_many_steps_and_pictures_too_small_are_refused(rng):
    with pytest.raises(InputError, match="3 frames"):
        tasks.FlowTask(targets(), 4)
    with pytest.raises(InputError, match="at least 32 pixels"):
        targets().sequence(rng.random((31, 64)))
    with pytest.raises(InputError, match="flow"):
        tasks.FlowTargets("heat", {}, 0.1, 1, 1)


@pytest.mark.parametrize(("steps", "message"), [(0, "positive integer"), (4, "needs more frames")])
def test_windows_that_cannot_be_are_refused(source, tmp_path, steps, message):
    recipe = tiny(sampling={"starts": (0,), "steps": steps})
    with pytest.raises(InputError, match=message):
        training.train(recipe, source, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_all_surrogates_have_recipes():
    names = [n for n in training.list_recipes() if training.recipe(n).task.kind == "flow"]
    contractions = ("tv_flow", "perona_malik", "ced", "ced_smooth")
    expected = [f"{a}.{f}" for a in ("blade", "blade_flux") for f in (*contractions, "cahn_hilliard")]
    expected += [f"blade_stable.{f}" for f in contractions]
    assert names == sorted([*expected, "phase_field.cahn_hilliard"])
    for name in names:
        task = training.recipe(name).task
        assert task.targets.equation.title in task.purpose


@pytest.mark.slow
def test_the_command_makes_targets_and_says_whether_they_are_converged(photograph_folder, tmp_path):
    from imagepde.main import app
    from typer.testing import CliRunner

    run = CliRunner().invoke
    options = ["--data", str(photograph_folder), "--cache", str(tmp_path / "targets"), "--first", "1"]
    done = run(app, ["targets", "blade.perona_malik", *options, "--frames", "10", "--check"])
    assert done.exit_code == 0, done.output
    assert "1 sequences of 10 frames" in " ".join(done.output.split())
    (psnr,) = [line.split("│")[3] for line in done.output.splitlines() if line.startswith("│")]
    assert float(psnr.split()[0]) > 55
    refused = run(app, ["targets", "foe_s.gauss25", *options])
    assert isinstance(refused.exception, InputError)


def test_evolution_of_a_flux_promises_the_mean():
    promises = zoo.certificate(zoo.create("blade_flux")).promises
    assert list(promises) == ["mean"]
    assert not zoo.certificate(zoo.create("blade")).promises
    assert isinstance(zoo.create("blade").get_layer("evolution").step, layers.TimeStep)


def photograph(size=48):
    """A piece of scikit-image's cameraman, shrunk to a quarter, `(1, size, size, 1)`."""
    from skimage import data

    camera = data.camera()[: 4 * size, 128 : 128 + 4 * size].astype("float32") / 255
    return camera.reshape(size, 4, size, 4).mean((1, 3))[None, ..., None]


@pytest.mark.parametrize("name", first_of("blade_flux.*"))
def test_flux_models_keep_the_mean_over_a_thousand_steps(name):
    u = photograph(32)
    after = np.asarray(zoo.load(name, steps=1000).predict_on_batch(u))
    assert abs(after.mean(dtype=float) - u.mean(dtype=float)) < 1e-6
    assert np.abs(after).max() < 2


@pytest.mark.parametrize("name", first_of("blade.*", "blade_flux.*", "blade_stable.*", "phase_field.*"))
def test_pretrained_surrogates_turn_with_the_image_and_leave_flat_ones_alone(name):
    """What rounds differently may select another filter somewhere, which hardly shows."""
    u, turns = photograph(), (lambda v: np.rot90(v), lambda v: v[::-1])
    # Rounding grows where the phases separate, as the equation wants; near a pure phase it does not.
    level = 0.95 if name.startswith("phase_field") else 0.6
    images = np.stack([u[0], *(turn(u[0]) for turn in turns), np.full_like(u[0], level)])
    expected, *found, flat = np.asarray(zoo.load(name).predict_on_batch(images))
    for turn, turned in zip(turns, found, strict=True):
        assert np.abs(turned - turn(expected)).mean() < 1e-4
    np.testing.assert_allclose(flat, level, atol=1e-5)


@pytest.mark.parametrize("name", first_of("blade.*", "blade_flux.*", "blade_stable.*", "phase_field.*"))
def test_pretrained_surrogates_solve_their_equation(name):
    """Far nearer to the solution than doing nothing, in grey and in colour."""
    from skimage import data

    task = tasks.task_of(name)
    first, last = task.pair(data.camera()[:192, 128:320], 0)
    for channels in (1, 3):
        u = np.repeat(first[None, ..., None], channels, -1)
        found = np.asarray(zoo.load(name, channels=channels).predict_on_batch(u))
        error = np.mean((found - last[None, ..., None]) ** 2)
        assert error < 0.4 * np.mean((first - last) ** 2)


def test_a_model_is_loaded_with_other_arguments():
    model = zoo.load("blade.tv_flow", steps=20, time_step=0.015)
    once = zoo.load("blade.tv_flow")
    u = photograph(24)
    difference = np.abs(np.asarray(model(u)) - np.asarray(once(u)))
    assert 0 < difference.mean() < 0.01
    with pytest.raises(InputError, match="do not fit"):
        zoo.load("blade.tv_flow", strengths=4)
    with pytest.raises(InputError, match="argument"):
        zoo.load("blade.tv_flow", step=4)
    with pytest.raises(InputError, match="learned"):
        zoo.load("foe_s.gauss25", time_step=0.1)
