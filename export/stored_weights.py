"""Weights of a LiteRT file that are stored in fewer bits, and computed with in float32."""

import numpy as np

from . import flatbuffer

SMALL = 256
"""Constants of fewer numbers stay in float32: thresholds, smoothing kernels, and what is no weight.
They are little to store, and of what they compute a last bit may select a filter."""


_ROW = 16
"""Along the first axis there is a scale for each entry where an entry has so many numbers."""


def store_weights(content, precision, resized):
    """A LiteRT file with its large constants in float16 or int8.

    Integers have a scale for each entry along the first axis. Each constant is brought back to float32
    by an operation where it is used, so all arithmetic stays in float32, and so does whatever selects a
    filter: of that only constants of few numbers are known. The tables from which filters are gathered
    have one axis, and are never int8: a surrogate of TV flow lost 2 dB.

    The operation for this is DEQUANTIZE. But where images have any size, LiteRT 2.3 computes it once
    and does not always keep the result when it runs again: one file in ten gave nonsense from the
    second image of a size on. There it is CAST, and MUL for the scale.

    Args:
        content: The file, bytes.
        precision: `"float16"` or `"int8"`.
        resized: Whether the file is for images of any size.

    Returns:
        The new file, bytes; the one that was given if it has no such constants.
    """
    tables = flatbuffer.read(content)
    kinds = flatbuffer.classes().TensorType
    count = 0
    for graph in tables.subgraphs:
        operations = []
        for number in sorted({int(k) for op in graph.operators for k in op.inputs if k >= 0}):
            tensor = graph.tensors[number]
            data = tables.buffers[tensor.buffer].data
            if data is None or tensor.type != kinds.FLOAT32 or len(data) < 4 * SMALL:
                continue
            values = np.frombuffer(bytes(data), np.float32).reshape(tensor.shape)
            if precision == "int8" and values.ndim == 1:
                continue
            restore = _restored_by_cast if resized else _restored_by_dequantize
            operations += restore(tables, graph, number, *_stored(values, precision))
            tensor.buffer = 0
            count += 1
        graph.operators = [*operations, *graph.operators]
    return flatbuffer.written(tables) if count else content


def _stored(values, precision):
    """The numbers that are stored, and the scales of integers, `None` for others."""
    if precision == "float16":
        return values.astype(np.float16), None
    # Scales must not need more room than they save.
    rows = values[0].size >= _ROW
    axes = tuple(range(1, values.ndim)) if rows else None
    largest = np.abs(values).max(axis=axes, keepdims=True)
    scale = (np.maximum(largest, 1e-30) / 127).astype(np.float32)
    return np.rint(values / scale).astype(np.int8), scale


def _restored_by_dequantize(tables, graph, number, stored, scale):
    """The operation that makes float32 of what is stored, for a file of one size."""
    schema = flatbuffer.classes()
    source = flatbuffer.new_constant(tables, graph, stored)
    if scale is not None:
        quantization = schema.QuantizationParametersT()
        quantization.scale = scale.ravel()
        quantization.zeroPoint = np.zeros(scale.size, np.int64)
        quantization.quantizedDimension = 0
        graph.tensors[source].quantization = quantization
    # Scales along an axis and float16 came with later versions of the operation.
    return [flatbuffer.new_operation(tables, "DEQUANTIZE", 5, [source], number)]


def _restored_by_cast(tables, graph, number, stored, scale):
    """The operations that make float32 of what is stored, for a file of any size."""
    schema = flatbuffer.classes()
    source = flatbuffer.new_constant(tables, graph, stored)
    kind = schema.TensorType.FLOAT32
    target = number if scale is None else flatbuffer.new_tensor(graph, stored.shape, kind)
    options = schema.CastOptionsT()
    options.inDataType, options.outDataType = graph.tensors[source].type, kind
    cast = flatbuffer.new_operation(tables, "CAST", 1, [source], target, options)
    if scale is None:
        return [cast]
    factor = flatbuffer.new_constant(tables, graph, scale)
    options = schema.MulOptionsT()
    return [cast, flatbuffer.new_operation(tables, "MUL", 1, [target, factor], number, options)]
