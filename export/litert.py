"""LiteRT (formerly TensorFlow Lite): for phones, browsers and other small machines."""

import functools
import re
from pathlib import Path

from ..errors import InputError
from ..pde.tracing import tracing_for
from . import flatbuffer
from .tracing import FROZEN, traced

_KINDS = {"FLOAT32", "FLOAT16", "INT8", "INT32", "INT64", "UINT32", "BOOL"}
"""What the operations of our files take."""


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
    """A function that applies the file to an array of images.

    It makes an interpreter for each size: one that has seen another size before loses weights in one
    or two of a hundred runs (LiteRT 2.1, XNNPACK).
    """

    @functools.lru_cache(maxsize=1)
    def runner(shape):
        return _interpreter()(model_path=str(path)).get_signature_runner()

    ((name, details),) = runner(None).get_input_details().items()
    fixed = -1 not in details["shape_signature"]

    def apply(images):
        signature = runner(None if fixed else images.shape)
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
    return flatbuffer.get_metadata(_tables(path))


def contents(path):
    """The precision, by what its operations take, and height and width if it is for one size alone.

    Raises:
        InputError: for arithmetic that `export` does not write.
    """
    tables, kinds = _tables(path), set()
    names = {value: key for key, value in vars(flatbuffer.classes().TensorType).items()}
    for graph in tables.subgraphs:
        for number in {int(n) for operator in graph.operators for n in operator.inputs if n >= 0}:
            tensor = graph.tensors[number]
            computed = tables.buffers[tensor.buffer].data is None
            kinds.add((names[tensor.type], computed and tensor.quantization is not None))
    foreign = {kind for kind, _ in kinds} - _KINDS
    if foreign:
        raise InputError(
            f"{str(path)!r} computes with {', '.join(sorted(foreign))}, which is no precision of ours."
        )
    (given,) = tables.subgraphs[0].inputs
    tensor = tables.subgraphs[0].tensors[given]
    signature = tensor.shape if tensor.shapeSignature is None else tensor.shapeSignature
    size = None if -1 in signature else tuple(int(n) for n in signature[1:3])
    if ("INT8", True) in kinds:
        return "int8", size
    if ("INT8", False) in kinds:
        return "dynamic_int8", size
    return "float16" if ("FLOAT16", False) in kinds else "float32", size


def _tables(path):
    """The tables of a file that is whole: what is not, they would be read from anywhere."""
    _interpreter()(model_path=str(path))
    return flatbuffer.read(Path(path).read_bytes())


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
