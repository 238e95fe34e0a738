"""`verify` believes nothing that a file says of itself, and answers whatever it is given."""

import json
import shutil

import keras
import numpy as np
import pytest
from imagepde import export, zoo
from imagepde.errors import InputError
from imagepde.export import flatbuffer

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)

NAME = "perona_malik.gauss25"
SIZE = (48, 40)


@pytest.fixture(scope="module")
def model():
    return zoo.load(NAME)


@pytest.fixture(scope="module")
def originals(model, tmp_path_factory):
    """An export in each form."""
    folder = tmp_path_factory.mktemp("originals")
    paths = {"saved_model": "model", "litert": "model.tflite", "onnx": "model.onnx"}
    for form, name in paths.items():
        size = {"size": SIZE} if form == "litert" else {}
        export.export(model, folder / name, form, **size)
    return folder


@pytest.fixture
def files(originals, tmp_path):
    """Copies that a test may change."""
    return shutil.copytree(originals, tmp_path / "files")


def restate(path, **changes):
    """Lets a file say something else of itself."""
    form = export.FORMS[next(k for k, v in export.FORMS.items() if v.suffix == path.suffix)]
    form.attach(path, json.dumps({**export.metadata(path), **changes}))


def scaled(path, factor):
    """Multiplies the weights of an ONNX file."""
    import onnx
    from onnx import numpy_helper

    file = onnx.load(path)
    for weight in file.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32:
            weight.CopyFrom(numpy_helper.from_array(values * np.float32(factor), weight.name))
    onnx.save(file, path)


def complaint(path, model=None):
    report = export.verify(path, model)
    assert not report.agrees
    assert "\n" not in report.complaint
    return report.complaint


def test_weights_that_differ_do_not_agree_whatever_the_file_says(files, model):
    path = files / "model.onnx"
    scaled(path, 1.01)
    for precision in ("float32", "int4", "int8", None, ["float16"]):
        restate(path, precision=precision)
        assert "it differs by" in complaint(path, model)
    assert "there is no such precision" in complaint(path)


@pytest.mark.parametrize("name", ["model", "model.tflite", "model.onnx"])
def test_what_a_file_says_of_itself_is_checked(files, model, name):
    path, about = files / name, export.metadata(files / name)
    assert export.verify(path).agrees
    assert export.verify(path, model).agrees
    cases = [
        (
            {"precision": "int4", "licence": "public domain", "sha256": "0" * 64},
            ["'int4', and there is no such", "licence is 'public domain'", "sha256"],
        ),
        (
            {"precision": "float16", "input": {"size": [99, 99]}},
            ["'float16', but it is 'float32'", "size is [99, 99]"],
        ),
    ]
    if name == "model.tflite":
        cases.append(({"input": None}, ["size is None"]))
    for changes, messages in cases:
        restate(path, **about | changes)
        found = complaint(path)
        assert found.count("it says that") == len(messages)
        assert all(message in found for message in messages)


def test_size_and_precision_are_those_of_the_file(files, model):
    contents = export.FORMS["litert"].contents
    assert contents(files / "model.tflite") == ("float32", SIZE)
    assert export.verify(files / "model.tflite").size == SIZE
    small = files / "small.tflite"
    tables = flatbuffer.read((files / "model.tflite").read_bytes())
    schema = flatbuffer.classes()
    graph = tables.subgraphs[0]
    taken = {int(n) for operator in graph.operators for n in operator.inputs}
    number = max(taken)
    graph.tensors[number].type = schema.TensorType.INT16
    small.write_bytes(flatbuffer.written(tables))
    with pytest.raises(InputError, match="INT16"):
        contents(small)


def damages(content):
    yield b""
    yield b"no model at all"
    yield bytes(1000)
    yield content[: len(content) // 2]
    yield content[:-10]
    yield np.random.default_rng(0).bytes(5000)


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx", "model/saved_model.pb"])
def test_damaged_files_are_answered_in_one_line(imagepde, files, name):
    file = files / name
    path = file.parent if file.name == "saved_model.pb" else file
    for content in damages(file.read_bytes()):
        file.write_bytes(content)
        for arguments in ((), ("--model", NAME)):
            code, text = imagepde("verify", path, *arguments)
            assert code == 2, text
            assert text.count("\n") == 1
            assert path.name in text


@pytest.mark.parametrize(
    "missing", ["variables", "variables/variables.index", "variables/variables.data-00000-of-00001"]
)
def test_a_saved_model_with_missing_parts(imagepde, files, missing):
    part = files / "model" / missing
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    code, text = imagepde("verify", files / "model")
    assert code == 2, text
    assert text.count("\n") == 1


def test_metadata_that_are_none(files):
    for name in ("model", "model.tflite", "model.onnx"):
        path = files / name
        form = export.FORMS[next(k for k, v in export.FORMS.items() if v.suffix == path.suffix)]
        for text in ("no json", "[1]", "3"):
            form.attach(path, text)
            with pytest.raises(InputError, match="metadata that are no"):
                export.verify(path, zoo.load(NAME))
        form.attach(path, json.dumps({"model": ["a"], "state": {}}))
        with pytest.raises(InputError, match="give the model"):
            export.verify(path)


def test_a_file_of_another_model(imagepde, files, tmp_path):
    colour = tmp_path / "colour.onnx"
    export.export(zoo.create("perona_malik", steps=1, channels=3), colour, "onnx")
    code, text = imagepde("verify", colour, "--model", NAME)
    assert code == 1, text
    assert text.count("\n") == 1
    scaled(files / "model.onnx", 1.01)
    code, text = imagepde("verify", files / "model.onnx")
    assert code == 1
    assert "does not agree with its model: it differs by" in text


def test_names_that_no_system_takes(tmp_path):
    for name in ("x" * 300 + ".onnx", "a\0b.tflite"):
        with pytest.raises(InputError, match="no exported model"):
            export.verify(tmp_path / name)
        with pytest.raises(InputError, match="cannot be written"):
            export.export(zoo.load(NAME), tmp_path / name, "onnx")
