"""The loop: a run folder that tells the whole story, and a training that survives being killed."""

import dataclasses
import io
import json
import pathlib
import re
import shutil

import keras
import numpy as np
import pytest
from checks.photographs import write as write_photographs
from imagepde import tasks, training, zoo
from imagepde.errors import InputError
from imagepde.training import loop
from imagepde.training.run_folder import RunFolder
from imagepde.zoo import catalogue, registry
from rich.console import Console

NAME = "perona_malik.gauss25"


def tiny(**changes):
    """The real recipe of the model that is trained fastest, made as small as it can be."""
    settings = {"epochs": 2, "steps_per_epoch": 8, "batch": 2, "patch": 32, "validation_size": 64}
    config = {"contrast": 0.05, "time_step": 0.12, "steps": 2}
    # So large that an epoch is seen in the weights.
    rates = {"learning_rate": 1e-2, "final_learning_rate": 1e-3}
    return training.recipe(NAME, config=config, **{**settings, **rates, **changes})


@dataclasses.dataclass
class Run:
    """What a training that came to its end left.

    Attributes:
        model: What `train` returned.
        folder: Its folder.
        unfinished: A copy of it, as it was before the last things were written.
        printed: What was printed.
    """

    model: keras.Model
    folder: pathlib.Path
    unfinished: pathlib.Path
    printed: str

    def copied(self, folder):
        return shutil.copytree(self.folder, folder)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    return write_photographs(tmp_path_factory.mktemp("pictures") / "photographs")


@pytest.fixture
def source(photographs):
    return training.open_source(photographs)


@pytest.fixture(scope="module")
def finished(photographs, tmp_path_factory):
    """A run that several tests look at; they change copies of it. XLA compiles it, as by default."""
    folder = tmp_path_factory.mktemp("runs")
    console = Console(record=True, width=100, file=io.StringIO())

    def copy_first(*arguments):
        shutil.copytree(folder / "run", folder / "unfinished")
        return draw_curve(*arguments)

    draw_curve = loop.draw_curve
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "draw_curve", copy_first)
        source = training.open_source(photographs)
        model = training.train(tiny(), source, folder / "run", console=console)
    return Run(model, folder / "run", folder / "unfinished", console.export_text())


def test_a_run_leaves_recipe_log_curve_weights_and_model(finished):
    folder = finished.folder
    files = sorted(file.name for file in folder.iterdir())
    assert files == ["curve.png", "final.weights.h5", "log.csv", "model.keras", "recipe.json"]
    record = json.loads((folder / "recipe.json").read_text())
    assert training.Recipe.from_dict(record["recipe"]) == tiny()
    assert record["data"] == {"name": "photographs", "pictures": 20}
    assert record["made_by"]["keras"] == keras.__version__
    rows = RunFolder(folder).rows()
    assert [row["epoch"] for row in rows] == [1, 2]
    assert {"loss", "val_loss", "psnr", "val_psnr", "seconds"} <= set(rows[0])
    assert re.search(r"epoch 2/2: loss .* validation \d+.\d+ dB", finished.printed)
    assert zoo.read_picture(folder / "curve.png").shape[0] > 100
    image = np.random.default_rng(0).random((1, 16, 16, 1), dtype=np.float32)
    loaded = keras.saving.load_model(folder / "model.keras")
    np.testing.assert_array_equal(loaded(image), finished.model(image))
    assert loaded.card.task == tiny().task.purpose
    assert "terms were not stated" in loaded.card.licence
    assert tasks.task_of(loaded) == tiny().task


def test_weights_learn(finished):
    first, last = RunFolder(finished.folder).rows()
    # What is not learned is noise of a few hundredths.
    assert last["val_psnr"] > first["val_psnr"] + 0.5
    assert last["loss"] < first["loss"]
    new = zoo.create("perona_malik", **tiny().config)
    for a, b in zip(finished.model.get_weights(), new.get_weights(), strict=True):
        assert np.abs(a - b) > 5e-3, "what is returned has the weights that were learned"


