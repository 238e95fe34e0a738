"""Where the time of each family goes, layer by layer, beside what this machine can do.

    python benchmarks/profile_families.py profile.csv [--side 256] [--models 'trd*' 'foe*']
    python benchmarks/profile_families.py --page profile.csv > docs/profile.md

A row is a layer, compiled as a graph by itself, with the input that it has in its model. Its operations
are those of `imagepde.training.flops`, its bytes what the kernels of its program read and write: a part
that is compiled as one reads its inputs and writes its outputs. With each model, in turns with its
layers, a float32 matrix product and a copy are timed; times count in units of these.
"""

import argparse
import csv
import fnmatch
import os
import platform
from importlib.metadata import version
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from imagepde import zoo
from imagepde.layers import ImageLayer
from imagepde.layers.traits import loops_of
from imagepde.training.flops import flops_without_loops, sum_of_passes
from timing import fastest_in_turns, table

PRODUCT = 2048
"""Side of the matrices of the product."""

COPIED = 1 << 25
"""Numbers that the copy reads and writes: more than a cache holds."""

FIELDS = ("model", "layer", "side", "ms", "gflop", "megabytes", "product_ms", "copy_ms", "versions")
_PACKAGES = ("imagepde", "tensorflow-cpu", "keras", "numpy")
VERSIONS = ", ".join(
    [
        *(f"{package} {version(package)}" for package in _PACKAGES),
        f"Python {platform.python_version()}, {platform.machine()}",
        f"{len(os.sched_getaffinity(0))} cores",
    ]
)
_FREE = (
    *("Placeholder", "Const", "Identity", "IdentityN", "NoOp", "ReadVariableOp", "Reshape", "Shape"),
    *("ExpandDims", "Squeeze", "StopGradient", "While", "StatelessWhile"),
)
"""Operations that move no image, and loops, whose passes are counted by themselves."""


def representatives(patterns):
    """A model of each architecture, that for σ = 25 where there is one."""
    chosen = {}
    for name in zoo.list_models():
        family = zoo.card(name).architecture
        if family not in chosen or name == f"{family}.gauss25":
            chosen[family] = name
    return [n for n in chosen.values() if any(fnmatch.fnmatch(n, pattern) for pattern in patterns)]


def layers_with_inputs(model, image):
    """Path of each layer, the layer, and the tensors that it is first given in its model."""
    found, path, call = {}, [], ImageLayer.__call__

    def recorded(layer, inputs, *args, **kwargs):
        tensors = inputs if isinstance(inputs, list | tuple) else [inputs]
        path.append(layer.name)
        if not args and not kwargs and all(tf.is_tensor(t) and len(t.shape) == 4 for t in tensors):
            found.setdefault(id(layer), ("/".join(path), layer, tensors))
        try:
            return call(layer, inputs, *args, **kwargs)
        finally:
            path.pop()

    with mock.patch.object(ImageLayer, "__call__", recorded):
        model(image)
    return sorted(found.values(), key=lambda entry: entry[0])


def of_all_passes(count, layer, shapes):
    """What `count` finds in a layer or a model, the passes of its loops one by one."""
    parts = layer.layers if isinstance(layer, keras.Model) else [layer]
    loops = [loop for part in parts for loop in loops_of(part, shapes[0])]
    body = layer if len(shapes) == 1 else lambda *tensors: layer(list(tensors))
    return sum_of_passes(count, body, shapes, loops)


def bytes_without_loops(function, shapes):
    """What the kernels of a function of tensors read and write, a loop in it left out."""
    given = (tf.TensorSpec(shape, tf.float32) for shape in shapes)
    traced = tf.function(lambda *tensors: function(*tensors)).get_concrete_function(*given)
    operations = [op for op in traced.graph.get_operations() if op.type not in _FREE]
    return sum(_size(t) for op in operations for t in (*op.inputs, *op.outputs))


