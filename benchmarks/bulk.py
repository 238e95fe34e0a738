"""Many files: pictures a second of one process and of Ray, beside each other.

    python benchmarks/bulk.py [--pictures 200] [--side 512] [--model trd_small.gauss25]

Each engine restores the same files into a folder of its own; the files must be the same. Its start is
measured by a run of no more pictures than there are workers and left out of the rate. Needs
`pip install 'imagepde[ray]'`.
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


def seconds_of(files, result, model, engine):
    """Time of one run; every picture must be done."""
    start = time.perf_counter()
    outcomes = bulk.restore_files(files, f"{result}/", model, engine=engine)
    taken = time.perf_counter() - start
    assert not [outcome.error for outcome in outcomes if outcome.error]
    return taken


def main(pictures=200, side=512, model="trd_small.gauss25"):
    cores = len(os.sched_getaffinity(0))
    zoo.restore(np.zeros((side, side), "uint8"), model)  # What is compiled once is not the engines'.
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        files = write(folder / "in", pictures, side)
        rows = []
        for engine in bulk.ENGINES:
            started = seconds_of(files[:cores], folder / f"{engine}-few", model, engine)
            taken = seconds_of(files, folder / engine, model, engine)
            rate = (pictures - cores) / (taken - started)
            rows.append([engine, f"{started:.1f}", f"{taken:.1f}", f"{rate:.2f}"])
        for file in files:
            written = [folder / engine / file.name for engine in bulk.ENGINES]
            assert filecmp.cmp(*written, shallow=False), file.name
    for row in rows:
        row.append(f"{float(row[-1]) / float(rows[0][-1]):.2f}")
    print(f"`{model}`, {pictures} pictures of {side}² pixels, {cores} cores.\n")
    print(table(["engine", f"{cores} pictures, s", "all, s", "pictures a second", "ratio"], rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--model", default="trd_small.gauss25")
    main(**vars(parser.parse_args()))
