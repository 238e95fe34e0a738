"""ONNX: for ONNX Runtime and what else reads it."""

import contextlib
import logging
import types
import warnings

from ..errors import InputError
from ..pde.tracing import tracing_for
from .onnx_scalars import graphs, with_scalars_in_full_rank
from .onnx_size import with_short_names, without_copies
from .tracing import FROZEN, traced

_OPSET = 18
_KEY = "imagepde"


def write(model, path):
    """Writes an `.onnx` file with dynamic batch, height and width.

    Raises:
        InputError: if the model needs an operation that ONNX does not have; it is named.
    """
    _check_extra()
    import onnx
    import tf2onnx

    with tracing_for(FROZEN), _quiet():
        serve = traced(model, model.input_shape).serve
        converted, _ = tf2onnx.convert.from_function(serve, serve.input_signature, opset=_OPSET)
    missing = _missing_operations(converted.graph)
    if missing:
        raise InputError(f"{model.name!r} cannot be an ONNX file: ONNX lacks {', '.join(missing)}.")
    with_scalars_in_full_rank(converted)
    without_copies(converted)
    with_short_names(converted)
    onnx.save(converted, str(path))


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

    found = onnx.load(str(path), load_external_data=False)
    return {p.key: p.value for p in found.metadata_props}.get(_KEY)


def contents(path):
    """The precision, always float32, and the one size that it is for, here none.

    Raises:
        InputError: if it is empty, or its weights are in other files, which nothing verifies.
    """
    _check_extra()
    import onnx

    found = onnx.load(str(path), load_external_data=False)
    if not found.graph.node:
        raise InputError(f"{str(path)!r} is an ONNX file without a model.")
    weights = (weight for graph in graphs(found.graph) for weight in graph.initializer)
    if any(weight.data_location == onnx.TensorProto.EXTERNAL for weight in weights):
        raise InputError(f"{str(path)!r} has weights in other files; export it anew.")
    return "float32", None


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


def _missing_operations(graph):
    """The operations that are not ONNX's: tf2onnx leaves in a graph what it cannot convert."""
    import onnx

    nodes = (node for part in graphs(graph) for node in part.node)
    return sorted({node.op_type for node in nodes if not onnx.defs.has(node.op_type, node.domain)})


@contextlib.contextmanager
def _quiet():
    """tf2onnx tells of each of its passes, calls what NumPy and TensorFlow will drop, and copies the
    graph before each pass, in case it fails. What is wrong with a file we find by comparing; the
    copies take most of the time."""
    from tf2onnx import optimizer

    log = logging.getLogger("tf2onnx")
    level, copy = log.level, optimizer.copy
    log.setLevel(logging.CRITICAL)
    optimizer.copy = types.SimpleNamespace(deepcopy=lambda graph: graph)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
        optimizer.copy = copy