def _size(tensor):
    # A program that was met with other shapes before forgets some.
    known = tensor.shape.is_fully_defined() and tensor.dtype.is_numpy_compatible
    return tensor.shape.num_elements() * tensor.dtype.size if known else 0


def peaks():
    """The matrix product and the copy, as functions."""
    matrix, numbers = tf.random.uniform((PRODUCT, PRODUCT)), tf.random.uniform((COPIED,))
    copy = tf.function(lambda x: x + 1.0, jit_compile=True)
    return lambda: tf.matmul(matrix, matrix), lambda: copy(numbers)


def profile(name, side):
    """A row for the model, and one for each of its layers."""
    model = zoo.load(name)
    image = tf.random.stateless_uniform((1, side, side, model.input_shape[-1]), (0, 0))
    parts = [("", model, [image]), *layers_with_inputs(model, image)]
    calls = []
    for _, layer, tensors in parts:
        program = tf.function(lambda *t, f=layer: f(t[0] if len(t) == 1 else list(t)))
        calls.append(lambda program=program, tensors=tensors: program(*tensors))
    *seconds, product, copy = fastest_in_turns([*calls, *peaks()], least=5, enough=0.5)
    for (path, layer, tensors), taken in zip(parts, seconds, strict=True):
        shapes = [tuple(t.shape) for t in tensors]
        flops, moved = (
            of_all_passes(count, layer, shapes) for count in (flops_without_loops, bytes_without_loops)
        )
        numbers = 1e3 * taken, flops / 1e9, moved / 1e6, 1e3 * product, 1e3 * copy
        row = name, path, side, *map("{:.4g}".format, numbers), VERSIONS
        yield dict(zip(FIELDS, row, strict=True))


def page(file):
    """A kept profile as a table."""
    with open(file, newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    print("# Where the time of each family goes\n")
    print(
        "This page is made by `python benchmarks/profile_families.py --page docs/profile.csv`, and\n"
        "[profile.csv](profile.csv) by `python benchmarks/profile_families.py docs/profile.csv`. Each\n"
        "layer is compiled as a graph by itself and given what it is given in its model. A time is\n"
        f"told in float32 matrix products of {PRODUCT}² by {PRODUCT}², too, timed in turns with it.\n"
        "Operations are those of convolutions and of elementwise arithmetic, bytes are what the\n"
        "kernels read and write. Beside them stands their share of the rate of the matrix product,\n"
        "and of a large copy; what stays in a cache can be faster than a copy.\n"
        f"\nMeasured with {rows[0]['versions']}.\n"
    )
    cells = []
    for row in rows:
        ms, gflop, megabytes, product, copy = (float(row[field]) for field in FIELDS[3:8])
        rates = 2 * PRODUCT**3 / 1e6 / product, 8 * COPIED / 1e6 / copy
        cells.append(
            [
                f"`{row['model']}`" if not row["layer"] else row["layer"],
                f"{row['side']}²",
                f"{ms:.3g} ms",
                f"{ms / product:.3g}",
                f"{1e3 * gflop / ms:.3g} GFLOP/s",
                f"{gflop / ms * 1e3 / rates[0]:.0%}",
                f"{megabytes / ms:.3g} GB/s",
                f"{megabytes / ms / rates[1]:.0%}",
            ]
        )
    rates = ["arithmetic", "of product", "bytes", "of copy"]
    print(table(["model, layer", "image", "time", "products", *rates], cells), end="")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="CSV file to write.")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--models", nargs="+", default=["*"], help="Patterns of names.")
    parser.add_argument("--page", action="store_true", help="Print a file that is there as a page.")
    options = parser.parse_args()
    if options.page:
        page(options.file)
        return
    tf.get_logger().setLevel("ERROR")  # Each layer is a program of its own: it warns of so many.
    with open(options.file, "w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, FIELDS, lineterminator="\n")
        writer.writeheader()
        for name in representatives(options.models):
            writer.writerows(profile(name, options.side))
            lines.flush()


if __name__ == "__main__":
    main()
