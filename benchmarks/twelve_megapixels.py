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
import threading
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

GOALS = {"trd.gauss25": 16, "trd_small.gauss25": 5, "eed.default": 3.4, "foe_s.gauss25": 22}
"""Products that the photograph is to take at most."""

SHAPE, PIECE, PRODUCT = (3000, 4000), 512, 4096


def photograph():
    """The cameraman many times, with noise."""
    from skimage import data

    rng, picture = np.random.default_rng(0), np.tile(data.camera(), (6, 8))[: SHAPE[0], : SHAPE[1]]
    return np.clip(picture + rng.normal(0, 25, SHAPE).astype("float32"), 0, 255).astype("uint8")


def resident():
    """Memory of the process without pages of files, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


def peak_of(call):
    """The most memory while a function runs, in MiB."""
    most, done = [resident()], threading.Event()

    def watch():
        while not done.wait(0.02):
            most.append(resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    call()
    done.set()
    watcher.join()
    return max(most)


def measure(name):
    """Prints the row of a model."""
    import tensorflow as tf
    from imagepde import zoo
    from timing import fastest_in_turns

    before, picture = resident(), photograph()
    piece, matrix = picture[:PIECE, :PIECE], tf.random.uniform((PRODUCT, PRODUCT))
    peak = peak_of(lambda: zoo.restore(picture, name))
    large, small, unit = fastest_in_turns(
        [
            lambda: zoo.restore(picture, name),
            lambda: zoo.restore(piece, name),
            lambda: tf.matmul(matrix, matrix).shape,
        ],
        least=2,
        most=10,
        enough=2,
    )
    over = large / picture.size / (small / piece.size)
    goal = GOALS.get(name, "")
    cells = (
        f"`{name}`",
        f"{large:.2f} s",
        f"{large / unit:.1f}",
        goal,
        f"{over:.2f}",
        f"{peak - before:.0f}",
    )
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(GOALS))
    parser.add_argument(
        "--row", action="store_true", help="Measure one model, and print its row alone."
    )
    options = parser.parse_args()
    if options.row:
        measure(*options.models)
        return
    print("# A photograph of 12 megapixels\n")
    print(
        "Made by `python benchmarks/twelve_megapixels.py`. A photograph of "
        f"{SHAPE[0]}×{SHAPE[1]} pixels of 8\nbits through `zoo.restore`, in units of a float32 matrix "
        f"product of {PRODUCT}² by {PRODUCT}² in\nthe same process, on {len(os.sched_getaffinity(0))} "
        f"cores; what a pixel costs beside one of a\npicture of {PIECE}²; and the most memory of the "
        "process beyond that after its imports.\n"
    )
    print("| model | time | products | goal | a pixel beside small | memory, MiB |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for name in options.models:
        subprocess.run([sys.executable, __file__, "--row", name], check=True)


if __name__ == "__main__":
    main()
