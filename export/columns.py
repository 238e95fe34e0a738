"""Narrow convolutions as wide ones: neighbouring columns of an image become channels of one column."""

import math

import numpy as np

from . import flatbuffer

TAKEN, GIVEN = 32, 8
"""A program for integers is fast where it takes so many channels and gives so many."""


def widen(content, taken, given):
    """The same model, with convolutions that take at least 32 channels and give at least 8.

    With g columns as one, an image `(height, g·width, c)` is `(height, width, g·c)`, and no number is
    moved: a convolution y_p = Σ_b K_b x_{p+b} of the one is a convolution of the other. Its kernel has
    zeros, and so up to three times the products. In float32 that is a loss. But on the x86 CPU where it
    was measured, with AVX-512 and AMX, a 3×3 convolution of 8 channels was slower in integers than in
    float32, and one of 32 two to four times as fast; other CPUs may differ.

    Args:
        content: A LiteRT file, bytes. Where images have any size, nothing is changed.
        taken: Convolutions that take fewer channels are left alone.
        given: So are those that give fewer.

    Returns:
        The new file, bytes.
    """
    tables = flatbuffer.read(content)
    graph = tables.subgraphs[0]
    operators = []
    for operator in graph.operators:
        count = _columns_for(tables, graph, operator, taken, given)
        operators += _widened(tables, graph, operator, count) if count > 1 else [operator]
    graph.operators = operators
    return flatbuffer.written(tables)


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


def _columns_for(tables, graph, operator, taken, given):
    """How many columns become one; 1 for what is no such convolution."""
    schema = flatbuffer.classes()
    code = tables.operatorCodes[operator.opcodeIndex].builtinCode
    if code != schema.BuiltinOperator.CONV_2D:
        return 1
    options = operator.builtinOptions
    steps = options.strideW, options.strideH, options.dilationWFactor, options.dilationHFactor
    kernel, bias = (flatbuffer.constant(tables, graph, number) for number in operator.inputs[1:])
    if kernel is None or bias is None or kernel.shape[3] < taken or kernel.shape[0] < given:
        return 1
    if options.padding != schema.Padding.VALID or steps != (1, 1, 1, 1):
        return 1
    signature = graph.tensors[operator.inputs[0]].shapeSignature
    if signature is not None and -1 in signature:
        # An image of any width cannot be cut into columns beforehand.
        return 1
    filters, *_, channels = kernel.shape
    if channels < TAKEN and TAKEN % channels:
        # What does not fill a step would be a larger file for little.
        return 1
    return 2 ** math.ceil(math.log2(max(1.0, TAKEN / channels, GIVEN / filters)))


def _widened(tables, graph, operator, count):
    """The operators in place of a convolution."""
    schema = flatbuffer.classes()
    image, weights, bias = operator.inputs
    kernel = kernel_of_columns(flatbuffer.constant(tables, graph, weights), count)
    offset = np.tile(flatbuffer.constant(tables, graph, bias), count)
    batch, height, width, channels = (int(n) for n in graph.tensors[image].shape)
    result = operator.outputs[0]
    _, high, broad, filters = (int(n) for n in graph.tensors[result].shape)
    # Columns beyond the border are multiplied by zeros, or thrown away.
    across = math.ceil(broad / count)
    missing = count * (across + kernel.shape[2] - 1) - width
    operators, name = [], graph.tensors[result].name

    def fixed(*numbers):
        return flatbuffer.new_constant(tables, graph, np.array(numbers, np.int32))

    def computed(suffix, *shape):
        kind = schema.TensorType.FLOAT32
        return flatbuffer.new_tensor(graph, shape, kind, name=name + suffix)

    def add(kind, inputs, target, options=None):
        operators.append(flatbuffer.new_operation(tables, kind, 1, inputs, target, options))

    if missing:
        longer = computed(b"/longer", batch, height, width + missing, channels)
        add("PAD", [image, fixed([0, 0], [0, 0], [0, missing], [0, 0])], longer)
        image, width = longer, width + missing
    together = computed(b"/together", batch, height, width // count, count * channels)
    add("RESHAPE", [image, fixed(*graph.tensors[together].shape)], together)
    convolved = computed(b"/convolved", batch, high, across, count * filters)
    weights = flatbuffer.new_constant(tables, graph, kernel, name + b"/kernel")
    bias = flatbuffer.new_constant(tables, graph, offset, name + b"/bias")
    operator.inputs = np.array([together, weights, bias], np.int32)
    operator.outputs = np.array([convolved], np.int32)
    operators.append(operator)
    surplus = across * count - broad
    apart = computed(b"/apart", batch, high, across * count, filters) if surplus else result
    add("RESHAPE", [convolved, fixed(*graph.tensors[apart].shape)], apart)
    if surplus:
        bounds = fixed(0, 0, 0, 0), fixed(batch, high, broad, filters), fixed(1, 1, 1, 1)
        add("STRIDED_SLICE", [apart, *bounds], result, schema.StridedSliceOptionsT())
    return operators
