"""LiteRT files for images of one size."""

import keras
import pytest
from checks.models import quick
from imagepde import export, zoo
from imagepde.errors import InputError

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)


@pytest.mark.slow
def test_every_architecture_as_a_file_for_one_size(exported_for_one_size, tmp_path):
    model = quick(exported_for_one_size)
    own = model.input_shape[1:3]
    size = own if None not in own else (48, 64)
    if exported_for_one_size.startswith("ced"):
        size = (64, 64)
    report = export.export(model, tmp_path / "model.tflite", "litert", size=size)
    assert report.agrees
    assert export.metadata(tmp_path / "model.tflite")["input"]["size"] == list(size)


def test_a_model_of_one_size_refuses_others(tmp_path):
    with pytest.raises(InputError, match="64×64 pixels only"):
        export.export(
            zoo.load("linear_diffusion.heat"), tmp_path / "a.tflite", "litert", size=(128, 128)
        )
