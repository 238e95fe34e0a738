"""The op of BLADE, forward and backward, and a training step of a surrogate, against plain ways."""

import contextlib
import functools

import keras
import numpy as np
import tensorflow as tf
from imagepde import pde, zoo
from imagepde.pde.tracing import PORTABLE, tracing_for
from imagepde.training.surrogates import unrolled
from timing import median_seconds, table

_derived_gradients = functools.partial(tracing_for, PORTABLE)

SIDE, COUNT, FOOTPRINT = 1024, 216, 5


def patches_and_gather(images, filters, index):
    """A tensor of patches, a tensor of gathered filters, and the sum of their product."""
    half = FOOTPRINT // 2
    padded = pde.replicate(images, half)
    patches = tf.image.extract_patches(
        padded, [1, FOOTPRINT, FOOTPRINT, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID"
    )
    chosen = tf.gather(tf.reshape(filters, (COUNT, -1)), index[..., 0])
    return tf.reduce_sum(patches * chosen, axis=-1, keepdims=True)


def convolve_and_gather(images, filters, index):
    """The responses of all filters, of which one is taken at each pixel."""
    padded = pde.replicate(images, FOOTPRINT // 2)
    kernel = tf.transpose(filters, (1, 2, 0))[:, :, None]
    responses = tf.nn.conv2d(padded, kernel, 1, "VALID")
    return tf.gather(responses, index, axis=-1, batch_dims=3)[..., 0]


def _op(report):
    rng = np.random.default_rng(0)
    images = tf.constant(rng.random((1, SIDE, SIDE, 1), dtype=np.float32))
    filters = tf.constant(rng.standard_normal((COUNT, FOOTPRINT, FOOTPRINT), dtype=np.float32))
    index = tf.constant(rng.integers(0, COUNT, (1, SIDE, SIDE, 1)), tf.int32)

    def timed(function, jit, context=contextlib.nullcontext):
        def both(images, filters):
            with tf.GradientTape() as tape, context():
                tape.watch([images, filters])
                value = tf.reduce_sum(function(images, filters, index) ** 2)
            return tape.gradient(value, [images, filters])

        def forward(images, filters):
            with context():
                return function(images, filters, index)

        seconds = []
        for part in (forward, both):
            program = tf.function(part, jit_compile=jit, autograph=False)
            run = lambda p=program: tf.nest.map_structure(np.asarray, p(images, filters))  # noqa: E731
            seconds.append(median_seconds(run, repeats=5))
        return seconds

    ways = {
        "`blade_filter`": timed(pde.blade_filter, False),
        "its sum of taps, derived gradient": timed(pde.blade_filter, False, _derived_gradients),
        "the same under XLA": timed(pde.blade_filter, True, _derived_gradients),
        "patches and gathered filters": timed(patches_and_gather, False),
        "all filters, then a gather": timed(convolve_and_gather, False),
    }
    first = ways["`blade_filter`"]
    rows = [
        [
            name,
            *(f"{1e9 * s / SIDE**2:.0f} ms" for s in seconds),
            *(f"{s / f:.1f}" for s, f in zip(seconds, first, strict=True)),
        ]
        for name, seconds in ways.items()
    ]
    head = ["way", "forward", "with gradients", "ratio", "ratio with gradients"]
    report(f"A picture of {SIDE}², {COUNT} filters of {FOOTPRINT}×{FOOTPRINT}, times a megapixel.\n")
    report(table(head, rows))


def _step(jit, context):
    """A compiled step of a training of `blade.tv_flow`."""
    fitted = unrolled(zoo.load("blade.tv_flow"), steps=10)
    optimizer = keras.optimizers.Adam(1e-9)
    optimizer.build(fitted.trainable_variables)

    def step(images, later):
        with tf.GradientTape() as tape, context():
            loss = tf.reduce_mean(tf.square(fitted(images, training=True) - later))
        gradients = tape.gradient(loss, fitted.trainable_variables)
        optimizer.apply(gradients, fitted.trainable_variables)
        return loss

    return tf.function(step, jit_compile=jit, autograph=False)


def _training_step(report):
    rng = np.random.default_rng(0)
    frames = rng.random((8, 11, 80, 120, 1), dtype=np.float32)
    batch = tf.constant(frames[:, 0]), tf.constant(frames[:, 1:])
    rows, first = [], None
    for name, jit, context in (
        ("own gradient, parts compiled one by one", False, contextlib.nullcontext),
        ("own gradient, one program under XLA", True, contextlib.nullcontext),
        ("derived gradient of the gathers", False, _derived_gradients),
        ("the same under XLA", True, _derived_gradients),
    ):
        step = _step(jit, context)
        seconds = median_seconds(lambda step=step: float(step(*batch)), repeats=5)
        first = first or seconds
        rows.append([name, f"{1e3 * seconds:.0f} ms", f"{seconds / first:.1f}"])
    report("A training step of `blade.tv_flow`: 8 windows of 120×80, ten steps in time.\n")
    report(table(["way", "time", "ratio"], rows))


def main(report=print):
    """Prints the section of the page."""
    report("## BLADE\n")
    _op(report)
    _training_step(report)
    report(
        "Error against time for surrogates and classical schemes: `benchmarks/blade_frontier.py`,\n"
        "with the plot in [blade.md](blade.md).\n"
    )


if __name__ == "__main__":
    main()
