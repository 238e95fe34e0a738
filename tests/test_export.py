"""Export: every kind of pretrained model, loaded in a process that knows nothing of imagepde."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from checks.models import fitting, one_of_each_kind
from imagepde import export, zoo
from imagepde.export import exporting, verification
from imagepde.pde import InputError
from imagepde.zoo.restoration import takes_mask
from skimage import data

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)

RUN_SAVED_MODEL = """
import sys
sys.modules["imagepde"] = None  # it cannot be imported here
import numpy as np, tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
for k in (0, 1):
    x = np.load(f"{sys.argv[2]}/in{k}.npy")
    (by_name,) = model.signatures["serving_default"](tf.constant(x)).values()
    assert np.array_equal(by_name, model.serve(x))
    np.save(f"{sys.argv[2]}/out{k}.npy", by_name)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(model.serve(x) ** 2)
gradients = tape.gradient(loss, model.trainable_variables)
assert len(gradients) == int(sys.argv[3]) and all(g is not None for g in gradients)
"""

RUN_LITERT = """
import sys
sys.modules["imagepde"] = sys.modules["tensorflow"] = sys.modules["keras"] = None
import numpy as np
from ai_edge_litert.interpreter import Interpreter
runner = Interpreter(model_path=sys.argv[1]).get_signature_runner()
(name,) = runner.get_input_details()
for k in (0, 1):
    (y,) = runner(**{name: np.load(f"{sys.argv[2]}/in{k}.npy")}).values()
    np.save(f"{sys.argv[2]}/out{k}.npy", y)
"""


def photograph(model, shape, rng):
    """A piece of a photograph that a model takes, with a mask of known pixels if it wants one."""
    batch, height, width, channels = fitting(model, shape)
    image = data.astronaut()[:height, :width, :channels].astype("float32")[None] / 255
    if takes_mask(model):
        image[..., -1] = rng.random((batch, height, width)) < 0.2
    return image


@pytest.mark.slow
@pytest.mark.parametrize("name", one_of_each_kind())
@pytest.mark.parametrize(("to", "program"), [("saved_model", RUN_SAVED_MODEL), ("litert", RUN_LITERT)])
def test_export_agrees_in_a_fresh_process(name, to, program, tmp_path, rng):
    if to == "litert":
        pytest.importorskip("ai_edge_litert")
    # Steps are a loop in the file: of hundreds, some are enough to see that it runs.
    many = zoo.card(name).config.get("steps", 0) > 100
    model = zoo.load(name, **({"steps": 30} if many else {}))
    path = tmp_path / ("model.tflite" if to == "litert" else "model")
    difference = export.export(model, path, to)
    assert difference <= 1e-6 or to == "litert"
    images = [photograph(model, shape, rng) for shape in ((1, 40, 50, 1), (1, 97, 33, 1))]
    for k, image in enumerate(images):
        np.save(tmp_path / f"in{k}.npy", image)
    trainable = str(len(model.trainable_weights))
    command = [sys.executable, "-c", program, str(path), str(tmp_path), trainable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for k, image in enumerate(images):
        exported = np.load(tmp_path / f"out{k}.npy")
        difference, allowed = verification.deviation(model, image, exported)
        # What TensorFlow runs is what the file holds; other kernels may round in another way.
        assert difference <= (1e-6 if to == "saved_model" else allowed)


def test_bad_destinations_are_refused_before_any_work(tmp_path):
    model = zoo.create("perona_malik", steps=2)
    (tmp_path / "there").mkdir()
    for path, to, message in [
        (tmp_path / "nowhere" / "model", "saved_model", "no folder"),
        (tmp_path / "there", "saved_model", "exists already"),
        (tmp_path / "model.bin", "litert", r"\.tflite"),
        (tmp_path / "model", "onnxx", "must be one of"),
    ]:
        with pytest.raises(InputError, match=message):
            export.export(model, path, to)
    assert [f.name for f in tmp_path.iterdir()] == ["there"]


def test_a_file_that_disagrees_does_not_stay(tmp_path, monkeypatch):
    def write_wrong(model, path):
        path.write_text("wrong")
        return lambda image: np.asarray(model(image)) + 1e-3

    monkeypatch.setitem(exporting.FORMATS, "litert", write_wrong)
    with pytest.raises(export.ExportError, match=r"0\.001"):
        export.export(zoo.create("perona_malik", steps=2), tmp_path / "model.tflite", "litert")
    assert not list(tmp_path.iterdir())
