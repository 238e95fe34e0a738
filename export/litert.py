"""LiteRT (formerly TensorFlow Lite): for phones, browsers and other small machines."""

import re
from pathlib import Path

from ..errors import InputError
from ..pde.tracing import tracing_for
from . import flatbuffer
from .tracing import FROZEN, traced


def write(model, path, size=None):
    """Writes a `.tflite` file in float32; see `converted`."""
    save(converted(model, size), path)


def save(content, path):
    """Writes a file of bytes, without what an interpreter does not need."""
    path.write_bytes(content)
    flatbuffer.edit(path, flatbuffer.strip)


def converted(model, size=None):
    """A model as a LiteRT file.

    Only built-in operations are allowed: by default the converter would fall back to TensorFlow's
    own kernels, which the interpreter does not have, and the file would fail on the phone.

    Args:
        model: The `keras.Model`.
        size: Height and width of the one size that it is for; any if `None`.

    Returns:
        The file in float32, bytes.

    Raises:
        InputError: if the model needs an operation that LiteRT does not have; it is named.
    """
    _interpreter()
    import tensorflow as tf

    batch, *sides, channels = model.input_shape
    shape = (batch, *sides, channels) if size is None else (1, *size, channels)
    try:
        with tracing_for(FROZEN):
            module = traced(model, shape)
            function = module.serve.get_concrete_function()
            converter = tf.lite.TFLiteConverter.from_concrete_functions([function], module)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
            return bytes(converter.convert())
    except Exception as error:
        missing = _missing_operations(str(error))
        if not missing:
            raise
        raise InputError(
            f"{model.name!r} cannot be a LiteRT file of built-in operations: LiteRT does not have "
            f"{', '.join(missing)}."
        ) from error


def run(path):
    """A function that applies the file to an array of images; the interpreter resizes by itself."""
    interpreter = _interpreter()(model_path=str(path))
    signature = interpreter.get_signature_runner()
    ((name, details),) = signature.get_input_details().items()
    fixed = -1 not in details["shape_signature"]

    def apply(images):
        if not fixed:
            return next(iter(signature(**{name: images}).values()))
        # A file for one size is for one image at a time.
        import numpy as np

        answers = [next(iter(signature(**{name: image[None]}).values())) for image in images]
        return np.concatenate(answers)

    return apply


def attach(path, text):
    """Files a text among the file's metadata, as an entry `imagepde`."""
    flatbuffer.edit(path, lambda tables: flatbuffer.set_metadata(tables, text))


def attached(path):
    """This text, or `None`."""
    return flatbuffer.get_metadata(flatbuffer.read(Path(path).read_bytes()))


def _interpreter():
    """The class `Interpreter`."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise InputError(
            "A LiteRT file is checked after it is written, which needs an extra: "
            f"pip install 'imagepde[export]'. Received: {error}."
        ) from error
    return Interpreter


def _missing_operations(message):
    """The operations that the converter complains of, by their names in TensorFlow."""
    return sorted(set(re.findall(r"\b(?:Flex|tf\.)([A-Z]\w+)", message)))
