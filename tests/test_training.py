"""The loop: a run folder that tells the whole story, and a training that survives being killed."""

import dataclasses
import io
import json
import re
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
from imagepde import tasks, training, zoo
from imagepde.errors import InputError
from imagepde.training import loop
from imagepde.training.run_folder import RunFolder
from imagepde.zoo import registry
from rich.console import Console


def tiny(**changes):
    """The real recipe, made as small as it can be."""
    settings = {"epochs": 2, "steps_per_epoch": 2, "batch": 2, "validation_size": 64, **changes}
    return training.recipe("foe_s.gauss25", config={"experts": 3, "steps": 2}, **settings)


@pytest.fixture
def source(photograph_folder):
    return training.open_source(photograph_folder)


def test_a_run_leaves_recipe_log_curve_weights_and_model(source, tmp_path):
    console = Console(record=True, width=100, file=io.StringIO())
    model = training.train(tiny(), source, tmp_path / "run", console=console)
    files = sorted(file.name for file in (tmp_path / "run").iterdir())
    assert files == ["curve.png", "final.weights.h5", "log.csv", "model.keras", "recipe.json"]
    record = json.loads((tmp_path / "run" / "recipe.json").read_text())
    assert training.Recipe.from_dict(record["recipe"]) == tiny()
    assert record["data"] == {"name": "photographs", "pictures": 20}
    assert record["made_by"]["keras"] == keras.__version__
    rows = RunFolder(tmp_path / "run").rows()
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "val_loss", "psnr", "val_psnr", "seconds"} <= set(rows[0])
    assert re.search(r"epoch 2/2: loss .* validation \d+.\d+ dB", console.export_text())
    assert zoo.read_picture(tmp_path / "run" / "curve.png").shape[0] > 100
    image = np.random.default_rng(0).random((1, 16, 16, 1), dtype=np.float32)
    loaded = keras.saving.load_model(tmp_path / "run" / "model.keras")
    np.testing.assert_array_equal(loaded(image), model(image))
    assert loaded.card.task == tiny().task.purpose
    assert "terms were not stated" in loaded.card.licence
    assert tasks.task_of(loaded) == tiny().task


def test_weights_learn(source, tmp_path):
    recipe = tiny(epochs=3, steps_per_epoch=20)
    training.train(recipe, source, tmp_path / "run", console=Console(quiet=True))
    rows = RunFolder(tmp_path / "run").rows()
    assert rows[-1]["val_psnr"] > rows[0]["val_psnr"]


def test_other_runs_are_left_alone(source, tmp_path):
    quiet = Console(quiet=True)
    training.train(tiny(epochs=1), source, tmp_path / "run", console=quiet)
    before = {f.name: f.read_bytes() for f in (tmp_path / "run").iterdir()}
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    for recipe, folder, resume, message in [
        (tiny(epochs=1), "run", False, "already holds"),
        (tiny(epochs=2), "run", True, "epochs"),
        (training.recipe("perona_malik.gauss25"), "run", True, "another recipe"),
        (tiny(), "other", False, "not the folder of a training run"),
        (tiny(), "nowhere/run", False, "no folder"),
        (tiny(), "new", True, "no run"),
    ]:
        with pytest.raises(InputError, match=message):
            training.train(recipe, source, tmp_path / folder, resume=resume, console=quiet)
    assert {f.name: f.read_bytes() for f in (tmp_path / "run").iterdir()} == before
    assert [f.name for f in (tmp_path / "other").iterdir()] == ["letter.txt"]
    assert not (tmp_path / "new").exists()
    with pytest.raises(InputError, match="more than 16 pictures"):
        training.train(tiny(), source.part(range(5)), tmp_path / "few", console=quiet)
    assert not (tmp_path / "few").exists()


