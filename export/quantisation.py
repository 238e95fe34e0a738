"""8-bit integers in a LiteRT file: smaller, and faster where the time is spent in convolutions."""

import contextlib
import io
import re
import warnings
from collections import defaultdict

import numpy as np

from ..pde import InputError
from .columns import widen

WIDTH = 32
"""A convolution is computed in integers if it takes at least so many channels.

On one x86 CPU with AVX-512 and AMX, a 3×3 convolution in integers was slower than float32 with 8
channels, about as fast with 16, and two to three times as fast with 32; other CPUs may differ. And the
first convolution of a network so takes the picture unrounded.
"""

SMALLEST_RANGE = 1e-2
"""What the values of an image within the network span at least when their scale is chosen.

A channel that is always zero has no span, and a scale near zero is refused by the kernels.
"""

_MOVING = (
    "STRIDED_SLICE",
    "CONCATENATION",
    "MAX_POOL_2D",
    "MIRROR_PAD",
    "PAD",
    "RELU",
    "RESHAPE",
)
"""Operations that only move values: with integers they move a quarter of the bytes."""


def quantise(content, precision, images=()):
    """A float32 LiteRT model with its convolutions in 8-bit integers.

    Which operations are meant is seen from the graph. A convolution that takes at least `WIDTH`
    channels becomes one of integers; its weights have one scale for each channel of output. In `"int8"`
    the images that it takes and gives are integers too, with scales that are fixed by the
    calibration, and what only moves values on the way to such convolutions, as the mirrored border,
    moves integers. In `"dynamic_int8"` an image is rounded when a convolution takes it, by a scale of
    its own, and the result is float32.

    Everything else computes in float32: input and output, the steps of a partial differential
    equation, u + δt (…), where 8 bits would be visible, and narrow convolutions, which would not gain.
    So do transposed convolutions, for which the usual kernels know float32 only.

    Args:
        content: The file, bytes.
        precision: `"dynamic_int8"` or `"int8"`.
        images: Calibration for `"int8"`: arrays `(1, height, width, channels)`, as the model is given
            them.

    Returns:
        The new file, bytes.

    Raises:
        InputError: for `"int8"` without calibration images, or a model
            without a wide convolution outside of loops; or if the extra is not installed.
    """
    images = [np.asarray(image, np.float32) for image in images]
    if precision == "int8" and not images:
        raise InputError("int8 needs `images` for the calibration. Received: none.")
    try:
        from ai_edge_quantizer import qtyping, quantizer
    except ImportError as error:
        raise InputError(
            f"A file is quantised with an extra: pip install 'imagepde[export]'. Received: {error}."
        ) from error

    static = precision == "int8"
    if static:
        content = widen(content)
    wide, moving, tensors = _operations(content, within_loops=not static)
    if static and not wide:
        raise InputError(
            f"precision='int8' is for models with convolutions of at least {WIDTH} channels outside of "
            "loops, and this one has none; take 'dynamic_int8'."
        )
    if not wide:
        return content
    tool, names = quantizer.Quantizer(content), qtyping.TFLOperationName
    add = tool.add_static_config if static else tool.add_dynamic_config
    bits = {"activation_num_bits": 8, "weight_num_bits": 8} if static else {"num_bits": 8}
    for kind, scope in _scopes([*wide, *moving] if static else wide):
        add(scope, names(kind), **bits)
    with _quiet():
        ranges = _calibrated(content, tensors, images) if static else None
        return bytes(
            tool.quantize(
                ranges, enable_progress_bar=False, enable_progress_report=False
            ).quantized_model
        )


@contextlib.contextmanager
def _quiet():
    """The quantiser reports to the terminal, which is that of the command, and warns of the memory that
    it takes to keep all images within a network."""
    nowhere = io.StringIO()
    with (
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _operations(content, within_loops):
    """What can be quantised: wide convolutions, and what moves values to them.

    Each a list of (kind of operation, names of its results); then the tensors that they take and
    give. A loop has a graph of its own, which is not calibrated.
    """
    from ai_edge_quantizer.utils import tfl_flatbuffer_utils as files

    model = files.read_model(content)
    wide, moving, tensors = [], [], set()
    for graph in model.subgraphs if within_loops else model.subgraphs[:1]:
        consumers, integer = defaultdict(list), set()
        for index, operation in enumerate(graph.operators):
            for tensor in operation.inputs:
                consumers[tensor].append(index)
        # What is computed last comes last, so that consumers are known before what they consume.
        for index, operation in reversed(list(enumerate(graph.operators))):
            code = model.operatorCodes[operation.opcodeIndex].builtinCode
            known = files.TFL_OP_CODE_TO_NAME.get(code)
            kind = known.value if known else None
            entry = kind, files.get_op_scope(operation, graph.tensors)
            if kind == "CONV_2D":
                weights = graph.tensors[operation.inputs[1]]
                constant = model.buffers[weights.buffer].data is not None
                if constant and weights.shape[-1] >= WIDTH:
                    wide.append(entry)
                    integer.add(index)
            elif kind in _MOVING:
                taken = [i for tensor in operation.outputs for i in consumers[tensor]]
                shown = set(operation.outputs) & set(graph.outputs)
                if taken and not shown and all(i in integer for i in taken):
                    moving.append(entry)
                    integer.add(index)
            if index in integer:
                # Weights and indices are constants, and have their own scales or none.
                tensors.update(
                    tensor
                    for tensor in (*operation.inputs, *operation.outputs)
                    if tensor >= 0 and model.buffers[graph.tensors[tensor].buffer].data is None
                )
    return wide, moving, tensors


def _scopes(operations):
    """Each kind of operation, with a regular expression for the names of the results that are meant."""
    names = defaultdict(list)
    for kind, name in operations:
        names[kind].append(re.escape(name))
    return [(kind, f"^(?:{'|'.join(found)})$") for kind, found in names.items()]


def _calibrated(content, tensors, images):
    """The range of the images within the network that become integers, over the calibration images.

    The quantiser's own calibration fails where a model has a loop, and averages the ranges of several
    images; here nothing that was seen is beyond the range.
    """
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content, experimental_preserve_all_tensors=True)
    (entry,) = interpreter.get_input_details()
    names = {detail["index"]: detail["name"] for detail in interpreter.get_tensor_details()}
    seen = defaultdict(list)
    for image in images:
        interpreter.resize_tensor_input(entry["index"], image.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(entry["index"], image)
        interpreter.invoke()
        for tensor in tensors:
            values = interpreter.get_tensor(tensor)
            # A scale without zero in its range would not know the padding's value.
            seen[tensor].append((min(values.min(), 0.0), max(values.max(), 0.0)))
    ranges = {}
    for tensor, pairs in seen.items():
        low, high = min(low for low, _ in pairs), max(high for _, high in pairs)
        high = max(high, low + SMALLEST_RANGE)
        shape = (1, 1, 1, 1)
        ranges[names[tensor]] = {
            "min": np.full(shape, low, np.float32),
            "max": np.full(shape, high, np.float32),
        }
    return ranges
