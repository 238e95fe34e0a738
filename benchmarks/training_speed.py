"""Training speed of reaction-diffusion, in float32 and with convolutions in bfloat16.

    python benchmarks/training_speed.py > docs/training_speed.md

All in one run and in turns, beside a product of two matrices in both precisions. Operations are those
of the convolutions and all else that TensorFlow's profiler counts, three times: a derivative with
respect to the image and one with respect to the weights cost as much as the step itself.
"""

import argparse
import os

MODELS = {
    "trd": ("trd", {}),
    "trd with 32 components, 96 filters": ("trd", {"components": 32, "filters": 96}),
    "trd_color": ("trd_color", {}),
    "trd_small": ("trd_small", {}),
    "trd_certified": ("trd_certified", {}),
}
SIDE = 2048


def main():
    """Prints the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--patch", type=int, default=64)
    options = parser.parse_args()

    import keras
    import numpy as np
    import tensorflow as tf
    from imagepde import training, zoo
    from imagepde.pde import bfloat16_convolutions
    from timing import fastest_in_turns, table

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    calls, rates = [], []
    for dtype in ("float32", "bfloat16"):
        matrix = tf.cast(tf.random.normal((SIDE, SIDE)), dtype)
        calls.append(lambda matrix=matrix: tf.matmul(matrix, matrix).numpy())
        rates.append(2 * SIDE**3)
    pixels = options.batch * options.patch**2
    for name, config in MODELS.values():
        for rounded in (False, True):
            model = zoo.create(name, **config)
            model.compile(keras.optimizers.Adam(1e-3), "mse", jit_compile=False)
            size = (options.batch, options.patch, options.patch, model.input_shape[-1])
            picture = np.random.default_rng(0).random(size, dtype=np.float32)
            with bfloat16_convolutions(rounded):
                model.train_on_batch(picture, picture)
            calls.append(lambda m=model, x=picture: m.train_on_batch(x, x))
            rates.append(3 * options.batch * training.flops.count_flops(model, options.patch))
    seconds = fastest_in_turns(calls)
    speeds = [rate / time / 1e9 for rate, time in zip(rates, seconds, strict=True)]
    print("# How fast trainings are\n")
    print(
        f"Written by `benchmarks/training_speed.py`: batches of {options.batch} patches of "
        f"{options.patch}², TensorFlow {tf.__version__}, threads: {options.threads}. In the same run a "
        f"product of two matrices of {SIDE}² had {speeds[0]:.0f} GFLOP/s in float32 and "
        f"{speeds[1]:.0f} in bfloat16.\n"
    )
    rows = []
    for k, name in enumerate(MODELS):
        plain, rounded = (2 + 2 * k + j for j in (0, 1))
        rows.append(
            [
                f"`{name.split()[0]}`{name[len(name.split()[0]) :]}",
                f"{pixels / seconds[plain] / 1e3:.0f}",
                f"{pixels / seconds[rounded] / 1e3:.0f}",
                f"{seconds[plain] / seconds[rounded]:.2f}",
                f"{speeds[plain]:.0f}",
                f"{speeds[rounded]:.0f}",
            ]
        )
    header = ["model", "1,000 px/s", "convolutions in bfloat16", "ratio", "GFLOP/s", "in bfloat16"]
    print(table(header, rows), end="")


if __name__ == "__main__":
    main()
