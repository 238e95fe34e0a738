"""8-bit integers in a LiteRT file: smaller, and faster where the time is spent in convolutions."""

import contextlib
import io
import re
import warnings
from collections import defaultdict

import numpy as np

from ..errors import InputError
from .columns import TAKEN, widen

LEAST = ((8, 1), (16, 16), (32, 1), (32, 8))
"""Channels that a convolution takes and gives at least to be computed in integers; the first is tried
first, the others where that loses too much.

The narrow ones are at full resolution, next to the result: U-Nets whose results are right to 52 dB are
to be seen there. None takes less than 8: what takes one channel takes the picture.
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


def with_integers(content, images, taken, given):
    """A float32 LiteRT model with its convolutions in 8-bit integers.

    Which operations are meant is seen from the graph. A convolution of enough channels becomes one of
    integers, for several columns at once where it is narrow, see `widen`; its weights have one scale
    for each channel of output. The images that it takes and gives are integers too, with scales that
    are fixed by the calibration, and what only moves values on the way to such convolutions, as the
    mirrored border, moves integers.

    Everything else computes in float32: input and output, the steps of a partial differential
    equation, u + δt (…), where 8 bits would be visible, and what is in a loop. So do transposed
    convolutions, for which the usual kernels know float32 only; our layers have none in files.

    Args:
        content: The file, bytes.
        images: One or more arrays `(1, height, width, channels)`, as the model is given them: what is
            seen within the network is the range of the integers.
        taken: Channels that a convolution takes at least to become one of integers.
        given: Channels that it gives at least.

    Returns:
        The new file, bytes.

    Raises:
        InputError: for a model without such a convolution outside of loops, or if the extra is not
            installed.
    """
    images = [np.asarray(image, np.float32) for image in images]
    content = widen(content, taken, given)
    wide, moving, tensors = _operations(content, given, within_loops=False)
    if not wide:
        raise InputError(
            "precision='int8' is for models with convolutions outside of loops that take at least "
            f"{taken} channels, and this one has none; take another precision."
        )
    bits = {"activation_num_bits": 8, "weight_num_bits": 8}
    with _quiet():
        ranges = _calibrated(content, tensors, images)
    return _quantised(content, "add_static_config", [*wide, *moving], bits, ranges)


def with_dynamic_integers(content):
    """A float32 LiteRT model with its wide convolutions in 8-bit integers, without calibration.

    An image is rounded when a convolution takes it, by a scale of its own, and the result is float32.

    Args:
        content: The file, bytes.

    Returns:
        The new file, bytes; the one that was given if it has no wide convolution.

    Raises:
        InputError: if the extra is not installed.
    """
    wide, *_ = _operations(content, given=1, within_loops=True)
    return _quantised(content, "add_dynamic_config", wide, {"num_bits": 8}) if wide else content


def _quantised(content, kind, operations, bits, ranges=None):
    """What the quantiser makes of some operations of a file."""
    from ai_edge_quantizer import qtyping, quantizer

    tool = quantizer.Quantizer(content)
    for name, scope in _scopes(operations):
        getattr(tool, kind)(scope, qtyping.TFLOperationName(name), **bits)
    with _quiet():
        result = tool.quantize(ranges, enable_progress_bar=False, enable_progress_report=False)
    return bytes(result.quantized_model)


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


def _operations(content, given, within_loops):
    """What can be quantised: wide convolutions, and what moves values to them.

    Each a list of (kind of operation, names of its results); then the tensors that they take and
    give. A loop has a graph of its own, which is not calibrated.
    """
    try:
        from ai_edge_quantizer.utils import tfl_flatbuffer_utils as files
    except ImportError as error:
        raise InputError(
            f"A file is quantised with an extra: pip install 'imagepde[export]'. Received: {error}."
        ) from error

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
                if constant and weights.shape[-1] >= TAKEN and weights.shape[0] >= given:
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
