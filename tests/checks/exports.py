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
import json, sys, traceback
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

for line in sys.stdin:
    form, path, images, results = json.loads(line)
    try:
        with np.load(images) as given:
            found = list(globals()[form](path, list(given.values())))
        np.savez(results, *found)
        print("done", flush=True)
    except Exception:
        print(json.dumps(traceback.format_exc()), flush=True)
"""


class FreshProcess:
    """A process that cannot import imagepde and applies files of it, one after the other.

    Args:
        folder: For what is sent to and fro.
    """

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", FRESH],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def apply(self, form, path, images):
        """What a file makes of each image; of a SavedModel then the number of gradients, too."""
        given, results = self.folder / "images.npz", self.folder / "results.npz"
        results.unlink(missing_ok=True)
        np.savez(given, *images)
        request = json.dumps([form, *map(str, (path, given, results))])
        print(request, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer == "done\n", json.loads(answer or '"The process has died."')
        with np.load(results) as found:
            return list(found.values())

    def end(self):
        self.process.kill()
        self.process.communicate()


def export_and_look(name, model, path, form, size=None):
    """Exports a model, and looks at what the file says."""
    own = model.input_shape[1:3]
    report = export.export(model, path, form, size=size)
    assert report.agrees
    assert report.difference <= 1e-6 or form != "saved_model"
    about = export.metadata(path)
    assert about["input"]["range"] == [0, 1]
    expected = size if None in own else own
    assert about["input"]["size"] == (None if expected is None else list(expected))
    assert len(about["input"]["channels"]) == model.input_shape[-1]
    assert about.get("state") != "published" or not changes_for_tests(name)


def size_for(model):
    """The one size of a model, or one for a file that is for one size alone."""
    own, least = model.input_shape[1:3], zoo.traits(model).smallest_side
    return own if None not in own else tuple(max(least, side) for side in (48, 64))


def photograph(model, shape, rng):
    """A piece of a photograph that a model takes, with a mask of known pixels if it wants one."""
    batch, height, width, channels = fitting(model, shape)
    image = data.astronaut()[:height, :width, :channels].astype("float32")[None] / 255
    if zoo.traits(model).takes == "mask":
        image[..., -1] = rng.random((batch, height, width)) < 0.2
    return image


def run_in_a_fresh_process(fresh, model, path, form, rng):
    """Runs a file for any size in a process that cannot import imagepde, and compares."""
    images = [photograph(model, shape, rng) for shape in ((1, 40, 50, 1), (1, 97, 33, 1))]
    results = fresh.apply(form, path, images)
    if form == "saved_model":
        assert results.pop() == len(model.trainable_weights)
    for image, found in zip(images, results, strict=True):
        difference, allowed = agreement.deviation(model, image, found)
        # What TensorFlow runs is what the file holds; other kernels may round in another way.
        assert difference <= (1e-6 if form == "saved_model" else allowed)
