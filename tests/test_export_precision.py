"""Other arithmetic than float32: what is stored, what is computed with it, and what it costs."""

import functools
import json

import keras
import numpy as np
import pytest
from checks.models import smaller
from imagepde import export, tasks, training, zoo
from imagepde.errors import InputError
from imagepde.export import agreement, flatbuffer, litert
from imagepde.export.description import contradictions
from skimage import data

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)


load = functools.cache(zoo.load)


@pytest.fixture(scope="module", autouse=True)
def converted_once():
    """Each model is converted once for a size: these tests are about what is made of that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(litert, "converted", functools.cache(litert.converted))
        yield


def operations(path):
    """The operations of a LiteRT file, by name, each with the type of its weights or first input."""
    from ai_edge_litert import schema_py_generated as schema

    names = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
    types = {v: k for k, v in vars(schema.TensorType).items() if isinstance(v, int)}
    tables = flatbuffer.read(path.read_bytes())
    for graph in tables.subgraphs:
        for operation in graph.operators:
            code = tables.operatorCodes[operation.opcodeIndex].builtinCode
            inputs = [graph.tensors[k] for k in operation.inputs if k >= 0]
            yield names[code], [types[tensor.type] for tensor in inputs], inputs


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float16", "dynamic_int8", "int8"])
def test_convolutions(precision, tmp_path):
    model = load("diffnet.pm_inverse_noise1")
    exact, path = tmp_path / "exact.tflite", tmp_path / "small.tflite"
    size = (96, 96) if precision == "int8" else None
    litert.write(model, exact, size)
    before = exact.stat().st_size
    report = export.export(model, path, "litert", precision, size)
    assert report.agrees
    assert report.psnr_loss <= 0.1
    assert report.bytes < {"float16": 0.65, "dynamic_int8": 0.45, "int8": 0.5}[precision] * before
    found = [(types[1], inputs[1]) for name, types, inputs in operations(path) if name == "CONV_2D"]
    assert ("INT8" in dict(found)) == (precision != "float16")
    if precision == "int8":
        # Nothing is lost with all that can be in integers, so all are, by several columns at once.
        assert {kind == "INT8" for kind, kernel in found if kernel.shape[3] >= 8} == {True}
        assert max(kernel.shape[3] for _, kernel in found) == 64
    about = export.metadata(path)
    assert about["precision"] == precision
    assert about["verified"]["psnr_loss"] == pytest.approx(report.psnr_loss)
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    for details in interpreter.get_input_details() + interpreter.get_output_details():
        assert details["dtype"] == np.float32
    # It is known by its contents, whatever it says: that is all that `verify` complains of.
    assert litert.contents(path) == (precision, size)
    assert contradictions(about, model, precision, size) == ()
    litert.attach(path, json.dumps({**about, "precision": "float32"}))
    wrong = f"it says that its precision is 'float32', but it is '{precision}'"
    assert export.verify(path).complaint == wrong


@pytest.mark.slow
def test_calibration_with_pictures_of_ones_own(tmp_path):
    model = load("diffnet.pm_inverse_noise1")
    task = training.recipe("diffnet.pm_inverse_noise1").task
    picture = data.brick()[:288, :288].reshape(3, 96, 3, 96).swapaxes(1, 2).reshape(-1, 96, 96)
    images = [task.degrade(piece.astype("float32") / 255, 0)[..., None] for piece in picture]
    path = tmp_path / "model.tflite"
    # A wall has no strong edges: it is not what calibrates a file for photographs.
    with pytest.raises(export.ExportError, match=r"loses .* dB of .* dB on Perona–Malik"):
        export.export(model, path, "litert", "int8", (96, 96), calibration=images[:1])
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="needs images"):
        export.export(model, path, "litert", "int8", (96, 96), calibration=[])


@pytest.mark.slow
def test_selection_stays_in_float32(tmp_path):
    model = load("blade.tv_flow")
    path = tmp_path / "blade.tflite"
    report = export.export(model, path, "litert", "float16")
    assert report.bytes < 100_000
    found = list(operations(path))
    stored = [inputs[0] for name, types, inputs in found if name == "CAST" and types[0] == "FLOAT16"]
    # Only the tables from which the taps of the filters are gathered: one number a filter.
    count = next(layer for layer in model._flatten_layers() if hasattr(layer, "selection")).selection
    assert {tuple(tensor.shape) for tensor in stored} == {(count.count,)}
    for precision, message in [("int8", "must stay in float32"), ("dynamic_int8", "no weights")]:
        with pytest.raises(InputError, match=message):
            export.export(model, tmp_path / "other.tflite", "litert", precision)
    assert export.export(model, path, "litert").bytes < 100_000


@pytest.mark.slow
def test_weights_are_not_lost_when_a_file_runs_again(tmp_path, rng):
    model = smaller("trd_small.gauss25")
    path = tmp_path / "model.tflite"
    export.export(model, path, "litert", "float16", degradation=tasks.GaussianNoise(25))
    # What DEQUANTIZE makes of constants, LiteRT does not always keep where images have any size.
    assert all(name != "DEQUANTIZE" for name, *_ in operations(path))
    images = [rng.random((1, n, n, 1)).astype("float32") for n in (64, 90, 160, 160, 160)]
    expected = [agreement.plain(model, image) for image in images]
    for _ in range(10):
        run = export.FORMS["litert"].run(path)
        for image, result in zip(images, expected, strict=True):
            assert np.abs(run(image) - result).max() < 1e-3


# Short: in integers without a suitable calibration, see above.
@pytest.mark.slow
@pytest.mark.every_model
def test_a_loss_that_is_too_large_is_refused(tmp_path):
    with pytest.raises(export.ExportError, match=r"loses .* dB of .* dB on Perona–Malik"):
        export.export(zoo.load("diffnet.pm_inverse"), tmp_path / "a.tflite", "litert", "dynamic_int8")
    assert not list(tmp_path.iterdir())


def test_models_without_wide_convolutions_are_refused(tmp_path):
    model, path = smaller("foe_s.gauss25"), tmp_path / "a.tflite"
    with pytest.raises(InputError, match="at least 8 channels"):
        export.export(model, path, "litert", "int8", (64, 64), degradation=tasks.GaussianNoise(25))
    with pytest.raises(InputError, match="no weights"):
        export.export(load("perona_malik.gauss25"), path, "litert", "float16")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_model_without_a_card_gives_its_task(tmp_path):
    model = zoo.create("diffnet", layers=2)
    path = tmp_path / "a.tflite"
    task = tasks.GaussianNoise(25)
    report = export.export(model, path, "litert", "float16", degradation=task)
    assert report.task == str(task)
    assert export.verify(path, model, task).agrees
