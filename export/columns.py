"""Narrow convolutions as wide ones: neighbouring columns of an image become channels of one column."""

import numpy as np

from . import flatbuffer

NARROWEST = 8
"""Convolutions that take fewer channels are left alone: the first ones, that take the picture."""

WIDE = 64
"""So many channels are made of fewer; a kernel of integers reads that many at a time."""


def widen(content):
    """The same model, with the convolutions that take 8 to 32 channels as such that take 64.

    With g columns as one, an image `(height, g·width, c)` is `(height, width, g·c)`, and no number is
    moved: a convolution y_p = Σ_b K_b x_{p+b} of the one is a convolution of the other. Its kernel has
    zeros, and so two to three times the products; but a program for integers that multiplies 64
    channels at a time is two to four times as fast as float32 with them, while it is slower with 8.

    Args:
        content: A LiteRT file for images of one size, bytes.

    Returns:
        The new file, bytes.
    """
    tables = flatbuffer.read(content)
    graph = tables.subgraphs[0]
    operators = []
    for operator in graph.operators:
        operators += _widened(tables, graph, operator) or [operator]
    graph.operators = operators
    return flatbuffer.written(tables)


def columns_of(channels):
    """How many columns become one."""
    return WIDE // channels if NARROWEST <= channels < WIDE else 1


def kernel_of_columns(kernel, count):
    """The kernel that computes `count` columns at once, from as many at a time.

    Args:
        kernel: Array `(filters, rows, columns, channels)`, as LiteRT has it.
        count: Columns that become one.

    Returns:
        Array `(count·filters, rows, blocks, count·channels)`.
    """
    filters, rows, columns, channels = kernel.shape
    blocks = (count + columns - 2) // count + 1
    wide = np.zeros((count, filters, rows, blocks, count, channels), kernel.dtype)
    for place in range(count):
        for column in range(columns):
            block, offset = divmod(place + column, count)
            wide[place, :, :, block, offset] = kernel[:, :, column]
    return wide.reshape(count * filters, rows, blocks, count * channels)


def _widened(tables, graph, operator):
    """The operators in place of one, or none if it stays as it is."""
    schema = flatbuffer.classes()
    code = tables.operatorCodes[operator.opcodeIndex].builtinCode
    if code != schema.BuiltinOperator.CONV_2D:
        return []
    image, weights, bias = operator.inputs
    kernel, offset = (flatbuffer.constant(tables, graph, number) for number in (weights, bias))
    given = operator.builtinOptions
    steps = (given.strideW, given.strideH, given.dilationWFactor, given.dilationHFactor)
    batch, height, width, channels = (int(n) for n in graph.tensors[image].shape)
    count = columns_of(channels)
    if kernel is None or offset is None or count == 1 or steps != (1, 1, 1, 1):
        return []
    if given.padding != schema.Padding.VALID:
        return []
    result = operator.outputs[0]
    _, high, broad, filters = (int(n) for n in graph.tensors[result].shape)
    wide = kernel_of_columns(kernel, count)
    # Columns beyond the border are multiplied by zeros, or thrown away.
    across = -(-broad // count)
    missing = count * (across + wide.shape[2] - 1) - width
    operators, name, kind = [], graph.tensors[result].name, schema.TensorType.FLOAT32

    def added(suffix, *shape):
        return flatbuffer.new_tensor(graph, shape, kind, name=name + suffix)

    def reshaped(source, target):
        shape = flatbuffer.new_constant(tables, graph, np.array(graph.tensors[target].shape, np.int32))
        return flatbuffer.new_operation(tables, "RESHAPE", 1, [source, shape], target)

    if missing:
        margins = np.array([[0, 0], [0, 0], [0, missing], [0, 0]], np.int32)
        longer = added(b"/longer", batch, height, width + missing, channels)
        margins = flatbuffer.new_constant(tables, graph, margins)
        operators.append(flatbuffer.new_operation(tables, "PAD", 1, [image, margins], longer))
        image, width = longer, width + missing
    together = added(b"/together", batch, height, width // count, count * channels)
    operators.append(reshaped(image, together))
    computed = added(b"/computed", batch, high, across, count * filters)
    operator.inputs = [
        together,
        flatbuffer.new_constant(tables, graph, wide, name + b"/kernel"),
        flatbuffer.new_constant(tables, graph, np.tile(offset, count), name + b"/bias"),
    ]
    operator.outputs = [computed]
    operators.append(operator)
    if across * count == broad:
        return [*operators, reshaped(computed, result)]
    apart = added(b"/apart", batch, high, across * count, filters)
    begin, end, strides = (
        flatbuffer.new_constant(tables, graph, np.array(numbers, np.int32))
        for numbers in ([0] * 4, [batch, high, broad, filters], [1] * 4)
    )
    options = schema.StridedSliceOptionsT()
    inputs = [apart, begin, end, strides]
    cut = flatbuffer.new_operation(tables, "STRIDED_SLICE", 1, inputs, result, options)
    return [*operators, reshaped(computed, apart), cut]
