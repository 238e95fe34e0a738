"""Many files: pictures a second of one process and of Ray, beside each other.

    python benchmarks/bulk.py [--pictures 200] [--side 512] [--model trd_small.gauss25]

Each engine restores the same files into a folder of its own; the files must be the same. The rate is
from the first picture to the last, so that the start is left out. Needs `pip install 'imagepde[ray]'`.
"""

import argparse
import filecmp
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from imagepde import bulk, zoo
from imagepde.images import write_picture
from skimage import data
from timing import table


def write(folder, pictures, side):
    """Noisy pieces of a photograph."""
    folder.mkdir()
    photo, rng = np.tile(data.camera(), (2, 2)), np.random.default_rng(0)
    for number in range(pictures):
        row, column = rng.integers(0, 512, 2)
        piece = photo[row : row + side, column : column + side] + rng.normal(0, 25, (side, side))
        write_picture(folder / f"{number}.png", np.clip(np.rint(piece), 0, 255).astype("uint8"))
    return sorted(folder.iterdir())


def moments(files, result, model, engine):
    """When each picture was done, in seconds from the start; every one must be."""
    start, done = time.perf_counter(), []

    def progress(outcome):
        assert outcome.error is None, outcome.error
        done.append(time.perf_counter() - start)

    bulk.restore_files(files, f"{result}/", model, engine=engine, progress=progress)
    return done


def main(pictures=200, side=512, model="trd_small.gauss25"):
    cores = len(os.sched_getaffinity(0))
    zoo.restore(np.zeros((side, side), "uint8"), model)  # What is compiled once is not the engines'.
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        files = write(folder / "in", pictures, side)
        rows = []
        for engine in bulk.ENGINES:
            first, *_, last = moments(files, folder / engine, model, engine)
            rate = (pictures - 1) / (last - first)
            rows.append([engine, f"{first:.1f}", f"{last:.1f}", f"{rate:.2f}"])
        for file in files:
            written = [folder / engine / file.name for engine in bulk.ENGINES]
            assert filecmp.cmp(*written, shallow=False), file.name
    for row in rows:
        row.append(f"{float(row[3]) / float(rows[0][3]):.2f}")
    print(f"`{model}`, {pictures} pictures of {side}² pixels, {cores} cores.\n")
    print(table(["engine", "first, s", "last, s", "pictures per second", "ratio"], rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--model", default="trd_small.gauss25")
    main(**vars(parser.parse_args()))