def test_resuming_a_finished_run_returns_its_model(source, tmp_path):
    quiet = Console(quiet=True)
    first = training.train(tiny(epochs=1), source, tmp_path / "run", console=quiet)
    again = training.train(tiny(epochs=1), source, tmp_path / "run", resume=True, console=quiet)
    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_that_fails_at_its_very_end_is_finished_later(source, tmp_path, monkeypatch):
    quiet = Console(quiet=True)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "draw_curve", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            training.train(tiny(epochs=1), source, tmp_path / "run", console=quiet)
    assert not RunFolder(tmp_path / "run").finished
    training.train(tiny(epochs=1), source, tmp_path / "run", resume=True, console=quiet)
    assert RunFolder(tmp_path / "run").finished
    assert len(RunFolder(tmp_path / "run").rows()) == 1


@pytest.mark.slow
def test_a_killed_training_resumes_and_ends_where_it_would_have_ended(photograph_folder, tmp_path):
    """`kill -9` after the second epoch; the resumed run gives the weights of an unbroken one."""
    options = ["--data", str(photograph_folder), "--epochs", "4", "--steps-per-epoch", "3"]

    def command(run, *more):
        return [
            *(sys.executable, "-m", "imagepde", "train", "perona_malik.gauss25", *options),
            *("--run", str(tmp_path / run), *more),
        ]

    subprocess.run(command("unbroken"), check=True, capture_output=True)
    process = subprocess.Popen(command("broken"), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while RunFolder(tmp_path / "broken").epochs_done() < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not RunFolder(tmp_path / "broken").finished
    subprocess.run(command("broken", "--resume"), check=True, capture_output=True)

    whole, resumed = RunFolder(tmp_path / "unbroken"), RunFolder(tmp_path / "broken")
    assert [row["epoch"] for row in resumed.rows()] == [1, 2, 3, 4]
    models = [keras.saving.load_model(run.model) for run in (whole, resumed)]
    for a, b in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-3)


def test_recipes_are_known_by_name():
    for name in training.list_recipes():
        recipe = training.recipe(name)
        zoo.create(recipe.architecture, **recipe.config)
        assert json.loads(json.dumps(recipe.config)) == recipe.config
    with pytest.raises(InputError, match=r"foe_s\.gauss25"):
        training.recipe("foe_s.gauss26")


@pytest.mark.parametrize("name", [n for n in zoo.list_models() if zoo.card(n).recipe])
def test_every_model_was_trained_by_its_recipe(name):
    recipe, card = training.recipe(name), zoo.card(name)
    assert recipe.to_dict() == card.recipe
    assert training.Recipe.from_dict(card.recipe) == recipe
    assert (card.made_for, card.task) == (recipe.task.to_dict(), recipe.task.purpose)


