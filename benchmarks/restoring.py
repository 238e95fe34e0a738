"""What a picture of 512² costs with each denoiser, and what compiled parts bring reaction–diffusion."""

from unittest import mock

import keras
import numpy as np
import tensorflow as tf
from imagepde import zoo
from imagepde.pde import compilation
from timing import first_seconds, median_seconds, table

SIDE = 512
NAMES = (
    "foe_s.gauss25",
    "delta_resnet.gauss25",
    "trd_small.gauss25",
    "trd.gauss25",
    "trd_certified.gauss25",
    "trd_color.gauss25",
)


def image(channels, side=SIDE, batch=1):
    rng = np.random.default_rng(0)
    return tf.constant(rng.random((batch, side, side, channels), dtype=np.float32))


def restoring():
    """One picture through each model, as graph and under XLA."""
    print("## A picture of 512²\n")
    print("Result back in NumPy.\n")
    rows = []
    for name in (name for name in NAMES if name in zoo.list_models()):
        model = zoo.load(name)
        picture, cells = image(model.input_shape[-1]), []
        for jit in (False, True):
            apply = tf.function(model, jit_compile=jit)
            first = first_seconds(lambda f=apply, x=picture: f(x).numpy())
            later = median_seconds(lambda f=apply, x=picture: f(x).numpy())
            cells += [f"{first:.1f} s", f"{1e3 * later:.0f} ms"]
        rows.append([f"`{name}`", *cells])
    print(table(["model", "first call", "graph", "first call", "XLA"], rows))


def gradient(jit):
    """The gradient of `trd.gauss25` for 8 patches of 64², as a function."""
    model = zoo.load("trd.gauss25")
    noisy, clean = image(1, 64, 8), image(1, 64, 8)

    @tf.function(jit_compile=jit)
    def both():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(noisy) - clean))
        return tape.gradient(loss, model.trainable_variables)

    return lambda: [g.numpy() for g in both()]


def compiled_parts():
    """Splines and borders compiled by themselves, all in one graph, and all under XLA."""
    print("## Compiled parts of `trd.gauss25`\n")
    print("Gradient for 8 patches of 64²; ratios to the first row.\n")
    seconds = {"splines and borders compiled, convolutions not (ours)": median_seconds(gradient(False))}
    with mock.patch.object(compilation, "building_program", return_value=False):
        seconds["nothing compiled"] = median_seconds(gradient(False))
    seconds["all compiled"] = median_seconds(gradient(True))
    base = next(iter(seconds.values()))
    rows = [[form, f"{1e3 * s:.0f} ms", f"{s / base:.1f}"] for form, s in seconds.items()]
    print(table(["form", "gradient", "ratio"], rows))


def main():
    """Both tables."""
    restoring()
    compiled_parts()


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    main()
