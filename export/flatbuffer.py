"""Reading and editing the tables of a LiteRT file: names, constants, operations, metadata."""

from pathlib import Path

import numpy as np

_KEY = b"imagepde"


def classes():
    """The module of the classes of a file's tables."""
    from ai_edge_litert import schema_py_generated

    return schema_py_generated


def read(content):
    """The tables of a file, as objects that can be changed."""
    tables = classes().ModelT.InitFromObj(classes().Model.GetRootAsModel(content, 0))
    for buffer in tables.buffers:
        # Large ones may lie behind the tables.
        if buffer.data is None and buffer.offset > 1:
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    return tables


def written(tables):
    """The bytes of a file with these tables."""
    from .flatbuffer_builder import Builder

    builder = Builder(1 << 16)
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
    schema = classes()
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


def constant(tables, graph, number):
    """The values of a tensor of float32 that is a constant, `None` for another."""
    tensor = graph.tensors[number]
    data = tables.buffers[tensor.buffer].data
    if data is None or tensor.type != classes().TensorType.FLOAT32:
        return None
    return np.frombuffer(bytes(data), np.float32).reshape(tensor.shape)


def new_constant(tables, graph, values, name=None):
    """The number of a new tensor that holds these values."""
    schema = classes()
    kind = getattr(schema.TensorType, values.dtype.name.upper())
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    tables.buffers.append(buffer)
    return new_tensor(graph, values.shape, kind, len(tables.buffers) - 1, name)


def new_tensor(graph, shape, kind, buffer=0, name=None):
    """The number of a new tensor; the first buffer is that of tensors that are computed."""
    tensor = classes().TensorT()
    tensor.shape, tensor.hasRank = np.array(shape, np.int32), True
    tensor.type, tensor.buffer = kind, buffer
    # The quantiser tells tensors apart by their names.
    tensor.name = name or b"added/%d" % len(graph.tensors)
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def new_operation(tables, name, version, inputs, output, options=None):
    """A new operation; its kind is added to those that the file uses, if it is not among them.

    Args:
        tables: The tables of a file.
        name: Its name in the schema, as `"PAD"`.
        version: The first version of the operation that can do what is wanted.
        inputs: Numbers of tensors.
        output: Number of a tensor.
        options: The object of its options, if it has some.
    """
    schema = classes()
    wanted = getattr(schema.BuiltinOperator, name)
    operation = schema.OperatorT()
    operation.inputs, operation.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
    if options is not None:
        operation.builtinOptions = options
        kind = type(options).__name__.removesuffix("T")
        operation.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
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
