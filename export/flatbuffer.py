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

    In small models they are half of the file. Equal constants are stored once.
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


def store_weights(tables, precision):
    """Stores large constants in float16, or in int8 with a scale for each entry along the first axis.

    Each is brought back to float32 by an operation where it is used, so all arithmetic stays in
    float32, and so does whatever selects a filter: of that only constants of few numbers are known.
    The tables from which filters are gathered have one axis, and are never int8: as the sum of a
    filter is then not exact, a surrogate of TV flow lost 2 dB.

    Args:
        tables: The tables of a file.
        precision: `"float16"` or `"int8"`.

    Returns:
        How many constants are stored so.
    """
    schema = _schema()
    kinds = schema.TensorType
    code, count = None, 0
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
            stored, quantization = _stored(values, precision)
            code = _dequantize(tables) if code is None else code
            compact = schema.TensorT()
            compact.shape, compact.hasRank = tensor.shape, True
            compact.type = kinds.FLOAT16 if precision == "float16" else kinds.INT8
            compact.quantization, compact.buffer = quantization, len(tables.buffers)
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(stored.tobytes(), np.uint8)
            tables.buffers.append(buffer)
            graph.tensors.append(compact)
            tensor.buffer = 0
            operation = schema.OperatorT()
            operation.opcodeIndex = code
            operation.inputs, operation.outputs = [len(graph.tensors) - 1], [number]
            operations.append(operation)
        graph.operators = [*operations, *graph.operators]
        count += len(operations)
    return count


def _stored(values, precision):
    """The numbers that are stored, and what tells how to read them."""
    if precision == "float16":
        return values.astype(np.float16), None
    quantization = _schema().QuantizationParametersT()
    # Scales must not need more room than they save.
    rows = values.ndim > 1 and values[0].size >= _ROW
    axes = tuple(range(1, values.ndim)) if rows else None
    largest = np.abs(values).max(axis=axes, keepdims=True)
    scale = np.maximum(largest, 1e-30) / 127
    quantization.scale = scale.ravel().astype(np.float32)
    quantization.zeroPoint = np.zeros(scale.size, np.int64)
    quantization.quantizedDimension = 0
    return np.rint(values / scale).astype(np.int8), quantization


def _dequantize(tables):
    """The number of the operation DEQUANTIZE among those that a file uses; it is added if missing."""
    schema = _schema()
    wanted = schema.BuiltinOperator.DEQUANTIZE
    for number, code in enumerate(tables.operatorCodes):
        if code.builtinCode == wanted:
            # Scales along an axis and float16 came with later versions of the operation.
            code.version = max(code.version, 5)
            return number
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = wanted
    code.version = 5
    tables.operatorCodes.append(code)
    return len(tables.operatorCodes) - 1
