"""A photograph of 12 megapixels, in units of a matrix product of the same process, and its memory.

    python benchmarks/twelve_megapixels.py [MODEL …] > docs/twelve_megapixels.md

Whole calls of `zoo.restore`, from 8 bits to 8 bits. Each model has a process of its own, in which the
photograph, a piece of 512² of it and a float32 product of 4096² by 4096² are computed in turns. Memory
is what the process takes at most beyond that after its imports and the first product.
"""

import argparse
import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from memory import PeakMemory

GOALS = {"trd.gauss25": 16, "trd_small.gauss25": 5, "eed.default": 3.4, "foe_s.gauss25": 22}
"""Products that the photograph is to take at most."""

SHAPE, PIECE, PRODUCT = (3000, 4000), 512, 4096


def photograph():
    """The cameraman many times, with noise."""
    from skimage import data

    rng, picture = np.random.default_rng(0), np.tile(data.camera(), (6, 8))[: SHAPE[0], : SHAPE[1]]
    return np.clip(picture + rng.normal(0, 25, SHAPE).astype("float32"), 0, 255).astype("uint8")


def both(call):
    """Seconds of a call, and of the processors that it kept busy."""
    start = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - start[0], time.process_time() - start[1]


def measure(name, rounds):
    """Prints the row of a model."""
    import tensorflow as tf
    from imagepde.zoo import public as zoo  # With Keras, before anything is measured.

    picture = photograph()
    piece, matrix = picture[:PIECE, :PIECE], tf.random.uniform((PRODUCT, PRODUCT))
    with PeakMemory() as memory:
        zoo.restore(picture, name)
    calls = [
        lambda: zoo.restore(picture, name),
        lambda: zoo.restore(piece, name),
        lambda: tf.matmul(matrix, matrix).shape,
    ]
    for call in calls[1:]:
        call()
    taken = [[(*both(call),) for call in calls] for _ in range(rounds)]
    # The fastest of each, by the wall and by the processors.
    large, small, unit = np.min(taken, axis=0)
    products, over = large / unit, large / picture.size / (small / piece.size)
    goal = GOALS.get(name, "")
    cells = [f"`{name}`", f"{large[0]:.2f} s", *(f"{n:.1f}" for n in products), goal]
    cells += [f"{over[1]:.2f}", f"{memory.beyond / 2**20:.0f}"]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(GOALS))
    parser.add_argument(
        "--row", action="store_true", help="Measure one model, and print its row alone."
    )
    parser.add_argument("--rounds", type=int, default=3, help="Number of timed calls.")
    options = parser.parse_args()
    if options.row:
        measure(*options.models, options.rounds)
        return
    print("# A photograph of 12 megapixels\n")
    print(
        "Written by `benchmarks/twelve_megapixels.py`. `zoo.restore` computes a photograph of "
        f"{SHAPE[0]}×{SHAPE[1]} pixels\nof 8 bits. Times are given in float32 matrix products of "
        f"{PRODUCT}² by {PRODUCT}² in the same process, by the clock\nand by processor time, which "
        "other work disturbs less. The last ratio compares the processor time\nper pixel with that of "
        f"a picture of {PIECE}². Memory is the peak beyond that after the imports.\n\n"
        f"{len(os.sched_getaffinity(0))} cores, load average {os.getloadavg()[0]:.1f} when it began, "
        f"the fastest of {options.rounds}.\n"
    )
    print("| model | time | products | by processors | goal | per pixel, beside 512² | memory, MiB |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for name in options.models:
        rounds = ["--rounds", str(options.rounds)]
        subprocess.run([sys.executable, __file__, "--row", name, *rounds], check=True)


if __name__ == "__main__":
    main()
