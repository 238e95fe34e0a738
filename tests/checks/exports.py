"""Exported models: written and compared here, and run where nothing knows of imagepde."""

import json
import subprocess
import sys

import numpy as np
from imagepde import export, zoo
from imagepde.export import agreement
from skimage import data

from .models import changes_for_tests, fitting

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


def export_and_look(name, model, folder):
    """Exports a model into a folder in every form, and looks at what the files say."""
    own = model.input_shape[1:3]
    least = zoo.traits(model).smallest_side
    fixed = own if None not in own else tuple(max(least, side) for side in (48, 64))
    for form, size in [*((form, None) for form in export.FORMS), ("litert", fixed)]:
        kind = form if size is None else "litert_of_one_size"
        path = folder / f"{name}.{kind}{export.FORMS[form].suffix}"
        report = export.export(model, path, form, size=size)
        assert report.agrees
        assert report.difference <= 1e-6 or form != "saved_model", name
        about = export.metadata(path)
        assert about["input"]["range"] == [0, 1]
        assert about["input"]["size"] == (None if size is None and None in own else list(fixed))
        assert len(about["input"]["channels"]) == model.input_shape[-1]
        assert about.get("state") != "published" or not changes_for_tests(name)


def photograph(model, shape, rng):
    """A piece of a photograph that a model takes, with a mask of known pixels if it wants one."""
    batch, height, width, channels = fitting(model, shape)
    image = data.astronaut()[:height, :width, :channels].astype("float32")[None] / 255
    if zoo.traits(model).takes == "mask":
        image[..., -1] = rng.random((batch, height, width)) < 0.2
    return image


def run_in_a_fresh_process(models, folder, rng):
    """Runs what `export_and_look` wrote in a process that cannot import imagepde, and compares."""
    files = []
    for name, model in models.items():
        for k, shape in enumerate(((1, 40, 50, 1), (1, 97, 33, 1))):
            np.save(folder / f"{name}.{k}.npy", photograph(model, shape, rng))
        for form, record in export.FORMS.items():
            files.append((name, form, str(folder / f"{name}.{form}{record.suffix}")))
    command = [sys.executable, "-c", FRESH, str(folder), json.dumps(files)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, form, _ in files:
        for k in (0, 1):
            image = np.load(folder / f"{name}.{k}.npy")
            exported = np.load(folder / f"{name}.{form}.{k}.npy")
            difference, allowed = agreement.deviation(models[name], image, exported)
            # What TensorFlow runs is what the file holds; other kernels may round in another way.
            assert difference <= (1e-6 if form == "saved_model" else allowed), (name, form)
        if form == "saved_model":
            trainable = np.load(folder / f"{name}.{form}.2.npy")
            assert trainable == len(models[name].trainable_weights)
