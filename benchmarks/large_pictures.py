"""Memory and time of the command for large pictures, many sizes and many files.

python benchmarks/large_pictures.py > docs/large_pictures.md
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile
from skimage import data


def measured(*arguments):
    """Seconds and peak memory in MiB of a run of the command."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "imagepde", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def large(path, side):
    """A picture of many photographs, with noise, in tiles."""
    rng, camera = np.random.default_rng(0), data.camera()
    count = -(-side // 512)
    row = np.tile(camera, (1, count))[:, :side].astype(np.int16)
    picture = np.empty((side, side), np.uint8)
    for top in range(0, side, 512):
        part = picture[top : top + 512]
        noise = rng.normal(0, 25, part.shape).astype(np.int16)
        part[...] = np.clip(row[: len(part)] + noise, 0, 255)
    tifffile.imwrite(path, picture, tile=(256, 256), compression="zlib")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=20_000)
    parser.add_argument("--files", type=int, default=200)
    options = parser.parse_args()
    print("# Large pictures, many sizes, many files\n")
    print("Written by `benchmarks/large_pictures.py`; each line is one run of the command.\n")
    print("| input | model | seconds | peak memory, MiB |")
    print("|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)

        def row(words, model, source, result):
            seconds, memory = measured("restore", source, result, "--model", model)
            print(f"| {words} | `{model}` | {seconds:.1f} | {memory:.0f} |", flush=True)

        tifffile.imwrite(folder / "small.tif", data.camera())
        row("512², 8 bits", "trd.gauss25", folder / "small.tif", folder / "out.tif")
        large(folder / "large.tif", options.side)
        for model in ("eed.default", "trd_small.gauss25"):
            words = f"{options.side:,}², 8 bits, TIFF in tiles"
            row(words, model, folder / "large.tif", folder / "out.tif")
        rng, camera = np.random.default_rng(1), data.camera()
        for name, sides in (("sizes", (64, 512)), ("alike", (256, 257))):
            (folder / name).mkdir()
            for k in range(options.files):
                height, width = rng.integers(*sides, 2)
                tifffile.imwrite(folder / name / f"{k:03}.tif", camera[:height, :width])
        words = f"{options.files} files of as many sizes, 64² to 511²"
        row(words, "trd.gauss25", folder / "sizes", folder / "of_sizes")
        words = f"{options.files} files of 256²"
        row(words, "trd.gauss25", folder / "alike", folder / "of_alike")


if __name__ == "__main__":
    main()
