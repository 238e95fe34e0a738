"""What makes ONNX files smaller: short names, for long ones fill half of a file, and no copies."""

from .onnx_scalars import graphs


def without_copies(model):
    """Keeps one of the constants of a graph that have the same value, and gives it to all nodes.

    Args:
        model: An `onnx.ModelProto`, which is changed.

    Example:
        >>> import onnx
        >>> add = onnx.helper.make_node("Add", ["one", "also_one"], ["two"])
        >>> ones = [
        ...     onnx.helper.make_tensor(name, onnx.TensorProto.FLOAT, [1], [1.0])
        ...     for name in ("one", "also_one")
        ... ]
        >>> two = onnx.helper.make_tensor_value_info("two", onnx.TensorProto.FLOAT, [1])
        >>> made = onnx.helper.make_model(onnx.helper.make_graph([add], "g", [], [two], ones))
        >>> without_copies(made)
        >>> [one.name for one in made.graph.initializer], list(made.graph.node[0].input)
        (['one'], ['one', 'one'])
    """
    for graph in graphs(model.graph):
        results = {value.name for part in graphs(graph) for value in part.output}
        first, kept, same = {}, [], {}
        for tensor in graph.initializer:
            name, tensor.name = tensor.name, ""
            one = first.setdefault(tensor.SerializeToString(deterministic=True), name)
            tensor.name = name
            if one == name or name in results:
                kept.append(tensor)
            else:
                same[name] = one
        del graph.initializer[:]
        graph.initializer.extend(kept)
        for part in graphs(graph):
            for node in part.node:
                node.input[:] = [same.get(name, name) for name in node.input]


def with_short_names(model):
    """Renames nodes and values by the last part of their paths, with a number where it is taken.

    Args:
        model: An `onnx.ModelProto`, which is changed. Its inputs and outputs keep their names.

    Example:
        >>> import onnx
        >>> add = onnx.helper.make_node("Add", ["x", "a/b/one:0"], ["y"], name="a/b/add")
        >>> one = onnx.helper.make_tensor("a/b/one:0", onnx.TensorProto.FLOAT, [1], [1.0])
        >>> x, y = (onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1]) for n in "xy")
        >>> made = onnx.helper.make_model(onnx.helper.make_graph([add], "g", [x], [y], [one]))
        >>> with_short_names(made)
        >>> made.graph.node[0].name, list(made.graph.node[0].input)
        ('add', ['x', 'one'])
    """
    kept = {value.name for value in (*model.graph.input, *model.graph.output)}
    # One for the whole file: graphs of loops see the values of those around them.
    values, nodes = _Names(kept), _Names(())
    for graph in graphs(model.graph):
        for holder in (graph.initializer, graph.input, graph.output, graph.value_info):
            for value in holder:
                value.name = values[value.name]
        for node in graph.node:
            node.name = nodes[node.name]
            for names in (node.input, node.output):
                names[:] = [values[name] for name in names]


class _Names(dict):
    """Short names for long ones, made when they are first asked for."""

    def __init__(self, kept):
        super().__init__({name: name for name in ("", *kept)})
        self.taken, self.numbers = set(self), {}

    def __missing__(self, name):
        short = part = name.removesuffix(":0").rsplit("/", 1)[-1] or "value"
        while short in self.taken:
            self.numbers[part] = self.numbers.get(part, 0) + 1
            short = f"{part}_{self.numbers[part]}"
        self.taken.add(short)
        self[name] = short
        return short
