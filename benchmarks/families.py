"""What the learned diffusivities cost beside the classical one, and how the U-Net is computed."""

from unittest import mock

import keras
import numpy as np
import tensorflow as tf
from imagepde import layers, zoo
from keras import ops
from timing import median_seconds, table

FAMILIES = ("perona_malik", "ka", "foe_rb", "foe_m", "foe_s", "foe_d", "unet_diffusivity")


def restoring():
    """One picture of 256² through each model for σ = 25, as graph and under XLA."""
    image = tf.constant(np.random.default_rng(0).random((1, 256, 256, 1), dtype=np.float32))
    seconds = {}
    for family in FAMILIES:
        model = zoo.load(f"{family}.gauss25")
        steps = model.get_layer("evolution").steps
        for jit in (False, True):
            apply = tf.function(model, jit_compile=jit)
            seconds[family, jit] = median_seconds(lambda f=apply: f(image).numpy()) / steps
    base = seconds["perona_malik", True]
    print("## One step of each family\n")
    print("256², time of a whole call divided by its steps; ratios to `perona_malik` under XLA.\n")
    rows = [
        [
            f"`{family}`",
            *(f"{seconds[family, jit] * 1e3:.2f} ms" for jit in (False, True)),
            f"{seconds[family, True] / base:.1f}",
        ]
        for family in FAMILIES
    ]
    print(table(["family", "graph", "XLA", "ratio"], rows))


def plain_convolution(u, kernel):
    """What `correlate` replaces."""
    return ops.conv(u, kernel, padding="valid")


def training_a_unet():
    """The gradient of a step with a U-Net diffusivity within a loop, by what it is computed with."""
    rng = np.random.default_rng(0)
    noisy, clean = (tf.constant(rng.random((8, 64, 64, 1), dtype=np.float32)) for _ in range(2))

    def gradient(steps):
        model = zoo.create("unet_diffusivity", steps=steps)

        @tf.function(jit_compile=True)
        def both():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(model(noisy) - clean))
            return tape.gradient(loss, model.trainable_variables)

        return median_seconds(lambda: [g.numpy() for g in both()], repeats=3)

    own = gradient(2)
    with mock.patch.object(layers.convolution, "correlate", plain_convolution):
        convolving = gradient(2)
    print("## Gradient of two steps of `unet_diffusivity` under XLA\n")
    print("8 patches of 64².\n")
    rows = [
        ["products of patches (ours)", f"{own * 1e3:.0f} ms", "1.0"],
        ["convolution of Keras", f"{convolving * 1e3:.0f} ms", f"{convolving / own:.1f}"],
    ]
    print(table(["computed with", "gradient", "ratio"], rows))


def main():
    """Both tables."""
    restoring()
    training_a_unet()


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    main()
