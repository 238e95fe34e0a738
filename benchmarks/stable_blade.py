"""Stable surrogates beside `blade_flux`: time, that of a training step, and turned photographs.

    python benchmarks/stable_blade.py

All in one run, since machines vary: a step of training with the derivative that is written by hand, and
with the one that is derived; ten steps of both families on a picture of 1024².
"""

import numpy as np
import tensorflow as tf
from imagepde import zoo
from imagepde.pde.tracing import Traced, tracing_for
from imagepde.training.surrogates import unrolled
from skimage import data
from timing import median_seconds

BATCH, SIDES, STEPS, SIDE = 4, (80, 120), 10, 1024


def training_step(own):
    """A function that makes one step of training, of a new model."""
    model = unrolled(zoo.create("blade_stable", rho=0.7), steps=10)
    rng = np.random.default_rng(0)
    u = tf.constant(rng.random((BATCH, *SIDES, 1), dtype=np.float32))
    wanted = tf.constant(rng.random((BATCH, STEPS, *SIDES, 1), dtype=np.float32))

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(u) - wanted) ** 2)
        return tape.gradient(loss, model.trainable_variables)

    def call():
        with tracing_for(Traced(own_gradients=own)):
            return [gradient.numpy() for gradient in step()]

    return call


def main():
    """Prints times and ratios."""
    seconds = {own: median_seconds(training_step(own), 3) for own in (True, False)}
    print(f"training step, by hand {seconds[True]:.2f} s, derived {seconds[False]:.2f} s")
    print(f"ratio {seconds[False] / seconds[True]:.1f}")
    picture = np.random.default_rng(0).random((1, SIDE, SIDE, 1), dtype=np.float32)
    times = {}
    for name in ("blade_flux.tv_flow", "blade_stable.tv_flow"):
        model = zoo.load(name)
        times[name] = median_seconds(lambda model=model: model.predict_on_batch(picture), 3)
        print(f"{name}: {1e3 * times[name]:.0f} ms for {SIDE}²")
    print(f"ratio {times['blade_stable.tv_flow'] / times['blade_flux.tv_flow']:.2f}")
    for name in times:
        for steps in (1, STEPS):
            print(f"{name}, turned and mirrored, {steps} steps: {turned(zoo.load(name, steps=steps))}")


def turned(model):
    """How far the results of a photograph that is turned or mirrored are from the turned result."""
    u = (data.camera() / 255).astype(np.float32)[None, ..., None]
    expected, found = np.asarray(model.predict_on_batch(u)), []
    for symmetry in (lambda v: v[:, ::-1, ::-1], lambda v: v[:, :, ::-1], lambda v: v.swapaxes(1, 2)):
        result = np.asarray(model.predict_on_batch(np.ascontiguousarray(symmetry(u))))
        difference = np.abs(symmetry(result) - expected)
        found.append(f"{difference.max():.1g}, {100 * (difference > 1e-5).mean():.2f} % of the pixels")
    return "; ".join(found)


if __name__ == "__main__":
    main()
