"""Presets: what is published is opened again by all that open presets, and nothing else is."""

import dataclasses
import json
import shutil

import keras
import numpy as np
import pytest
from checks.presets import FILES, refused
from imagepde import tasks, training, zoo
from imagepde.errors import InputError
from imagepde.training.run_folder import RunFolder
from imagepde.zoo import presets

NAME, TERMS = "perona_malik.mine", "my photographs, CC0"


@pytest.fixture
def preset(published, tmp_path):
    return shutil.copytree(published, tmp_path / "models" / "denoiser")


@pytest.fixture
def finished(tmp_path):
    """A run folder as a training leaves it."""
    run = RunFolder(tmp_path / "run")
    recipe = training.recipe("perona_malik.gauss25", config={"steps": 2}, epochs=1)
    model = zoo.create("perona_malik", steps=2, contrast=0.07)
    with run.started(recipe, {"name": "mine", "pictures": 3}, resume=False):
        run.log.write_text("epoch,seconds,loss,val_psnr\n1,2,0.1,27.5\n")
        model.save_weights(run.weights)
        model.save(run.model)
    return run.path


def image():
    return np.random.default_rng(0).random((1, 16, 16, 1), dtype=np.float32)


def test_a_preset_is_opened_by_all_that_open_presets(published):
    assert sorted(file.name for file in published.iterdir()) == FILES
    original = zoo.load("perona_malik.gauss25")
    for opened in (
        zoo.load(str(published)),
        zoo.open_model(published),
        zoo.ZooModel.from_preset(str(published)),
        keras.saving.load_model(published),
    ):
        assert type(opened) is zoo.ZooModel
        assert opened.get_weights() == original.get_weights(), "each is one number"
        card = opened.card
        assert (card.weights, len(card.sha256)) == ("model.weights.h5", 64)
        changed = {"weights": card.weights, "sha256": card.sha256}
        assert card == dataclasses.replace(original.card, **changed)
    assert zoo.card(str(published)) == card
    assert tasks.task_of(str(published)) == tasks.task_of("perona_malik.gauss25")


def test_loading_takes_the_options_of_the_zoo(published):
    model = zoo.load(str(published), steps=3, name="other", trainable=False)
    assert (model.name, model.trainable) == ("other", False)
    assert model.get_layer("evolution").steps == 3
    half = zoo.ZooModel.from_preset(str(published), dtype="mixed_bfloat16")
    assert half.layers[-1].compute_dtype == "bfloat16"
    new = zoo.ZooModel.from_preset(str(published), load_weights=False)
    assert new.card is None
    assert new.get_config()["layers"][1]["config"].get("card") is None
    with pytest.raises(InputError, match="no argument of 'perona_malik'"):
        zoo.load(str(published), stages=3)


def test_the_page_says_how_it_is_loaded_and_what_it_may_be_used_for(published):
    page = (published / "README.md").read_text()
    assert page.startswith("---\nlibrary_name: keras\nlicense: apache-2.0\n")
    assert 'zoo.load("./denoiser")' in page
    assert "Removes Gaussian noise σ=25/255." in page
    assert zoo.card(str(published)).sha256 in page


def test_a_model_without_a_card_is_saved_too(tmp_path):
    model = zoo.create("foe_s", experts=3, steps=1)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    model.save_to_preset(tmp_path / "mine")
    loaded = zoo.load(str(tmp_path / "mine"))
    assert loaded.card is None
    for one, other in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(InputError, match="no card"):
        zoo.card(str(tmp_path / "mine"))
    with pytest.raises(InputError, match="no card"):
        zoo.load(str(tmp_path / "mine"), steps=2)


def test_results_go_with_the_weights_that_were_measured(published, tmp_path):
    assert zoo.card(str(published)).results
    model = zoo.load(str(published))
    model.save_to_preset(tmp_path / "same")
    assert zoo.card(str(tmp_path / "same")).results
    model.set_weights([1.01 * weight for weight in model.get_weights()])
    model.save_to_preset(tmp_path / "other")
    assert zoo.card(str(tmp_path / "other")).results == []
    assert model.card.results, "the model itself is left as it is"
    model = zoo.load("perona_malik.gauss25")
    model.set_weights([1.01 * weight for weight in model.get_weights()])
    model.save_to_preset(tmp_path / "same")
    assert zoo.card(str(tmp_path / "same")).results == [], "a preset that is there is replaced"


def test_what_is_loaded_by_name_is_loaded_anew_when_it_changed(preset):
    picture = image()[0, ..., 0]
    before = zoo.restore(picture, str(preset))
    np.testing.assert_array_equal(before, zoo.restore(picture, "perona_malik.gauss25"))
    zoo.create("perona_malik", steps=1).save_to_preset(preset)
    assert not np.array_equal(zoo.restore(picture, str(preset)), before)


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("config.json", lambda content: content.replace(b"20", b"21"), "config.json is not what"),
        ("card.json", lambda content: content + b" ", "card.json is not what"),
        ("model.weights.h5", lambda content: content[:-1] + b"x", "model.weights.h5 is not what"),
        ("model.weights.h5", lambda content: b"", "model.weights.h5 is not what"),
        ("metadata.json", lambda content: content[:50], "damaged"),
        ("metadata.json", lambda content: b"[]", "no checksums"),
        ("metadata.json", lambda content: b'{"sha256": {"../../x": "0"}}', "no checksums"),
        ("metadata.json", lambda content: b'{"keras_version": "3.15.1"}', "no checksums"),
        ("metadata.json", None, "holds no 'metadata.json'"),
        ("config.json", None, "holds no 'config.json'"),
    ],
)
def test_what_is_damaged_or_not_ours_is_refused_in_one_line(preset, part, change, message):
    file = preset / part
    content = file.read_bytes()
    file.unlink()
    if change is not None:
        file.write_bytes(change(content))
    refused(str(preset), message)


