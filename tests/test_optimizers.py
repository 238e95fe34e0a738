"""Optimiser, schedule and precision of a recipe, by the names of Keras."""

import shutil

import keras
import numpy as np
import pytest
from imagepde import training
from imagepde.errors import InputError
from imagepde.training import callbacks
from imagepde.training.optimizers import make_optimizer
from imagepde.training.run_folder import RunFolder
from rich.console import Console

QUIET = Console(quiet=True)


def tiny(**changes):
    """The real recipe of the model that is trained fastest, made as small as it can be."""
    settings = {"epochs": 3, "config": {"steps": 1}, "steps_per_epoch": 3, "batch": 2, "patch": 32}
    rates = {"learning_rate": 1e-2, "final_learning_rate": 1e-3, "jit_compile": False}
    sizes = {"validation": 1, "validation_size": 48}
    return training.recipe("perona_malik.gauss25", **{**settings, **rates, **sizes, **changes})


def changed(*settings):
    return training.with_settings(tiny(), settings)


def test_without_settings_it_is_what_published_models_were_trained_with():
    optimizer = make_optimizer(tiny(epsilon=1e-12))
    assert type(optimizer) is keras.optimizers.Adam
    expected = keras.optimizers.schedules.CosineDecay(1e-2, 9, alpha=0.1)
    adam = keras.optimizers.Adam(expected, epsilon=1e-12, name=optimizer.name)
    assert optimizer.get_config() == adam.get_config()
    assert not {"optimizer", "schedule", "dtype_policy"} & set(tiny().to_dict())


def test_names_and_settings_are_those_of_keras():
    recipe = changed("optimizer=adamw", "optimizer.weight_decay=0.01", "optimizer.clipnorm=1")
    optimizer = make_optimizer(recipe)
    assert type(optimizer) is keras.optimizers.AdamW
    assert (optimizer.weight_decay, optimizer.clipnorm) == (0.01, 1)
    assert recipe.to_dict()["optimizer"] == {"name": "AdamW", "weight_decay": 0.01, "clipnorm": 1}
    assert training.Recipe.from_dict(recipe.to_dict()) == recipe
    sgd = make_optimizer(changed("optimizer.name=SGD", "optimizer.momentum=0.9", "schedule=constant"))
    assert (type(sgd), sgd.momentum) == (keras.optimizers.SGD, 0.9)
    assert float(sgd.learning_rate) == pytest.approx(1e-2)


def test_the_learning_rate_may_be_named_where_keras_has_it(tmp_path):
    text = 'base = "trd.gauss25"\n[optimizer]\nlearning_rate = 2e-3\nepsilon = 1e-9\nuse_ema = true\n'
    (tmp_path / "recipe.toml").write_text(text)
    recipe = training.read_recipe(tmp_path / "recipe.toml")
    assert (recipe.learning_rate, recipe.epsilon) == (2e-3, 1e-9)
    assert recipe.optimizer == {"use_ema": True}
    assert changed("optimizer.learning_rate=2e-3").learning_rate == 2e-3


@pytest.mark.parametrize(
    ("settings", "last"),
    [
        ([], 1e-3),
        (["schedule=constant"], 1e-2),
        (["schedule=polynomial"], 1e-3),
        (["schedule=ExponentialDecay"], 1e-3),
        (["schedule=InverseTimeDecay"], 1e-3),
        (["schedule.warmup_steps=3"], 1e-3),
        (["optimizer.gradient_accumulation_steps=3"], 1e-3),
        (["schedule=PolynomialDecay", "schedule.end_learning_rate=2e-3"], 2e-3),
        (["schedule={name='PiecewiseConstantDecay', boundaries=[3], values=[1e-2, 5e-3]}"], 5e-3),
    ],
)
def test_a_schedule_ends_with_the_training(settings, last):
    recipe = changed(*settings)
    optimizer = make_optimizer(recipe)
    updates = 9 // recipe.optimizer.get("gradient_accumulation_steps", 1)
    rate = optimizer._learning_rate
    end = rate(updates) if callable(rate) else rate
    assert float(end) == pytest.approx(last, rel=1e-5)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("optimizer=Adan", "did you mean Adam"),
        ("optimizer.clip_norm=1", "clipnorm"),
        ("optimizer.clipnorm=true", "must be a number"),
        ("optimizer.use_ema=1", "true or false"),
        ("optimizer.gradient_accumulation_steps=2.5", "whole number"),
        ("optimizer.gradient_accumulation_steps=1", "cannot be made"),
        ("optimizer.momentum=0.9", "Adam has no 'momentum'"),
        ("optimizer={clipnorm=1, clipvalue=1}", "Only one of"),
        ("optimizer.learning_rate=fast", "`learning_rate` must be a number"),
        ("schedule=cosin", "CosineDecay"),
        ("schedule={name='constant', alpha=1}", "no setting at all"),
        ("schedule=PiecewiseConstantDecay", "cannot be made"),
        ("dtype_policy=float16", "mixed_float16"),
        ("use_ema=true", r"optimizer\.use_ema"),
        ("batch=0", "at least 1"),
        ("epochs=-1", "at least 1"),
        ("final_learning_rate=1", "must not be larger"),
        ("learning_rate=nan", "a number"),
    ],
)
def test_wrong_settings_are_refused(setting, message):
    with pytest.raises(InputError, match=message) as caught:
        changed(setting)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        # Three steps an epoch, so that gradients are being added up where it is interrupted.
        ["optimizer=AdamW", "optimizer.use_ema=true", "optimizer.gradient_accumulation_steps=2"],
        pytest.param(
            ["optimizer=SGD", "optimizer.momentum=0.9", "optimizer.use_ema=true"],
            marks=pytest.mark.every_model,
        ),
        pytest.param(
            ["dtype_policy=mixed_float16", "optimizer.clipnorm=1.0", "schedule=constant"],
            marks=pytest.mark.every_model,
        ),
    ],
)
def test_a_run_is_resumed_exactly(settings, photograph_folder, tmp_path, monkeypatch):
    recipe, source = changed(*settings), training.open_source(photograph_folder, first=4)
    save, folders = callbacks.SaveCheckpoint.on_epoch_end, [tmp_path / "whole", tmp_path / "resumed"]

    def save_and_copy(self, epoch, logs=None):
        save(self, epoch, logs)
        if epoch == 0:
            shutil.copytree(*folders)

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.SaveCheckpoint, "on_epoch_end", save_and_copy)
        whole = training.train(recipe, source, folders[0], console=QUIET)
    resumed = training.train(recipe, source, folders[1], resume=True, console=QUIET)
    for a, b in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    rows = [RunFolder(folder).rows()[-1] for folder in folders]
    for row in rows:
        del row["seconds"]
    assert rows[0] == rows[1]
    assert RunFolder(folders[0]).record()["recipe"] == recipe.to_dict()


def test_averages_are_what_is_validated():
    """With a momentum close to 1 the averages stay where the first step led, wherever weights go."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.999999), loss="mse")
    pairs = np.ones((4, 1), "float32"), np.full((4, 1), 3, "float32")
    more = {"batch_size": 4, "validation_data": pairs, "verbose": 0}
    history = model.fit(*pairs, epochs=4, callbacks=[callbacks.ValidateAverages()], **more).history
    assert history["loss"][-1] < history["loss"][0] / 2
    assert history["val_loss"] == pytest.approx([history["val_loss"][0]] * 4, rel=1e-3)
    assert model.evaluate(*pairs, verbose=0) == pytest.approx(history["val_loss"][0], rel=1e-3)
