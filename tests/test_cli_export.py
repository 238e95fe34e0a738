"""`imagepde export` and `imagepde verify`."""

import keras
import pytest
from imagepde import zoo
from skimage import data

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)


def test_export_and_verify(imagepde, tmp_path):
    path = tmp_path / "denoiser.tflite"
    code, text = imagepde("export", "perona_malik.gauss25", path, "--to", "litert", "--size", "40x32")
    assert code == 0
    assert "40×32 pixels" in text
    assert "largest difference" in text
    code, text = imagepde("verify", path)
    assert code == 0
    assert "agrees with perona_malik.gauss25" in text
    code, text = imagepde("verify", path, "--model", "perona_malik.gauss50")
    assert code == 1
    assert "does not agree with its model" in text


def test_a_file_of_ones_own(imagepde, tmp_path):
    own = tmp_path / "own.keras"
    zoo.create("perona_malik", steps=2).save(own)
    path = tmp_path / "own.onnx"
    code, text = imagepde("export", own, path, "--to", "onnx")
    assert code == 0, text
    code, text = imagepde("verify", path)
    assert code == 2
    assert "give the model" in text
    code, text = imagepde("verify", path, "--model", own)
    assert code == 0, text
    assert "own.onnx agrees with" in text
    assert "own.keras" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "perona_malik.gauss25", "{out}.tflite", "--to", "litert", "--size", "40"), "40"),
        (
            ("export", "linear_diffusion.heat", "{out}.tflite", "--to", "litert", "--size", "8x8"),
            "only",
        ),
        (
            ("export", "blade.tv_flow", "{out}.tflite", "--to", "litert", "--precision", "int8"),
            "float32",
        ),
        (
            ("export", "perona_malik.gauss25", "{out}.onnx", "--to", "onnx", "--precision", "int8"),
            "ONNX",
        ),
        (("verify", "{out}.onnx"), "no exported model"),
        (("verify", "{folder}"), "SavedModel folder"),
        (("verify", "{folder}", "--model", "nothing"), "no model"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(imagepde, tmp_path, arguments, message):
    places = {"out": tmp_path / "out", "folder": tmp_path}
    code, text = imagepde(*(argument.format(**places) for argument in arguments))
    assert code == 2
    assert text.count("\n") == 1
    assert message in text
    assert not list(tmp_path.iterdir())


def test_pictures_for_calibration(imagepde, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    zoo.write_picture(folder / "small.png", data.camera()[:20, :20])
    path = tmp_path / "a.tflite"
    arguments = ["diffnet.pm_inverse_noise1", path, "--to", "litert", "--precision", "int8"]
    code, text = imagepde("export", *arguments, "--size", "64x64", "--calibration", folder)
    assert code == 2
    assert "at least 64×64" in text
    assert list(tmp_path.iterdir()) == [folder]