def test_other_runs_are_left_alone(finished, source, tmp_path):
    quiet = Console(quiet=True)
    finished.copied(tmp_path / "run")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    for recipe, folder, resume, message in [
        (tiny(), "run", False, "already holds"),
        (tiny(epochs=3), "run", True, "epochs"),
        (training.recipe("foe_s.gauss25"), "run", True, "another recipe"),
        (tiny(), "other", False, "not the folder of a training run"),
        (tiny(), "nowhere/run", False, "no folder"),
        (tiny(), "new", True, "no run"),
    ]:
        with pytest.raises(InputError, match=message):
            training.train(recipe, source, tmp_path / folder, resume=resume, console=quiet)
    before, after = (
        {f.name: f.read_bytes() for f in folder.iterdir()}
        for folder in (finished.folder, tmp_path / "run")
    )
    assert before == after
    assert [f.name for f in (tmp_path / "other").iterdir()] == ["letter.txt"]
    assert not (tmp_path / "new").exists()


def test_resuming_a_finished_run_returns_its_model(finished, source, tmp_path):
    run, quiet = finished.copied(tmp_path / "run"), Console(quiet=True)
    again = training.train(tiny(), source, run, resume=True, console=quiet)
    for a, b in zip(finished.model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_that_fails_at_its_very_end_is_finished_later(finished, source, tmp_path, monkeypatch):
    run, quiet = RunFolder(shutil.copytree(finished.unfinished, tmp_path / "run")), Console(quiet=True)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "draw_curve", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            training.train(tiny(), source, run.path, resume=True, console=quiet)
    assert not run.finished
    later = training.train(tiny(), source, run.path, resume=True, console=quiet)
    assert run.finished
    assert len(run.rows()) == 2
    for a, b in zip(finished.model.get_weights(), later.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_recipes_are_known_by_name():
    made = set()
    for name in training.list_recipes():
        recipe = training.recipe(name)
        made.add((recipe.architecture, json.dumps(recipe.config)))
        assert json.loads(json.dumps(recipe.config)) == recipe.config
    # Many differ in what they are for alone.
    for architecture, config in made:
        zoo.create(architecture, **json.loads(config))
    with pytest.raises(InputError, match=r"foe_s\.gauss25"):
        training.recipe("foe_s.gauss26")


@pytest.mark.parametrize("name", [n for n in zoo.list_models() if zoo.card(n).recipe])
def test_every_model_was_trained_by_its_recipe(name):
    recipe, card = training.recipe(name), zoo.card(name)
    assert recipe.to_dict() == card.recipe
    assert training.Recipe.from_dict(card.recipe) == recipe
    assert (card.made_for, card.task) == (recipe.task.to_dict(), recipe.task.purpose)


def test_a_training_starts_from_the_weights_of_another_model(source, tmp_path, monkeypatch):
    recipe = training.recipe("foe_s.blind", batch=2, validation_size=64)
    assert recipe.start == "foe_s.gauss25"

    class StopHereError(Exception):
        pass

    def fit(model, *_, **__):
        for a, b in zip(model.get_weights(), zoo.load(recipe.start).get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        raise StopHereError

    monkeypatch.setattr(keras.Model, "fit", fit)
    with pytest.raises(StopHereError):
        training.train(recipe, source, tmp_path / "run", console=Console(quiet=True))


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


def test_a_finished_run_is_published_and_measured(finished, source, tmp_path, monkeypatch):
    """From the run folder to a model that loads by name, with the results that were measured."""
    for module, place in ((catalogue, "CARDS"), (registry, "WEIGHTS")):
        (tmp_path / place).mkdir()
        monkeypatch.setattr(module, place, tmp_path / place)
    run = finished.copied(tmp_path / "run")
    with pytest.raises(InputError, match="terms"):
        training.publish(run)
    card = training.publish(run, "crops of two photographs")
    assert zoo.list_models() == [NAME]
    loaded = zoo.load(NAME)
    for a, b in zip(loaded.get_weights(), finished.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    step = loaded.get_layer("evolution").step
    assert card.config["time_step"] == pytest.approx(float(np.asarray(step.time_step_weight)))
    result, _ = tasks.evaluate(loaded, source.part([0]), tasks.GaussianNoise(25))
    training.add_result(NAME, result)
    assert zoo.card(NAME).results == [result]
    assert training.publish(run, "crops of two photographs").results == [result], (
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
        validation=2,
        sampling={"copies": 2},
    )
    source = source.part(range(8))
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