def summed(folder, part, content):
    """Writes a part with the right checksum, as somebody would who means harm."""
    (folder / part).write_bytes(content)
    metadata = json.loads((folder / "metadata.json").read_text())
    metadata["sha256"][part] = presets._digest(content)
    (folder / "metadata.json").write_text(json.dumps(metadata))


def test_weights_and_card_must_belong_together(preset):
    other = zoo.create("perona_malik", contrast=0.3)
    other.save_weights(preset / "other.weights.h5")
    summed(preset, "model.weights.h5", (preset / "other.weights.h5").read_bytes())
    refused(str(preset), "not the weights of its card")


def test_card_and_model_must_belong_together(preset):
    card = json.loads((preset / "card.json").read_text())
    summed(preset, "card.json", json.dumps({**card, "licence": "CC0-1.0"}).encode())
    with pytest.raises(InputError, match="not the card of the model"):
        zoo.load(str(preset))


def test_code_in_a_preset_is_not_run(preset):
    lambdas = keras.Sequential(
        [keras.Input((None, None, 1)), keras.layers.Lambda(lambda x: x, output_shape=(None, None, 1))]
    )
    config = json.dumps(keras.saving.serialize_keras_object(lambdas)).encode()
    summed(preset, "config.json", config)
    with pytest.raises(InputError, match="'Lambda' runs code"):
        zoo.load(str(preset))


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("mine")
    model = zoo.create("perona_malik")
    with pytest.raises(InputError, match="something else"):
        model.save_to_preset(tmp_path / "letters")
    with pytest.raises(InputError, match="is a file"):
        model.save_to_preset(tmp_path / "letters" / "a.txt")
    assert [file.name for file in (tmp_path / "letters").iterdir()] == ["a.txt"]
    with pytest.raises(InputError, match="There is no folder"):
        zoo.load("nowhere/model")


def test_a_run_is_published_and_measured_by_commands(
    imagepde, finished, tmp_path, photograph_folder, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    code, text = imagepde("publish", "run", "--to", "models")
    assert (code, "terms" in text) == (2, True)
    assert not (tmp_path / "models").exists()
    arguments = ("publish", "run", "--to", "models", "--name", NAME, "--terms", TERMS)
    code, text = imagepde(*arguments, "--licence", "CC-BY-4.0")
    assert (code, text.splitlines()[-1][:10]) == (0, "Published "), text
    name = f"models/{NAME}"
    card = zoo.card(name)
    assert (card.name, card.licence) == (NAME, f"CC-BY-4.0; trained on {TERMS}")
    assert card.training["data"] == {"name": "mine", "pictures": 3, "terms": TERMS}
    assert zoo.load(name).count_params() == zoo.create("perona_malik").count_params()
    arguments = ("evaluate", name, "--data", photograph_folder, "--first", "1", "--crop", "16")
    code, text = imagepde(*arguments, "--write-card")
    assert code == 0, text
    assert [result["data"]["name"] for result in zoo.card(name).results] == ["photographs"]
    assert imagepde("show", name)[1].splitlines()[0] == name
    zoo.write_picture("a.png", image()[0, ..., 0])
    assert imagepde("restore", "a.png", "b.png", "--model", name)[0] == 0
    again = training.publish_preset(name, tmp_path / "again")
    assert zoo.card(again).results == zoo.card(name).results


def test_what_is_not_published(tmp_path, finished, imagepde):
    plain = tmp_path / "plain.keras"
    zoo.create("perona_malik").save(plain)
    with pytest.raises(InputError, match="no card"):
        training.publish_preset(plain, tmp_path)
    for name in ("trd.mine", "perona_malik", "perona_malik./../x"):
        with pytest.raises(InputError, match=r"must be perona_malik\. and a tag"):
            training.publish_preset(finished, tmp_path, name=name, terms=TERMS)
    (finished / "model.keras").unlink()
    with pytest.raises(InputError, match="not finished"):
        training.publish_preset(finished, tmp_path, terms=TERMS)
    assert imagepde("publish", finished, "--licence", "MIT")[0] == 2
    with pytest.raises(InputError, match="in a preset on this disk"):
        training.add_result(str(plain), {})


def test_a_fine_tuned_model_says_what_it_was_tuned_on(tmp_path):
    model = zoo.load("perona_malik.gauss25")
    tuned = {"from": "perona_malik.gauss25", "pictures": 3, "targets": "none"}
    training_record = {**model.card.training, "finetuned": tuned}
    model.card = dataclasses.replace(
        model.card, training=training_record, results=[], sha256=None, weights=None
    )
    model.save(tmp_path / "tuned.keras")
    with pytest.raises(InputError, match="fine-tuning"):
        training.publish_preset(tmp_path / "tuned.keras", tmp_path)
    name = training.publish_preset(tmp_path / "tuned.keras", tmp_path, name=NAME, terms=TERMS)
    card = zoo.card(name)
    assert card.licence.endswith(f"; fine-tuned on {TERMS}")
    assert card.training["finetuned"] == {**tuned, "terms": TERMS}
    assert training.publish_preset(name, tmp_path / "b") == str(tmp_path / "b" / NAME)
