"""What is being traced: one record, for one thread; equations and layers ask nothing else."""

import dataclasses
import threading

import keras
import numpy as np
import pytest
from imagepde import layers, pde
from imagepde.pde.compilation import of_weights_alone
from imagepde.pde.tracing import PORTABLE, Traced, being_traced, tracing_for, within_loop
from keras import ops

needs_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="looks into programs of TensorFlow"
)


def test_a_context_ends_as_it_began_also_after_an_error():
    def fail():
        with tracing_for(PORTABLE), within_loop():
            assert being_traced() == dataclasses.replace(PORTABLE, within_loop=True)
            raise ValueError("within")

    with pytest.raises(ValueError, match="within"):
        fail()
    assert being_traced() == Traced()


def operations(function, *shapes):
    """The operations that a function puts into a program and its parts, in alphabetical order."""
    import tensorflow as tf

    specifications = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    program = tf.function(function, autograph=False).get_concrete_function(*specifications)
    graph = program.graph.as_graph_def()
    parts = [graph.node, *(part.node_def for part in graph.library.function)]
    return sorted(node.op for part in parts for node in part)


@needs_tensorflow
def test_a_thread_that_exports_does_not_change_what_another_one_computes(rng):
    """Each traces while the other is in the middle of it."""
    spline = layers.LinearSpline(4)
    spline.build((None, 9, 9, 2))

    def step(u):
        padded = pde.repeat(lambda v: spline(pde.reflect(v, 1)[:, 1:-1, 1:-1]), u, 3)
        return pde.repeat(lambda v: pde.repeat(lambda w: 0.5 * w, v, 2), padded, 2)

    expected = {
        "file": _operations_for(PORTABLE, step),
        "plain": _operations_for(Traced(), step),
    }
    assert expected["file"] != expected["plain"]
    assert "MirrorPad" in expected["plain"]
    assert "MirrorPad" not in expected["file"]
    both, found = threading.Barrier(2, timeout=60), {}

    def thread(name, record):
        with tracing_for(record):
            both.wait()
            found[name] = operations(_met(step, both), (1, 9, 9, 2))
            both.wait()

    exporting = threading.Thread(target=thread, args=("file", PORTABLE))
    exporting.start()
    both.wait()
    found["plain"] = operations(_met(step, both), (1, 9, 9, 2))
    both.wait()
    exporting.join()
    assert found == expected


def _operations_for(record, step):
    with tracing_for(record):
        return operations(step, (1, 9, 9, 2))


def _met(step, barrier):
    """The step, begun only when the other thread has begun it, too."""

    def together(u):
        barrier.wait()
        return step(u)

    return together


@needs_tensorflow
def test_what_a_file_computes_is_what_the_model_computes(rng):
    u = rng.random((1, 9, 8, 3)).astype("float32")
    unet = layers.UNet((4, 8), outputs=3, doubling_size=3)
    for function in (unet, lambda v: pde.reflect(v, (3, 2), (1, 4))):
        plain = np.asarray(function(u))
        with tracing_for(PORTABLE):
            np.testing.assert_allclose(np.asarray(function(u)), plain, atol=1e-6)


@needs_tensorflow
def test_what_depends_on_frozen_weights_alone_is_a_constant():
    weight = keras.Variable(np.ones((3, 3), "float32"))
    bound = of_weights_alone(lambda w: ops.sum(ops.matmul(w, w)))

    def function(u):
        return u * bound(weight)

    frozen = dataclasses.replace(PORTABLE, frozen_weights=True)
    for record, share in ((PORTABLE, 1), (frozen, 0)):
        with tracing_for(record):
            assert operations(function, (2,)).count("MatMul") == share
