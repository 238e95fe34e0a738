"""Export: every kind of pretrained model, verified, and loaded where nothing knows of imagepde."""

import dataclasses
import json
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from checks.models import changes_for_tests, fitting, one_of_each_kind, quick
from imagepde import export, zoo
from imagepde.export import forms, verification
from imagepde.pde import InputError
from imagepde.zoo.restoration import takes_mask
from skimage import data

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)

FRESH = """
import json, sys
sys.modules["imagepde"] = sys.modules["keras"] = None  # they cannot be imported here
import numpy as np

def saved_model(path, images):
    import tensorflow as tf
    model = tf.saved_model.load(path)
    for image in images:
        (by_name,) = model.signatures["serving_default"](tf.constant(image)).values()
        assert np.array_equal(by_name, model.serve(image))
        yield by_name
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model.serve(images[0]) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    assert all(g is not None for g in gradients)
    yield np.array(len(gradients))

def litert(path, images):
    from ai_edge_litert.interpreter import Interpreter
    runner = Interpreter(model_path=path).get_signature_runner()
    (name,) = runner.get_input_details()
    for image in images:
        yield next(iter(runner(**{name: image}).values()))

def onnx(path, images):
    import onnxruntime
    session = onnxruntime.InferenceSession(path)
    for image in images:
        yield session.run(None, {session.get_inputs()[0].name: image})[0]

for name, form, path in json.loads(sys.argv[2]):
    images = [np.load(f"{sys.argv[1]}/{name}.{k}.npy") for k in (0, 1)]
    for k, result in enumerate(globals()[form](path, images)):
        np.save(f"{sys.argv[1]}/{name}.{form}.{k}.npy", result)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the exports of this module are, so that one process can look at all of them."""
    return tmp_path_factory.mktemp("exports")


def photograph(model, shape, rng):
    """A piece of a photograph that a model takes, with a mask of known pixels if it wants one."""
    batch, height, width, channels = fitting(model, shape)
    image = data.astronaut()[:height, :width, :channels].astype("float32")[None] / 255
    if takes_mask(model):
        image[..., -1] = rng.random((batch, height, width)) < 0.2
    return image


@pytest.mark.slow
@pytest.mark.parametrize("form", export.FORMS)
@pytest.mark.parametrize("name", one_of_each_kind())
def test_every_kind_agrees_in_every_form(name, form, folder):
    model = quick(name)
    path = folder / f"{name}.{form}{export.FORMS[form].suffix}"
    report = export.export(model, path, form)
    assert report.agrees
    assert report.difference <= 1e-6 or form != "saved_model"
    about = export.metadata(path)
    assert about["model"] == name
    assert about["licence"] == zoo.card(name).licence
    assert about["input"]["range"] == [0, 1]
    assert len(about["input"]["channels"]) == model.input_shape[-1]
    assert about["state"] == ("changed" if changes_for_tests(name) else "published")


@pytest.mark.slow
def test_what_was_exported_runs_in_a_fresh_process(folder, rng):
    files, pattern = [], rf"(.*?)\.({'|'.join(export.FORMS)})(?:\.\w+)?"
    for path in sorted(folder.iterdir()):
        name, form = re.fullmatch(pattern, path.name).groups()
        files.append((name, form, str(path)))
    if not files:
        pytest.skip("nothing was exported in this run")
    models = {name: quick(name) for name, *_ in files}
    for name, model in models.items():
        for k, shape in enumerate(((1, 40, 50, 1), (1, 97, 33, 1))):
            np.save(folder / f"{name}.{k}.npy", photograph(model, shape, rng))
    command = [sys.executable, "-c", FRESH, str(folder), json.dumps(files)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, form, _ in files:
        for k in (0, 1):
            image = np.load(folder / f"{name}.{k}.npy")
            exported = np.load(folder / f"{name}.{form}.{k}.npy")
            difference, allowed = verification.deviation(models[name], image, exported)
            # What TensorFlow runs is what the file holds; other kernels may round in another way.
            assert difference <= (1e-6 if form == "saved_model" else allowed), (name, form)
        if form == "saved_model":
            trainable = np.load(folder / f"{name}.{form}.2.npy")
            assert trainable == len(models[name].trainable_weights)


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
