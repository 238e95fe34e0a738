"""Time and peak memory of deblurring, upscaling, inpainting and segmentation of a megapixel.

python benchmarks/problem_speed.py > docs/problem_speed.md

Each problem runs in a process of its own; the first call, which makes the programs, is told apart.
"""

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np
from memory import PeakMemory
from scipy.ndimage import gaussian_filter
from skimage import data, transform

SIDE = 1024


def photograph(side):
    return transform.resize(data.camera() / 255, (side, side), order=3).astype("float32")


def noisy(picture, sigma):
    noise = np.random.default_rng(0).normal(0, sigma / 255, picture.shape)
    return (picture + noise).astype("float32")


def problems():
    """By name, the call, and what it is given."""
    from imagepde.zoo import public as zoo  # With Keras, before anything is measured.

    photo = photograph(SIDE)
    known = np.random.default_rng(0).random(photo.shape) < 0.1
    blurred = noisy(gaussian_filter(photo, 1.6), 2)
    small = noisy(photo.reshape(SIDE // 2, 2, SIDE // 2, 2).mean((1, 3)), 1)
    return {
        "deblur": lambda: zoo.deblur(blurred, 1.6),
        "upscale ×2": lambda: zoo.upscale(small, 2),
        "inpaint, 10 % known": lambda: zoo.inpaint(np.where(known, photo, 0), known),
        "segment": lambda: zoo.segment(photo),
    }


def measure(name):
    """Seconds of the first call and of later ones, and bytes per pixel."""
    call, seconds = problems()[name], []
    with PeakMemory() as memory:
        for _ in range(4):
            begun = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - begun)
    print(json.dumps([seconds[0], float(np.median(seconds[1:])), memory.beyond / SIDE**2]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", help="one problem alone, for the process of its own")
    options = parser.parse_args()
    if options.measure:
        measure(options.measure)
        return
    print("# Time and memory of inverse problems\n")
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"Written by `benchmarks/problem_speed.py`: pictures of {SIDE}², defaults, {cores} cores.")
    print(f"The load average was {load:.1f} when it began.\n")
    print("| problem | first call | later calls | peak memory, bytes per pixel |")
    print("|---|---|---|---|")
    for name in problems():
        command = [sys.executable, __file__, "--measure", name]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        first, later, memory = json.loads(answer.splitlines()[-1])
        print(f"| {name} | {first:.1f} s | {later:.1f} s | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