def test_a_training_starts_from_the_weights_of_another_model(source, tmp_path):
    recipe = training.recipe("foe_s.blind", epochs=1, steps_per_epoch=1, batch=2, validation_size=64)
    recipe = dataclasses.replace(recipe, learning_rate=1e-9, final_learning_rate=1e-9)
    assert recipe.start == "foe_s.gauss25"
    model = training.train(recipe, source, tmp_path / "run", console=Console(quiet=True))
    for a, b in zip(model.get_weights(), zoo.load(recipe.start).get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_evaluation_follows_the_protocol(source):
    model = zoo.create("perona_malik", steps=3)
    noise = tasks.GaussianNoise(25)
    result, rows = tasks.evaluate(model, source.part([0, 1]), noise)
    assert result["pictures"] == len(rows) == 2
    assert result["psnr"] == pytest.approx(np.mean([row["psnr"] for row in rows]), abs=1e-4)
    assert result["input_psnr"] < result["psnr"]
    colour = list(source)[1]
    from imagepde.images.color import luma

    clean = luma(colour).astype("float32") / 255
    generator = np.random.default_rng(1)
    noisy = clean + np.float32(25 / 255) * generator.standard_normal(clean.shape, dtype="float32")
    restored = np.clip(zoo.restore(noisy, model), 0, 1)
    expected = -10 * np.log10(np.mean((restored - clean) ** 2))
    assert rows[1]["psnr"] == pytest.approx(expected, abs=1e-3)


def test_grey_models_are_measured_on_colour_channel_by_channel(source):
    model, noise = zoo.create("perona_malik", steps=3), tasks.GaussianNoise(25)
    result, rows = tasks.evaluate(model, source.part([1]), noise, color=True)
    assert result["data"] == {"name": source.name, "color": True}
    clean = list(source)[1].astype("float32") / 255
    restored = np.clip(zoo.restore(noise.degrade(clean, 0), model), 0, 1)
    expected = -10 * np.log10(np.mean((restored - clean) ** 2))
    assert rows[0]["psnr"] == pytest.approx(expected, abs=1e-3)


def test_a_finished_run_is_published_and_measured(source, tmp_path, monkeypatch):
    """From the run folder to a model that loads by name, with the results that were measured."""
    for place in ("CARDS", "WEIGHTS"):
        (tmp_path / place).mkdir()
        monkeypatch.setattr(registry, place, tmp_path / place)
    trained = training.train(tiny(), source, tmp_path / "run", console=Console(quiet=True))
    with pytest.raises(InputError, match="terms"):
        training.publish(tmp_path / "run")
    card = training.publish(tmp_path / "run", "crops of two photographs")
    assert zoo.list_models() == ["foe_s.gauss25"]
    loaded = zoo.load("foe_s.gauss25")
    for a, b in zip(loaded.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    step = loaded.get_layer("evolution").step
    assert card.config["time_step"] == pytest.approx(float(np.asarray(step.time_step_weight)))
    result, _ = tasks.evaluate(loaded, source.part([0]), tasks.GaussianNoise(25))
    training.add_result("foe_s.gauss25", result)
    assert zoo.card("foe_s.gauss25").results == [result]
    assert training.publish(tmp_path / "run", "crops of two photographs").results == [result], (
        "the weights are the same"
    )


def test_resampling_is_fitted_in_closed_form(source, tmp_path):
    """Training has hardly anything left to do, and what comes out resamples."""
    recipe = training.recipe(
        "blade_resample.default",
        config={"orientations": 4, "strengths": 2, "coherences": 1, "footprint": 5},
        task=tasks.Displacement(blur=0.5, factor=2),
        epochs=2,
        steps_per_epoch=2,
        batch=2,
    )
    model = training.train(recipe, source, tmp_path / "run", console=Console(quiet=True))
    first, last = RunFolder(tmp_path / "run").rows()
    assert last["val_psnr"] == pytest.approx(first["val_psnr"], abs=0.1)
    task = dataclasses.replace(recipe.task, times=2)
    given, expected = task.pair(next(iter(source)).astype("float32")[..., 0] / 255, 3)
    errors = [np.mean((task.solution(m, given) - expected) ** 2) for m in (model, "bicubic")]
    assert errors[0] < errors[1]


def test_least_squares_of_resampling_is_a_minimum(source):
    """No small change of the filters has a smaller error."""
    from imagepde.training.displaced import Displaced, start_from_copies

    task = tasks.Displacement(factor=2)
    displaced = Displaced(task, source.part([0, 1, 2]), 2, 1)
    model = zoo.create("blade_resample", orientations=4, strengths=2, coherences=1, footprint=3)
    layer = model.get_layer("resampling")
    start_from_copies(layer, displaced, ridge=1e-9)
    filters = np.array(layer.filters)

    def error():
        pairs = displaced.groups
        return sum(float(np.sum((np.asarray(model(x)) - y) ** 2)) for x, y in pairs)

    least, rng = error(), np.random.default_rng(0)
    for _ in range(5):
        layer.filters.assign(filters + 1e-2 * rng.normal(size=filters.shape))
        assert error() > least
