"""Tasks as objects: their dictionaries, one definition for both kinds of pairs, and a user's own."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from imagepde import layers, tasks, training, zoo
from imagepde.errors import InputError
from rich.console import Console

KINDS = {
    "gaussian_noise": {"sigma": 25},
    "noise": {
        "noise": {
            "kind": "poisson_gaussian",
            "gain": 0.05,
            "read": 0.02,
            "offset": 0.0,
            "clipped": False,
        }
    },
    "unknown_pixels": {"known": 10},
    "jpeg": {"quality": 20},
    "perona_malik_diffusion": {"sigma": [0.0255, 25.5], "preparation": {"scale": 0.4, "crop": 96}},
    "heat_flow": {"time": 2.0},
    "known_diffusion": {"steps": 2},
    "displacement": {"factor": 2, "smooth": True},
    "flow": {
        "steps": 2,
        "targets": {"flow": "tv_flow", "parameters": {}, "time_step": 0.1, "steps": 3, "frames": 4},
    },
    "pairs": {},
    "observed": {
        "sigma": 5.0,
        "observation": {
            "operator": "Chain",
            "operators": [
                {"operator": "Blur", "kernel": 0.4},
                {"operator": "Subsample", "factor": 2},
            ],
        },
    },
}
"""Every kind of task, with some of its attributes."""


@tasks.register("speckle_of_a_test")
@dataclasses.dataclass(frozen=True)
class Speckle(tasks.Degradation):
    """A user's own task, as the docstring of `Task` has it."""

    strength: float

    def __str__(self):
        return f"speckle of {self.strength:g}"

    def degraded(self, clean, draw):
        return clean * (1 + self.strength * draw.normal(clean))


@tasks.register("darkening_of_a_test")
@dataclasses.dataclass(frozen=True)
class Darkening(tasks.Degradation):
    """Judged by SSIM, and drawn from a range."""

    metric = "ssim"

    def degraded(self, clean, draw):
        return clean * (1 - draw.level(25.5, 51))


def test_every_kind_is_tested_here():
    ours = [kind for kind in tasks.kinds() if not kind.endswith("_of_a_test")]
    assert ours == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_is_what_its_dictionary_says(kind):
    task = tasks.from_dict({"kind": kind, **KINDS[kind]})
    data = json.loads(json.dumps(task.to_dict()))
    assert data["kind"] == kind
    for key, value in KINDS[kind].items():
        if key != "targets":
            assert data[key] == value
    again = tasks.from_dict(data)
    assert type(again) is type(task)
    assert again.to_dict() == data
    assert str(again) == str(task)
    assert task.purpose
    assert task.metric in tasks.METRICS


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": "gausian_noise", "sigma": 25}, "did you mean gaussian_noise"),
        ({"kind": "gaussian_noise", "sigmas": 25}, "did you mean sigma"),
        ({"kind": "gaussian_noise"}, "needs 'sigma'"),
        ({"kind": "gaussian_noise", "sigma": "25"}, "`sigma`"),
        ({"kind": "heat_flow", "time": None}, "cannot be made"),
        ({"kind": "jpeg", "quality": 10, "preparation": {"size": 3}}, "did you mean"),
        ({"kind": "jpeg", "quality": 10, "preparation": {"scale": 3}}, "`scale`"),
        ({"kind": "flow", "steps": 2, "targets": {"frames": 3}}, "`targets` of a surrogate needs"),
        ({"kind": "observed", "observation": 3}, "operator|cannot be made"),
        ({"sigma": 25}, '"kind"'),
        ("gaussian_noise", '"kind"'),
    ],
)
def test_what_is_no_task_is_one_sentence(data, message):
    with pytest.raises(InputError, match=message) as caught:
        tasks.from_dict(data)
    assert "\n" not in str(caught.value)


def test_a_class_that_is_no_task_is_not_registered():
    for cls in (Speckle.__mro__[-1], type("Plain", (tasks.Degradation,), {})):
        with pytest.raises(InputError, match="frozen dataclass"):
            tasks.register("plain")(cls)
    with pytest.raises(InputError, match="taken by GaussianNoise"):
        tasks.register("gaussian_noise")(Speckle)
    unknown = dataclasses.make_dataclass("Unknown", [], bases=(tasks.Degradation,), frozen=True)
    with pytest.raises(InputError, match="register its class"):
        unknown().to_dict()
    assert "plain" not in tasks.kinds()


