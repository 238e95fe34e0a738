"""Memory and time of the command for large pictures, many sizes and many files.

python benchmarks/large_pictures.py > docs/large_pictures.md
python benchmarks/large_pictures.py --only small files
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile
from skimage import data


def measured(*arguments):
    """Seconds, and peak memory in MiB, of a run of the command.

    Pages of files that are mapped do not count: the system takes them back when it needs the memory.
    """
    begun, most = time.perf_counter(), 0
    command = [sys.executable, "-m", "imagepde", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        if "RssAnon" in status:
            most = max(most, int(status.split("RssAnon:")[1].split()[0]))
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - begun, most / 1024


def large(path, side, dtype):
    """A picture of many photographs, with noise, in tiles."""
    rng, camera = np.random.default_rng(0), data.camera()
    count = -(-side // 512)
    row = np.tile(camera, (1, count))[:, :side].astype(np.int16)
    picture, unit = np.empty((side, side), dtype), np.iinfo(dtype).max // 255
    for top in range(0, side, 512):
        part = picture[top : top + 512]
        noise = rng.normal(0, 25, part.shape).astype(np.int16)
        part[...] = np.clip(row[: len(part)] + noise, 0, 255).astype(dtype) * unit
    tifffile.imwrite(path, picture, tile=(256, 256), compression="zlib")


def small(row, folder, options):
    """A command from its start."""
    tifffile.imwrite(folder / "small.tif", data.camera())
    row("512², 8 bits", "trd.gauss25", folder / "small.tif", folder / "out.tif")


def gigapixels(row, folder, options):
    """Pictures that do not fit into the memory as floats."""
    for bits, models in ((8, ("eed.default", "trd_small.gauss25")), (16, ("eed.default",))):
        large(folder / "large.tif", options.side, f"uint{bits}")
        for model in models:
            words = f"{options.side:,}², {bits} bits, TIFF in tiles"
            row(words, model, folder / "large.tif", folder / "out.tif")


def inpainting(row, folder, options):
    """A picture of 12 megapixels with holes."""
    holes = np.random.default_rng(1).random((3000, 4000)) < 0.1
    tifffile.imwrite(folder / "mask.tif", holes.astype(np.uint8) * 255)
    tifffile.imwrite(folder / "damaged.tif", np.tile(data.camera(), (6, 8))[:3000, :4000])
    words = "3000×4000, 8 bits, a tenth of the pixels is known"
    mask = ("--mask", folder / "mask.tif")
    row(words, "inpainting.eed", folder / "damaged.tif", folder / "out.tif", *mask)


def files(row, folder, options):
    """Folders: files of many sizes, and of one."""
    rng, camera = np.random.default_rng(1), data.camera()
    for name, sides in (("sizes", (64, 512)), ("alike", (256, 257))):
        (folder / name).mkdir()
        for k in range(options.files):
            height, width = rng.integers(*sides, 2)
            tifffile.imwrite(folder / name / f"{k:03}.tif", camera[:height, :width])
    words = f"{options.files} files of as many sizes, 64² to 511²"
    row(words, "trd.gauss25", folder / "sizes", folder / "of_sizes")
    row(f"{options.files} files of 256²", "trd.gauss25", folder / "alike", folder / "of_alike")


PARTS = {part.__name__: part for part in (small, gigapixels, inpainting, files)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=20_000)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    print("# Large pictures, many sizes, many files\n")
    print(
        "Written by `benchmarks/large_pictures.py`; each line is one run of the command. Pages of files"
    )
    print("that are mapped do not count as memory: the system takes them back when it needs it.\n")
    print("| input | model | seconds | peak memory, MiB |")
    print("|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)

        def row(words, model, source, result, *more):
            seconds, memory = measured("restore", source, result, "--model", model, *more)
            print(f"| {words} | `{model}` | {seconds:.1f} | {memory:.0f} |", flush=True)

        for part in options.only:
            PARTS[part](row, folder, options)


if __name__ == "__main__":
    main()
