"""Deblurring with large kernels: shifts of the image against products of matrices, within one run.

python benchmarks/large_blurs.py > docs/large_blurs.md
"""

import time

import numpy as np
from imagepde import layers, zoo
from imagepde.pde import reflected_correlation
from skimage import data
from timing import table

SIDE = 128


def kernels():
    """Kernels by their titles: Gaussians are products of a column and a row, others are not."""
    rng = np.random.default_rng(0)
    found = {f"Gaussian, σ = {sigma} px": float(sigma) for sigma in (4, 8, 30)}
    for side in (11, 19):
        kernel = rng.random((side, side))
        found[f"random, {side}×{side}"] = kernel / kernel.sum()
    return found


def seconds(kernel, picture, most):
    """Time of the first call and of a second one, where kernels up to `most` entries are shifts."""
    reflected_correlation.MOST_SHIFTS = reflected_correlation.MOST_SHIFTS_ALONG = most
    model = zoo.regularised("foe_s.gauss15", layers.Blur(kernel))
    found = []
    for _ in range(2):
        begun = time.perf_counter()
        result = zoo.restore(picture, model)
        found.append(time.perf_counter() - begun)
    return found, result


def main():
    picture = data.camera()[:: 512 // SIDE, :: 512 // SIDE]
    zoo.deblur(picture, 1.0)
    print("# Large blurs\n")
    print(
        f"Written by `benchmarks/large_blurs.py`: `foe_s.gauss15` in ten steps on {SIDE}×{SIDE}, "
        "seconds of the first call, which compiles, and of the next one.\n"
    )
    rows = []
    for title, kernel in kernels().items():
        (first, again), shifted = seconds(kernel, picture, 10**9)
        (quick, once_more), result = seconds(kernel, picture, 1)
        same = np.abs(shifted.astype(int) - result).max()
        times = [f"{value:.2f}" for value in (first, quick)] + [f"{first / quick:.1f}"]
        times += [f"{value:.2f}" for value in (again, once_more)] + [f"{again / once_more:.1f}"]
        rows.append([title, *times, same])
    header = ["kernel", "shifts, first", "matrices, first", "ratio", "shifts, again"]
    print(table([*header, "matrices, again", "ratio", "largest difference of 255"], rows))


if __name__ == "__main__":
    main()
