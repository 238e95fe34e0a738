"""Recipes as TOML files, and settings that are changed by name."""

import pytest
from imagepde import training, zoo
from imagepde.errors import InputError

FILE = """
base = "trd.gauss25"
name = "trd.strong"
epochs = 3

[task]
sigma = 33

[config]
filters = 32
"""


def test_a_file_changes_what_its_base_says(tmp_path):
    (tmp_path / "strong.toml").write_text(FILE)
    (tmp_path / "more.toml").write_text('base = "strong.toml"\nlearning_rate = 1e-3\n')
    found = training.read_recipe(tmp_path / "more.toml")
    base = training.recipe("trd.gauss25")
    assert (found.name, found.epochs, found.task.sigma) == ("trd.strong", 3, 33)
    assert (found.learning_rate, found.config["filters"]) == (1e-3, 32)
    assert (found.batch, found.patch) == (base.batch, base.patch)


def test_a_file_needs_no_base(tmp_path):
    recipe = training.recipe("foe_s.gauss25")
    lines = ['name = "foe_s.mine"', "epochs = 2", "[config]", "steps = 4"]
    lines += ["[task]", 'kind = "jpeg"', "quality = 20"]
    (tmp_path / "mine.toml").write_text("\n".join(lines))
    found = training.read_recipe(tmp_path / "mine.toml")
    assert found.task.quality == 20
    assert found.steps_per_epoch == recipe.steps_per_epoch
    (tmp_path / "other.toml").write_text(
        'base = "foe_s.gauss25"\n[task]\nkind = "jpeg"\nquality = 10\n'
    )
    assert training.read_recipe(tmp_path / "other.toml").task.quality == 10


def test_five_settings():
    settings = ["epochs=2", "learning_rate=1e-3", "task.sigma=33", "config.filters=32", "seed=7"]
    found = training.with_settings(training.recipe("trd.gauss25"), settings)
    assert (found.epochs, found.learning_rate, found.task.sigma) == (2, 1e-3, 33)
    assert (found.config, found.seed) == ({"filters": 32}, 7)
    # One strength, or a range of them.
    ranged = training.with_settings(found, ["task.sigma=[5, 55]"])
    assert list(ranged.task.sigma) == [5, 55]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("epochs", "KEY=VALUE"),
        ("epoch=3", "epochs"),
        ("epochs=2.5", "must be like"),
        ('learning_rate="fast"', "must be like"),
        ("task.sigma=10%", "a number without a unit"),
        ("task.sigmas=3", "sigma"),
        ("name.x=3", "no settings within"),
    ],
)
def test_wrong_settings_are_refused(setting, message):
    with pytest.raises(InputError, match=message):
        training.with_settings(training.recipe("trd.gauss25"), [setting])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = = 3", "no TOML"),
        ("base = 3", "name of a recipe"),
        ('base = "trd.gaus25"', "trd.gauss25"),
        ('base = "a.toml"', "itself"),
        ("epochs = 3", "needs"),
    ],
)
def test_wrong_files_are_refused(text, message, tmp_path):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        training.read_recipe(tmp_path / "a.toml")
    with pytest.raises(InputError, match="There is no recipe"):
        training.read_recipe(tmp_path / "b.toml")


@pytest.mark.parametrize("name", training.list_recipes())
def test_every_recipe_can_be_a_file(name, tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text(training.recipe_text(training.recipe(name)), encoding="utf-8")
    assert training.read_recipe(file) == training.recipe(name)
    more = training.with_settings(training.recipe(name), ["optimizer=AdamW", "schedule=constant"])
    file.write_text(training.recipe_text(more), encoding="utf-8")
    assert training.read_recipe(file) == more


def test_the_command_shows_the_recipe_of_a_model(imagepde, tmp_path):
    code, text = imagepde("show", "foe_s.blind", "--recipe")
    assert code == 0
    (tmp_path / "recipe.toml").write_text(text)
    assert training.read_recipe(tmp_path / "recipe.toml") == training.recipe("foe_s.blind")
    code, text = imagepde("show", "eed.default", "--recipe")
    assert code == 2
    assert "not trained by a recipe" in text


@pytest.mark.slow
def test_the_command_takes_a_file_settings_and_weights(
    imagepde, photograph_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text('base = "perona_malik.gauss25"\nname = "perona_malik.mine"\n')
    options = ["--data", photograph_folder, "--epochs", "1", "--steps-per-epoch", "1"]
    start = tmp_path / "start.keras"
    zoo.load("perona_malik.gauss50").save(start)
    options += ["--set", "task.sigma=33", "--set", "validation=2", "--start", start]
    options += ["--set", "jit_compile=false"]
    code, text = imagepde("train", "mine.toml", *options)
    assert code == 0, text
    assert "perona_malik.mine: Gaussian noise σ=33/255; 18 pictures." in text
    run = training.run_folder.RunFolder(tmp_path / "run-perona_malik.mine")
    assert run.record()["recipe"]["task"]["sigma"] == 33
    # What it was trained with is in its folder.
    again = training.read_recipe(run.path)
    assert again.to_dict() == run.record()["recipe"]
