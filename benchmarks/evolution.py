"""Ten steps of the learned diffusion: a loop against unrolled steps, a graph against XLA."""

import keras
import numpy as np
import tensorflow as tf
from imagepde import zoo
from imagepde.pde.tracing import PORTABLE, tracing_for
from timing import first_seconds, median_seconds, table


def unrolled(model):
    """The same evolution, its steps written out one after the other."""
    evolution = model.get_layer("evolution")

    def apply(u):
        for _ in range(evolution.steps):
            u = evolution.step(u)
        return u

    return apply


def main():
    """Inference on 512² and a training step on 8 patches of 64², relative to the loop under XLA."""
    model = zoo.load("foe_s.gauss25")
    rng = np.random.default_rng(0)
    image = tf.constant(rng.random((1, 512, 512, 1), dtype=np.float32))
    patches = tf.constant(rng.random((8, 64, 64, 1), dtype=np.float32))
    clean = tf.constant(rng.random((8, 64, 64, 1), dtype=np.float32))

    def loss_and_gradients(apply):
        def both():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(apply(patches) - clean))
            return tape.gradient(loss, model.trainable_variables)

        return both

    measured = []
    for form, apply in (("loop", model), ("unrolled", unrolled(model))):
        for label, jit in (("graph", False), ("XLA", True)):
            infer = tf.function(apply, jit_compile=jit)
            train = tf.function(loss_and_gradients(apply), jit_compile=jit)
            measured.append(
                (
                    f"{form}, {label}",
                    first_seconds(lambda f=infer: f(image).numpy()),
                    median_seconds(lambda f=infer: f(image).numpy()),
                    first_seconds(lambda f=train: [g.numpy() for g in f()]),
                    median_seconds(lambda f=train: [g.numpy() for g in f()]),
                )
            )

    def plain():
        with tracing_for(PORTABLE):
            return loss_and_gradients(model)()

    train = tf.function(plain, jit_compile=True)
    compiled = first_seconds(lambda: [g.numpy() for g in train()])
    seconds = median_seconds(lambda: [g.numpy() for g in train()])
    base = dict((name, numbers) for name, *numbers in measured)["loop, XLA"]
    rows = [
        [
            name,
            f"{first:.1f} s",
            f"{infer * 1e3:.0f} ms",
            f"{infer / base[1]:.2f}",
            f"{compiled:.1f} s",
            f"{train * 1e3:.0f} ms",
            f"{train / base[3]:.2f}",
        ]
        for name, first, infer, compiled, train in measured
    ]
    plain_row = [
        "loop, XLA, derived gradients",
        *("", "", ""),
        f"{compiled:.1f} s",
        f"{seconds * 1e3:.0f} ms",
        f"{seconds / base[3]:.2f}",
    ]
    rows.append(plain_row)
    print("## Ten steps of `foe_s.gauss25`\n")
    print("Restoring 512², and the gradient for 8 patches of 64²; ratios to the loop under XLA.\n")
    print(
        table(
            ["form", "first call", "512²", "ratio", "first gradient", "gradient", "ratio"],
            rows,
        )
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    main()
