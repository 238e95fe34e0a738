"""Scalars of an ONNX file in the rank of the images that they meet.

ONNX Runtime 1.31 multiplies an image of one channel, `(1, height, width, 1)`, by a scalar of shape `()`
far slower than by one of shape `(1, 1, 1, 1)`, and equations are made of such products:
`benchmarks/exported_operations.py` runs files with the one and with the other.
"""

_ELEMENTWISE = {
    "Add",
    "And",
    "Div",
    "Equal",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Max",
    "Min",
    "Mod",
    "Mul",
    "Or",
    "Pow",
    "Sub",
    "Where",
}


def with_scalars_in_full_rank(model):
    """Reshapes each scalar to the rank of the tensor it meets, wherever both ranks are known.

    Args:
        model: An `onnx.ModelProto`, which is changed. Its values stay what they are.
    """
    import onnx

    ranks = {}
    for graph in graphs(onnx.shape_inference.infer_shapes(model).graph):
        for value in (*graph.value_info, *graph.input, *graph.output):
            if value.type.tensor_type.HasField("shape"):
                ranks[value.name] = len(value.type.tensor_type.shape.dim)
    for graph in graphs(model.graph):
        ranks |= {tensor.name: len(tensor.dims) for tensor in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                ranks[node.output[0]] = len(node.attribute[0].t.dims)
    # Inner graphs first: what is put into the nodes of a graph is a copy.
    for number, graph in reversed(list(enumerate(graphs(model.graph)))):
        nodes = [new for node in graph.node for new in _reshaped(node, ranks, graph, number)]
        del graph.node[:]
        graph.node.extend(nodes)


def _reshaped(node, ranks, graph, number):
    """A node of a graph, which has a number, after those that reshape its scalars."""
    import onnx

    rank = max((ranks.get(name, 0) for name in node.input), default=0)
    if node.op_type in _ELEMENTWISE and rank > 1:
        for place, name in enumerate(node.input):
            if ranks.get(name) != 0:
                continue
            reshaped, shape = f"{name}/{number}/{rank}", f"ones/{number}/{rank}"
            if shape not in ranks:
                ones = onnx.helper.make_tensor(shape, onnx.TensorProto.INT64, [rank], [1] * rank)
                graph.initializer.append(ones)
                ranks[shape] = 1
            if reshaped not in ranks:
                # What runs the file folds it where the scalar is a constant.
                yield onnx.helper.make_node("Reshape", [name, shape], [reshaped], reshaped)
                ranks[reshaped] = rank
            node.input[place] = reshaped
    yield node


def graphs(graph):
    """A graph and those within its loops and branches."""
    import onnx

    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from graphs(attribute.g)
