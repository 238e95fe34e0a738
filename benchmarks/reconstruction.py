"""Deblurring and upscaling with many regularisers, each tuned on photographs of the training.

    python benchmarks/reconstruction.py TRAINING LISTING TEST [ONLY]

writes `docs/deblurring.csv` and `docs/upscaling.csv`; with ONLY the rows of methods that have this in
their name, among those of the others as they were. TRAINING is a folder of photographs, LISTING a text
file with those to take from it, TEST another folder. What a method leaves open is chosen by the highest
PSNR on some of the photographs of the training, and then used for every photograph of the test.
"""

import csv
import itertools
import sys
from pathlib import Path

import numpy as np
from imagepde import layers, pde, tasks, training, zoo
from imagepde.images.arrays import to_unit_range
from imagepde.images.color import luma
from imagepde.images.files import write_csv
from rich.progress import track
from skimage import restoration

DOCS = Path(__file__).parents[1] / "docs"
TUNED_ON = 8

BLUR = layers.Blur(1.0)
DEBLURRING = tasks.Observed(BLUR, 5.0)
UPSCALING = tasks.Observed(layers.Chain([layers.Blur(0.4), layers.Subsample(4)]))

PULLS = (0.9, 1.2, 1.5, 1.8)
"""λ τ."""


def regularised(task, name, time_steps, pulls=PULLS):
    """A method: an evolution as the regulariser in ten steps, by its time step and λ τ."""

    def make(time_step, pull):
        weight = None
        if pull is not None:
            changes = {} if time_step is None else {"time_step": time_step}
            step = zoo.load(name, **changes).get_layer("evolution").step
            weight = pull / float(step.duration)
        model = zoo.regularised(name, task.observation, weight, 10, time_step)
        return lambda f: zoo.restore(f, model)

    return make, list(itertools.product(time_steps, pulls))


def richardson_lucy(iterations):
    """scikit-image's, which wants positive pictures."""
    return lambda f: restoration.richardson_lucy(
        np.clip(f, 1e-3, 1.0), BLUR.kernel.astype("float32"), num_iter=iterations
    )


def wiener():
    """scikit-image's, with its parameters estimated from the picture."""
    rng = np.random.default_rng(0)
    return lambda f: restoration.unsupervised_wiener(f, BLUR.kernel.astype("float32"), rng=rng)[0]


def interpolation(kernel):
    return lambda f: np.asarray(pde.upsample(f[None, ..., None], 4, 1, kernel))[0, ..., 0]


DEBLURRERS = {
    "doing nothing": (lambda: lambda f: f, [()]),
    "`zoo.deblur(f, 1.0)`": (lambda: lambda f: zoo.deblur(f, 1.0, value_range=(0, 1)), [()]),
    "`blade_flux.ced_smooth`, λ τ = 1.2": regularised(
        DEBLURRING, "blade_flux.ced_smooth", (0.5,), (1.2,)
    ),
    "Richardson–Lucy (scikit-image)": (richardson_lucy, [(n,) for n in (2, 3, 4, 6, 8, 12)]),
    "unsupervised Wiener (scikit-image)": (wiener, [()]),
    **{
        title: regularised(DEBLURRING, name, time_steps)
        for title, name, time_steps in (
            ("`blade_flux.ced_smooth`", "blade_flux.ced_smooth", (0.25, 0.35, 0.5)),
            ("`blade.ced_smooth`", "blade.ced_smooth", (0.25, 0.35, 0.5)),
            ("`blade_flux.ced`", "blade_flux.ced", (0.25, 0.35, 0.5)),
            ("`blade_flux.tv_flow`", "blade_flux.tv_flow", (0.0075, 0.015, 0.03)),
            ("`blade_flux.perona_malik`", "blade_flux.perona_malik", (0.075, 0.15, 0.3)),
            ("`ced.default`, δ-stencil", "ced.default", (0.1, 0.25)),
            ("`eed.default`, δ-stencil", "eed.default", (0.1, 0.25)),
            ("`perona_malik.gauss15`", "perona_malik.gauss15", (None,)),
            ("`foe_s.gauss15`", "foe_s.gauss15", (None,)),
        )
    },
}

