"""Export to ONNX, in a file of its own since it takes longest."""

import keras
import pytest
from checks.exports import export_and_look, run_in_a_fresh_process

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)


@pytest.mark.slow
def test_every_kind_agrees(exported_to_onnx, exports_folder):
    export_and_look(exported_to_onnx, "onnx", exports_folder)


@pytest.mark.slow
def test_what_was_exported_runs_in_a_fresh_process(exports_folder, rng):
    if not any(exports_folder.iterdir()):
        pytest.skip("nothing was exported in this run")
    run_in_a_fresh_process(exports_folder, rng)
