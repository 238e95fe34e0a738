"""What is edited in a LiteRT file after it was converted: names, tables, metadata, stored weights."""

from pathlib import Path

import numpy as np

_KEY = b"imagepde"

SMALL = 256
"""Constants of fewer numbers stay in float32: thresholds, smoothing kernels, and what is no weight.
They are little to store, and of what they compute a last bit may select a filter."""


_ROW = 16
"""Along the first axis there is a scale for each entry where an entry has so many numbers."""


def _schema():
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


def read(content):
    """The tables of a file, as objects that can be changed."""
    tables = _schema().ModelT.InitFromObj(_schema().Model.GetRootAsModel(content, 0))
    for buffer in tables.buffers:
        # Large ones may lie behind the tables.
        if buffer.data is None and buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    return tables


def written(tables):
    """The bytes of a file with these tables."""
    import flatbuffers

    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(tables.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def edit(path, change):
    """Reads a file, changes its tables, and writes it again."""
    tables = read(Path(path).read_bytes())
    change(tables)
    Path(path).write_bytes(written(tables))


def strip(tables):
    """Removes what an interpreter does not need: the names of what lies between input and output.

    Equal constants are stored once.
    """
    for graph in tables.subgraphs:
        ends = {*map(int, graph.inputs), *map(int, graph.outputs)}
        for number, tensor in enumerate(graph.tensors):
            if number not in ends:
                tensor.name = None
            if tensor.shapeSignature is not None and -1 not in list(tensor.shapeSignature):
                tensor.shapeSignature = None
            if tensor.quantization is not None and tensor.quantization.scale is None:
                tensor.quantization = None
    _store_once(tables)


def _store_once(tables):
    """Lets tensors with equal constants share a buffer, and drops the buffers that nothing uses."""
    # The first buffer stands for tensors that are computed.
    first, kept = {b"": 0}, [tables.buffers[0]]
    users = [tensor for graph in tables.subgraphs for tensor in graph.tensors]
    for user in [*users, *(tables.metadata or [])]:
        buffer = tables.buffers[user.buffer]
        content = b"" if buffer.data is None else bytes(buffer.data)
        if content not in first:
            first[content] = len(kept)
            kept.append(buffer)
        user.buffer = first[content]
    tables.buffers = kept


def set_metadata(tables, text):
    """Files a text as the metadata entry `imagepde`, in place of an earlier one."""
    schema = _schema()
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(text.encode(), np.uint8)
    for entry in tables.metadata or []:
        if entry.name == _KEY:
            tables.buffers[entry.buffer] = buffer
            return
    entry = schema.MetadataT()
    entry.name, entry.buffer = _KEY, len(tables.buffers)
    tables.buffers.append(buffer)
    tables.metadata = [*(tables.metadata or []), entry]


def get_metadata(tables):
    """This text, or `None`."""
    for entry in tables.metadata or []:
        if entry.name == _KEY:
            return bytes(tables.buffers[entry.buffer].data).decode()
    return None


def store_weights(tables, precision, resized):
    """Stores large constants in float16, or in int8 with a scale for each entry along the first axis.

    Each is brought back to float32 by an operation where it is used, so all arithmetic stays in
    float32, and so does whatever selects a filter: of that only constants of few numbers are known.
    The tables from which filters are gathered have one axis, and are never int8: a surrogate of TV flow
    lost 2 dB.

    The operation for this is DEQUANTIZE. But where images have any size, LiteRT 2.3 computes it once
    and does not always keep the result when it runs again: one file in ten gave nonsense from the
    second image of a size on. There it is CAST, and MUL for the scale.

    Args:
        tables: The tables of a file.
        precision: `"float16"` or `"int8"`.
        resized: Whether the file is for images of any size.

    Returns:
        How many constants are stored so.
    """
    kinds = _schema().TensorType
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
    return count


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
    schema = _schema()
    source = _constant(tables, graph, stored)
    if scale is not None:
        quantization = schema.QuantizationParametersT()
        quantization.scale = scale.ravel()
        quantization.zeroPoint = np.zeros(scale.size, np.int64)
        quantization.quantizedDimension = 0
        graph.tensors[source].quantization = quantization
    # Scales along an axis and float16 came with later versions of the operation.
    return [_operation(tables, "DEQUANTIZE", 5, [source], number)]


def _restored_by_cast(tables, graph, number, stored, scale):
    """The operations that make float32 of what is stored, for a file of any size."""
    schema = _schema()
    source = _constant(tables, graph, stored)
    target = number if scale is None else _tensor(graph, stored.shape, schema.TensorType.FLOAT32, 0)
    cast = _operation(tables, "CAST", 1, [source], target)
    cast.builtinOptions = schema.CastOptionsT()
    cast.builtinOptions.inDataType = graph.tensors[source].type
    cast.builtinOptions.outDataType = schema.TensorType.FLOAT32
    cast.builtinOptionsType = schema.BuiltinOptions.CastOptions
    if scale is None:
        return [cast]
    factor = _constant(tables, graph, scale)
    product = _operation(tables, "MUL", 1, [target, factor], number)
    product.builtinOptions = schema.MulOptionsT()
    product.builtinOptionsType = schema.BuiltinOptions.MulOptions
    return [cast, product]


def _constant(tables, graph, values):
    """The number of a new tensor that holds these values."""
    schema = _schema()
    kind = {"float16": "FLOAT16", "int8": "INT8", "float32": "FLOAT32"}[values.dtype.name]
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    tables.buffers.append(buffer)
    return _tensor(graph, values.shape, getattr(schema.TensorType, kind), len(tables.buffers) - 1)


def _tensor(graph, shape, kind, buffer):
    """The number of a new tensor."""
    tensor = _schema().TensorT()
    tensor.shape, tensor.hasRank = list(shape), True
    tensor.type, tensor.buffer = kind, buffer
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _operation(tables, name, version, inputs, output):
    """A new operation; its kind is added to those that the file uses, if it is not among them."""
    schema = _schema()
    wanted = getattr(schema.BuiltinOperator, name)
    operation = schema.OperatorT()
    operation.inputs, operation.outputs = inputs, [output]
    for number, code in enumerate(tables.operatorCodes):
        if code.builtinCode == wanted:
            code.version = max(code.version, version)
            operation.opcodeIndex = number
            return operation
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = wanted
    code.version = version
    tables.operatorCodes.append(code)
    operation.opcodeIndex = len(tables.operatorCodes) - 1
    return operation
