"""Export: models of every architecture, verified, and run where nothing knows of imagepde."""

import csv
import dataclasses
from pathlib import Path

import keras
import pytest
from checks.exports import FreshProcess, export_and_look, run_in_a_fresh_process, size_for
from checks.models import covering_kinds, quick, smaller
from imagepde import export, layers, zoo
from imagepde.errors import InputError
from imagepde.export import forms

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A process that knows nothing of imagepde."""
    process = FreshProcess(tmp_path_factory.mktemp("fresh"))
    yield process
    process.end()


@pytest.mark.slow
def test_models_agree_in_every_form_and_run_in_a_fresh_process(
    exported, every_model, fresh, tmp_path, rng
):
    """Small models with every layer class of the zoo; with `--every-model` all pretrained ones."""
    model = quick(exported) if every_model else smaller(exported)
    # Every layer class goes through LiteRT, whose converter knows fewest operations. For other forms it
    # is the kind of picture that makes a difference. In `test_encoded` small models take a mask or a
    # displacement, or magnify.
    of_any_kind = every_model or exported in covering_kinds()
    for form in export.FORMS if of_any_kind else ("litert",):
        path = tmp_path / f"model{export.FORMS[form].suffix}"
        export_and_look(exported, model, path, form)
        run_in_a_fresh_process(fresh, model, path, form, rng)
    if of_any_kind:
        path = tmp_path / "of_one_size.tflite"
        export_and_look(exported, model, path, "litert", size_for(model))


@pytest.mark.parametrize("form", export.FORMS)
def test_a_file_says_which_model_it_is(form, tmp_path):
    name = "perona_malik.gauss25"
    path = tmp_path / f"model{export.FORMS[form].suffix}"
    export.export(zoo.load(name), path, form)
    about = export.metadata(path)
    assert about["model"] == name
    assert about["state"] == "published"
    assert about["licence"] == zoo.card(name).licence


def test_a_model_of_one_size_refuses_others(tmp_path):
    with pytest.raises(InputError, match="64×64 pixels only"):
        export.export(
            zoo.load("linear_diffusion.heat"), tmp_path / "a.tflite", "litert", size=(128, 128)
        )


def test_bad_destinations_are_refused_before_any_work(tmp_path):
    model = zoo.create("perona_malik", steps=2)
    (tmp_path / "there").mkdir()
    for path, to, message in [
        (tmp_path / "nowhere" / "model", "saved_model", "no folder"),
        (tmp_path / "there", "saved_model", "exists already"),
        (tmp_path / "model.bin", "litert", r"\.tflite"),
        (tmp_path / "model.bin", "onnx", r"An ONNX file must end with \.onnx"),
        (tmp_path / "model", "onnxx", "must be one of"),
    ]:
        with pytest.raises(InputError, match=message):
            export.export(model, path, to)
    for options, message in [
        ({"to": "saved_model", "precision": "int8"}, "goes with to='litert'"),
        ({"to": "onnx", "size": (64, 64)}, "any size"),
        ({"to": "litert", "size": (4, 64)}, "at least 8"),
        ({"to": "litert", "size": 64}, "a height and a width"),
        ({"to": "litert", "precision": "int4"}, "must be one of"),
        ({"to": "litert", "calibration": []}, "goes with precision='int8'"),
        ({"to": "litert", "precision": "float16"}, "give `degradation`"),
    ]:
        path = tmp_path / f"model{export.FORMS[options['to']].suffix}"
        with pytest.raises(InputError, match=message):
            export.export(model, path, **options)
    assert [f.name for f in tmp_path.iterdir()] == ["there"]


def test_a_file_that_disagrees_does_not_stay(tmp_path, monkeypatch):
    right = forms.FORMS["litert"]

    def wrong(path):
        return lambda image: right.run(path)(image) + 1e-3

    monkeypatch.setitem(forms.FORMS, "litert", dataclasses.replace(right, run=wrong))
    with pytest.raises(export.ExportError, match=r"0\.001"):
        export.export(zoo.create("perona_malik", steps=2), tmp_path / "model.tflite", "litert")
    assert not list(tmp_path.iterdir())


def test_a_file_is_verified_again_later(tmp_path):
    path = tmp_path / "model.onnx"
    model = zoo.load("perona_malik.gauss25")
    export.export(model, path, "onnx")
    assert export.verify(path).agrees
    assert not export.verify(path, zoo.load("perona_malik.gauss50")).agrees
    other = zoo.load("perona_malik.gauss25")
    other.set_weights([0.9 * w for w in other.get_weights()])
    export.export(other, path, "onnx")
    assert export.metadata(path)["state"] == "changed"
    with pytest.raises(InputError, match="give the model"):
        export.verify(path)
    assert export.verify(path, other).agrees
    for missing in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InputError, match="exported model"):
            export.verify(missing)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_a_blur_and_its_adjoint(form, tmp_path):
    """Which no small model has."""

    @keras.saving.register_keras_serializable(package="tests")
    class Blurred(layers.ImageLayer):
        traits = layers.Traits(reach=2, smallest_side=2)

        def call(self, inputs):
            blur = layers.Blur(0.4)
            return blur.adjoint(blur.apply(inputs))

    image = keras.Input((None, None, 1))
    model = keras.Model(image, Blurred()(image))
    assert export.export(model, tmp_path / f"m{export.FORMS[form].suffix}", form).agrees


@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_operations_that_a_form_lacks_are_named(form, tmp_path):
    @keras.saving.register_keras_serializable(package="tests")
    class Lacking(keras.layers.Layer):
        def call(self, inputs):
            import tensorflow as tf

            return tf.math.lgamma(tf.math.erfinv(inputs))

    image = keras.Input((None, None, 1))
    with pytest.raises(InputError, match=r"does not have Erfinv|lacks Erfinv, Lgamma"):
        export.export(
            keras.Model(image, Lacking()(image)), tmp_path / f"m{export.FORMS[form].suffix}", form
        )
    assert not list(tmp_path.iterdir())


def test_the_table_in_the_documentation_is_of_every_model_as_it_is():
    path = Path(__file__).parents[1] / "docs" / "exports.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    forms = {}
    for row in rows:
        form = row["form"], row["precision"], row["size"]
        forms.setdefault(row["model"], set()).add(form)
        # Weights that were trained anew need files that are compared anew.
        assert row["sha256"] == (zoo.card(row["model"]).sha256 or ""), row["model"]
        for measured in ("bytes", "seconds_per_megapixel"):
            assert bool(row["reason"]) != bool(row[measured]), row
        if row["precision"] == "float32":
            assert not row["reason"], row
        elif not row["reason"] and row["psnr_loss"]:
            assert float(row["psnr_loss"]) <= 0.1, row
        if row["model"].startswith("blade.") and row["precision"] == "float16":
            assert int(row["bytes"]) < 100_000, row
    assert sorted(forms) == zoo.list_models()
    assert len(set(map(frozenset, forms.values()))) == 1
    assert set(export.FORMS) == {form for form, *_ in next(iter(forms.values()))}