def test_pixels_are_unknown_in_a_pipeline_too():
    task, clean = tasks.UnknownPixels(30), np.ones((64, 64), "float32")
    given, _ = task.pair(clean, 5)
    np.testing.assert_array_equal(given > 0, task.mask(clean, 5))
    in_pipeline, _ = task.pair_tensor(tf.ones((64, 64, 3)), [5, 1])
    known = in_pipeline.numpy()
    assert set(np.unique(known)) == {0, 1}
    assert (known[..., 0] == known[..., 2]).all()
    for mask in (given, known):
        assert mask.mean() == pytest.approx(0.3, abs=0.05)


def test_what_a_model_is_for_is_known_in_one_place():
    assert tasks.task_of("trd.gauss25") == tasks.GaussianNoise(25)
    assert tasks.task_of(zoo.card("foe_s.blind")) == tasks.GaussianNoise((5, 55))
    assert tasks.task_of("trd.jpeg10") == tasks.JpegCompression(10)
    assert tasks.task_of("segmentation.blade") is None
    assert tasks.task_of(zoo.create("foe_s", experts=3, steps=1)) is None
    assert tasks.task_of(zoo.load("blade.tv_flow", steps=40)).steps == 40
    problem = zoo.create("reconstruction", blur=2.0, factor=1, weight=1.0)
    task = tasks.task_of(problem)
    assert (str(task.observation), task.sigma) == (str(layers.Blur(2.0)), 5.0)


def test_a_task_of_ones_own_goes_through_fit_train_and_evaluate(photograph_folder, tmp_path):
    source, task = training.open_source(photograph_folder), Speckle(0.3)
    assert tasks.from_dict({"kind": "speckle_of_a_test", "strength": 0.3}) == task
    pairs = training.training_pairs(source, task, channels=1, patch=32, batch=2, seed=0)
    model = zoo.create("perona_malik", steps=1)
    model.compile("adam", "mse", jit_compile=False)
    model.fit(pairs, steps_per_epoch=1, shuffle=False, verbose=0)

    recipe = training.Recipe(
        *("perona_malik.speckle", {"steps": 1}, task),
        epochs=1,
        steps_per_epoch=2,
        batch=2,
        patch=32,
        validation_size=48,
        jit_compile=False,
    )
    run = tmp_path / "run"
    trained = training.train(recipe, source, run, console=Console(quiet=True))
    record = json.loads((run / "recipe.json").read_text())["recipe"]
    assert record["task"] == {"kind": "speckle_of_a_test", "strength": 0.3}
    assert training.Recipe.from_dict(record) == recipe

    result, _ = tasks.evaluate(trained, source.part([0]), task, crop=64)
    assert result["task"] == record["task"]
    assert result["data"] == {"name": "photographs", "crop": 64}
    assert tasks.task_words(result["task"]) == "speckle of 0.3"
    assert tasks.data_words(result["data"]) == "photographs, centre 64²"


def test_a_task_names_the_metric_of_its_training(photograph_folder, tmp_path):
    recipe = training.Recipe(
        *("perona_malik.darkening", {"steps": 1}, Darkening()),
        epochs=1,
        steps_per_epoch=1,
        batch=2,
        patch=32,
        validation_size=48,
        jit_compile=False,
    )
    source = training.open_source(photograph_folder)
    training.train(recipe, source, tmp_path / "run", console=Console(quiet=True), keep_best=True)
    header, row = (tmp_path / "run" / "log.csv").read_text().splitlines()
    reached = dict(zip(header.split(","), row.split(","), strict=True))
    assert 0 < float(reached["val_ssim"]) <= 1


def test_old_names_work_and_say_what_is_new():
    for name, found in (("GaussianNoise", tasks.GaussianNoise), ("psnr", tasks.psnr)):
        with pytest.warns(DeprecationWarning, match=rf"imagepde\.tasks\.{name}"):
            assert getattr(training, name) is found
    with pytest.warns(DeprecationWarning, match="GaussianNoise"):
        assert training.GaussianNoiseRange(5, 55) == tasks.GaussianNoise((5, 55))
    with pytest.raises(AttributeError):
        training.nothing  # noqa: B018
    model = zoo.create("foe_s", experts=3, steps=1)
    with pytest.warns(DeprecationWarning, match="task"), pytest.raises(InputError, match="register"):
        tasks.evaluate(model, [], degradation=tasks.Degradation())
    assert keras.saving.get_registered_object("imagepde>PSNR") is tasks.PSNR


def test_recipes_refuse_what_they_do_not_know():
    with pytest.raises(InputError, match="its `task`"):
        training.recipe("trd.gauss25", sigma=30)
    with pytest.raises(InputError, match="must be a `Task`"):
        training.recipe("trd.gauss25", task={"kind": "jpeg", "quality": 10})
    old = {**training.recipe("trd.gauss25").to_dict(), "sigma": 25}
    with pytest.raises(InputError, match="has no 'sigma'"):
        training.Recipe.from_dict(old)
