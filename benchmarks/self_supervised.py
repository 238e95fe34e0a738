"""Ways to learn from noisy pictures alone, on the same pictures, in as many steps.

python benchmarks/self_supervised.py --data DIR --sets fluo_cellprofiler_human em_fibsem_medulla

Each picture gets Poisson noise of so many photons, `trd.any` is fine-tuned on the noisy pictures, and
all of them are restored: what counts is the PSNR beside that of `zoo.restore` without fine-tuning.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from imagepde import training, zoo
from imagepde.images import PoissonGaussian
from imagepde.tasks import psnr
from imagepde.training import finetuning, noisy_examples
from imagepde.zoo.stabilised import Stabilised
from noise_measurement import clean_pictures

MODEL = "trd.any"
Prepared = noisy_examples.Prepared


class _Neighbors(Prepared):
    """Neighbor2Neighbor (Huang et al., CVPR 2021): of 2×2 pixels one is given, one beside it wanted.

    They show places that differ by a pixel. What the first restoration says of that difference is added
    to the target, in the place of the regulariser of the paper.
    """

    def __init__(self, example, sigma, model):
        super().__init__(example, sigma, model)
        clean = zoo.restore(example.noisy, model, value_range=(0, 1), noise=self.noise)
        stabilised = Stabilised(self.noise, example.noisy[..., None], sigma)
        self.clean = stabilised.expected(clean)

    def pair(self, at, rng, told, sigma):
        cells, clean = (_cells(picture[at]) for picture in (self.noisy, self.clean))
        first = rng.integers(4, size=cells.shape[:2])
        second = first ^ rng.choice([1, 2], size=first.shape)

        def picked(picture, which):
            return np.take_along_axis(picture, which[..., None], -1)

        given = picked(cells, first)
        target = picked(cells, second) + picked(clean, first) - picked(clean, second)
        channels = [given, np.full_like(given, self.strength)] if told else [given]
        return np.concatenate(channels, -1).astype(np.float32), target.astype(np.float32)


def _cells(picture):
    """`(height / 2, width / 2, 4)`: the pixels of each 2×2 cell."""
    height, width = (side // 2 for side in picture.shape)
    even = picture[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
    return even.transpose(0, 2, 1, 3).reshape(height, width, 4)


WAYS = {
    "halves of the photons": (Prepared, True, 0.5),
    "Recorrupted-to-Recorrupted, α = 0.5": (Prepared, False, 0.5),
    # As α goes to zero, its loss becomes Stein's unbiased risk estimate.
    "nearly SURE, α = 0.1": (Prepared, False, 0.1),
    "Neighbor2Neighbor": (_Neighbors, False, 0.5),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--epochs", type=int, default=20, help="the same work on every machine")
    parser.add_argument("--photons", type=float, default=30.0)
    parser.add_argument("--ways", nargs="+", default=list(WAYS))
    options = parser.parse_args()
    print("| pictures | way | before | after | least gain | seconds |")
    print("|---|---|---|---|---|---|", flush=True)
    noise = PoissonGaussian(1 / options.photons, 0)
    for name in options.sets:
        clean = list(clean_pictures(options.data / name, 1))
        noisy = [noise.draw(c, np.random.default_rng(k)).astype("float32") for k, c in enumerate(clean)]

        def scores(model, clean=clean, noisy=noisy):
            found = [zoo.restore(z, model, value_range=(0, 1)) for z in noisy]
            return [_psnr(a, b) for a, b in zip(clean, found, strict=True)]

        before = scores(None)
        for way in options.ways:
            finetuning.Prepared, halves, noisy_examples.STRENGTH = WAYS[way]
            noisy_examples.few_photons = lambda noise, noisy, halves=halves: halves
            begun = time.perf_counter()
            examples = [training.Example(z) for z in noisy]
            tuned = training.finetune(MODEL, examples, minutes=60, epochs=options.epochs)
            seconds = time.perf_counter() - begun
            gains = np.subtract(scores(tuned), before)
            row = f"{np.mean(before):.2f} | {np.mean(before) + gains.mean():.2f} | {gains.min():+.2f}"
            print(f"| {name} ({len(clean)}) | {way} | {row} | {seconds:.0f} |", flush=True)


def _psnr(clean, found):
    pair = (np.clip(x, 0, 1).reshape(1, *clean.shape, 1).astype("float32") for x in (clean, found))
    return float(psnr(*pair)[0])


if __name__ == "__main__":
    main()