UPSCALERS = {
    "bicubic": (lambda: interpolation("bicubic"), [()]),
    "`zoo.upscale(f, 4, blur=0.4)`": (
        lambda: lambda f: zoo.upscale(f, 4, blur=0.4, value_range=(0, 1)),
        [()],
    ),
    "Lanczos": (lambda: interpolation("lanczos"), [()]),
    "`blade_flux.tv_flow`, λ τ = 0.35": regularised(
        UPSCALING, "blade_flux.tv_flow", (0.003, 0.006, 0.01, 0.015), (0.35,)
    ),
    **{
        f"{title}, projected": regularised(UPSCALING, name, time_steps, (None,))
        for title, name, time_steps in (
            ("`blade_flux.tv_flow`", "blade_flux.tv_flow", (0.003, 0.006, 0.01, 0.015)),
            ("`blade.tv_flow`", "blade.tv_flow", (0.003, 0.006, 0.01, 0.015)),
            ("`blade_flux.perona_malik`", "blade_flux.perona_malik", (0.1, 0.3)),
            ("`blade_flux.ced_smooth`", "blade_flux.ced_smooth", (0.25, 0.5)),
            ("`eed.default`", "eed.default", (0.1, 0.25)),
        )
    },
}


def measure(solve, task, source):
    """Mean PSNR and SSIM over a source, and how many of its pictures gain in each."""
    rows = []
    for number, picture in enumerate(source):
        f, clean = task.pair(to_unit_range(luma(picture)), number)
        images = [np.reshape(x, (1, *clean.shape, 1)) for x in (clean, task.shown(f), solve(f))]
        rows.append(
            [float(metric(images[0], x)[0]) for x in images[1:] for metric in (tasks.psnr, tasks.ssim)]
        )
    before_psnr, before_ssim, psnr, ssim = np.mean(rows, axis=0)
    return {"psnr": psnr, "ssim": ssim, "gain": psnr - before_psnr, "ssim_gain": ssim - before_ssim}


def compare(methods, task, tuning, test):
    """One row a method: what was chosen on `tuning`, and what it reaches on `test`."""
    rows = []
    for title, (make, choices) in track(list(methods.items()), str(task)):
        found = [measure(make(*c), task, tuning)["psnr"] for c in choices] if len(choices) > 1 else [0]
        chosen = choices[int(np.argmax(found))]
        result = measure(make(*chosen), task, test)
        named = ", ".join("–" if value is None else f"{value:g}" for value in chosen)
        rows.append(
            {"method": title, "chosen": named, **{key: round(v, 4) for key, v in result.items()}}
        )
        print(rows[-1], flush=True)
    return rows


def filed(path, methods, task, tuning, test, only):
    """Writes the rows of a table, those of `only` some methods among the others."""
    chosen = {title: method for title, method in methods.items() if only in title}
    rows = {row["method"]: row for row in compare(chosen, task, tuning, test)}
    if only:
        with path.open(encoding="utf-8", newline="") as file:
            before = {row["method"]: row for row in csv.DictReader(file)}
        rows = {title: rows.get(title) or before[title] for title in methods}
    write_csv(path, list(rows.values()))


def main(folder, listing, test, only=""):
    photographs = training.open_source(folder, listing)
    tuning = photographs.part([k * len(photographs) // TUNED_ON for k in range(TUNED_ON)])
    test = training.open_source(test)
    filed(DOCS / "upscaling.csv", UPSCALERS, UPSCALING, tuning, test, only)
    filed(DOCS / "deblurring.csv", DEBLURRERS, DEBLURRING, tuning, test, only)


if __name__ == "__main__":
    main(*sys.argv[1:])
