"""What makes exported files fast, each beside what it replaces; one thread.

python benchmarks/exported_operations.py > docs/exported_operations.md
"""

import os
import tempfile
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from imagepde import zoo
from imagepde.export import onnx
from timing import fastest_in_turns, table

SIDE = 256
CHANNELS = (8, 16, 32, 64)
MODELS = ("perona_malik.gauss25", "ka.gauss25", "eed.default")


def main():
    rng = np.random.default_rng(0)
    print("# Operations of exported files\n")
    print("This page is made by `benchmarks/exported_operations.py`: one thread, ratios in one run.\n")
    print("## Convolutions in integers\n")
    print(f"LiteRT, 3×3, as many channels out as in, {SIDE}². `export/columns.py` makes wide ones.\n")
    rows = [(channels, *beside(*convolutions(channels, rng))) for channels in CHANNELS]
    print(table(["channels", "float32, ms", "int8, ms", "ratio"], rows))
    print("## Scalars in the rank of images\n")
    print(f"ONNX Runtime, {SIDE}². `export/onnx_scalars.py` reshapes the scalars.\n")
    rows = [(name, *beside(*files_with_scalars(name, rng))) for name in MODELS]
    print(table(["model", "rank 0, ms", "rank 4, ms", "ratio"], rows), end="")


def beside(first, second):
    """Milliseconds of each, and how many times as fast the second is."""
    times = fastest_in_turns([first, second])
    return *(f"{1e3 * seconds:.1f}" for seconds in times), f"{times[0] / times[1]:.1f}"


def convolutions(channels, rng):
    """A convolution with ReLU in float32 and in int8, ready to be called."""
    from ai_edge_litert.interpreter import Interpreter

    shape = (1, SIDE, SIDE, channels)
    kernel = tf.constant(rng.normal(size=(3, 3, channels, channels)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
    def convolution(image):
        return tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME"))

    for integers in (False, True):
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [convolution.get_concrete_function()], convolution
        )
        if integers:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: [[rng.random(shape, "float32")]]
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        interpreter = Interpreter(model_content=converter.convert(), num_threads=1)
        interpreter.allocate_tensors()
        (given,) = interpreter.get_input_details()
        image = rng.integers(0, 100, shape) if integers else rng.random(shape)
        interpreter.set_tensor(given["index"], image.astype(given["dtype"]))
        yield interpreter.invoke


def files_with_scalars(name, rng):
    """The ONNX file of a model with scalars as they are converted, and as they are kept."""
    import onnxruntime

    model = zoo.load(name)
    image = rng.random((1, SIDE, SIDE, model.input_shape[-1]), "float32")
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        with mock.patch.object(onnx, "with_scalars_in_full_rank"):
            onnx.write(model, before)
        onnx.write(model, after)
        for path in (before, after):
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads, options.log_severity_level = 1, 3
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            given = {session.get_inputs()[0].name: image}
            yield lambda session=session, given=given: session.run(None, given)


if __name__ == "__main__":
    main()
