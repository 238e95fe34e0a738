"""ONNX: for ONNX Runtime and what else reads it."""

import contextlib
import logging
import warnings

from ..pde import InputError
from ..pde.backend import derived_gradients, keras

_OPSET = 18
_KEY = "imagepde"


def write(model, path):
    """Writes an `.onnx` file with dynamic batch, height and width."""
    _check_extra()
    import tensorflow as tf

    name = model.inputs[0].name
    specification = keras.InputSpec(shape=model.input_shape, dtype="float32", name=name)
    # Keras takes only what has been called.
    *size, channels = model.input_shape[1:]
    with derived_gradients(), _quiet():
        model(tf.zeros((1, *(n or 64 for n in size), channels)), training=False)
        model.export(
            str(path),
            format="onnx",
            verbose=False,
            input_signature=[specification],
            opset_version=_OPSET,
        )


def run(path):
    """A function that applies the file to an array of images."""
    _check_extra()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    return lambda images: session.run(None, {given.name: images})[0]


def attach(path, text):
    """Files a text among the file's metadata."""
    import onnx

    model = onnx.load(str(path))
    onnx.helper.set_model_props(model, {_KEY: text})
    onnx.save(model, str(path))


def attached(path):
    """This text, or `None`."""
    _check_extra()
    import onnx

    properties = {p.key: p.value for p in onnx.load(str(path)).metadata_props}
    return properties.get(_KEY)


def _check_extra():
    """Says which extra is missing."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"ONNX needs an extra: pip install 'imagepde[export]'. Received: {error}."
        ) from error


@contextlib.contextmanager
def _quiet():
    """tf2onnx tells of each of its passes, and calls what NumPy and TensorFlow will drop."""
    log = logging.getLogger("tf2onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
