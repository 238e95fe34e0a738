"""Reaction–diffusion beside other denoisers: quality against parameters and time, and attacks.

    PYTHONPATH=docs python benchmarks/reaction_diffusion.py DIR OUT.csv OUT.png [ATTACKS.csv]

DIR holds BSD68. PSNR at σ = 25 of the models is that in their cards; that of BM3D is measured here if
the package `bm3d` is installed, once: delete OUT.csv to measure it again. Times are those of one run,
for a picture of 512² after the first call. Rows without a time are as published. Where a fourth file is
named, models are attacked and what came out is written there.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from imagepde import explain, tasks, training, zoo
from imagepde.explain.anatomy import new_figure, save_figure
from imagepde.images.files import read_csv, write_csv
from labels import label_points
from pages.parts import noise, result
from pages.published import DENOISERS
from skimage import data
from timing import median_seconds

SIDE, SIGMA = 512, 25
BM3D = "BM3D, measured"
FAMILIES = (
    "perona_malik",
    "ka",
    "foe_s",
    "foe_d",
    "foe_m",
    "foe_rb",
    "unet_diffusivity",
    "delta_resnet",
    "trd_small",
    "trd",
    "trd_certified",
)
ATTACKED = (
    "trd.gauss25",
    "delta_resnet.gauss25",
    "trd_certified.gauss25",
    "trd_certified.gauss25_contractive",
)


def denoisers():
    """The names of all models that are compared, those of one family beside each other."""
    for family in FAMILIES:
        yield from zoo.list_models(f"{family}.gauss{SIGMA}*")


def seconds(name):
    """Time for a picture of 512² after the first call."""
    model = zoo.load(name)
    image = tf.constant(np.random.default_rng(0).random((1, SIDE, SIDE, 1), dtype=np.float32))
    forms = (tf.function(model, jit_compile=jit) for jit in (False, True))
    # As a graph or under XLA, whichever is faster.
    return min(median_seconds(lambda f=f: f(image).numpy(), repeats=5) for f in forms)


def row(name, parameters, psnr, ms=""):
    """A row of the CSV file."""
    return {"denoiser": name, "parameters": parameters, "psnr": psnr, "ms": ms}


def bm3d_row(folder, psnr=None):
    """BM3D by our protocol, with the strength of the noise known; a PSNR measured before is kept."""
    from bm3d import bm3d

    image = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    ms = 1e3 * median_seconds(lambda: bm3d(image, SIGMA / 255), repeats=3)
    if psnr is not None:
        return row(BM3D, "", psnr, ms)
    source = training.open_source(folder)
    task, scores = tasks.GaussianNoise(SIGMA), []
    for index, picture in enumerate(source):
        clean = (picture / 255).astype("float32")
        restored = np.asarray(bm3d(task.degrade(clean, index), SIGMA / 255), np.float32)
        pair = (image[None, ..., None] for image in (clean, restored))
        scores.append(float(tasks.psnr(*pair)[0]))
    return row(BM3D, "", float(np.mean(scores)), ms)


def compare(folder, before):
    """All rows: our models, BM3D, and what others published."""
    rows = []
    for name in denoisers():
        entry = result(name, {"name": "bsd68"}, noise(SIGMA))
        rows.append(row(name, zoo.card(name).parameters, entry["psnr"], 1e3 * seconds(name)))
    if importlib.util.find_spec("bm3d") is not None:
        known = {entry["denoiser"]: entry["psnr"] for entry in before}
        rows.append(bm3d_row(folder, known.get(BM3D)))
    for name, (parameters, psnrs) in DENOISERS.items():
        if psnrs[1] is not None:
            rows.append(row(f"{name}, published", parameters or "", psnrs[1]))
    return rows


def attacks():
    """The largest ratios that gradient ascent finds, from a photograph with noise."""
    clean = data.camera()[120:216, 180:276].astype("float32") / 255
    noisy = tasks.GaussianNoise(SIGMA).degrade(clean, 0)
    for name in ATTACKED:
        if name not in zoo.list_models():
            continue
        model, found = zoo.load(name), {"model": name}
        promises = zoo.certificate(model).promises
        for ratio in ("norm", "distance"):
            best = max(
                explain.attack(model, noisy, ratio, steps=300, size=size).ratio
                for size in (0.01, 0.05, 0.2)
            )
            found[ratio] = best
            found[f"{ratio} bound"] = 1.0 if ratio in promises else ""
        print(found, flush=True)
        yield found


def draw(rows):
    """PSNR against parameters, and against time."""
    figure = new_figure(figsize=(7.5, 9))
    panels = (("parameters", "parameters"), ("ms", f"ms for {SIDE}²"))
    for axis, (key, label) in zip(figure.subplots(2, 1), panels, strict=True):
        chosen = [entry for entry in rows if entry[key] != ""]
        for entry in chosen:
            ours = entry["denoiser"].startswith("trd")
            axis.semilogx(entry[key], entry["psnr"], "o" if ours else ".", color="C0" if ours else "k")
        axis.set_xlabel(label)
        axis.set_ylabel(f"PSNR on BSD68, σ = {SIGMA}, dB")
        axis.grid(alpha=0.3)
        axis.margins(x=0.2, y=0.1)
        label_points(axis, [(entry[key], entry["psnr"], _short(entry["denoiser"])) for entry in chosen])
    return figure


def _short(name):
    return name.removesuffix(", published").replace(f".gauss{SIGMA}", "")


def main(folder, table, picture, attacked=None):
    """Writes table and picture."""
    rows = compare(folder, read_csv(table) if Path(table).is_file() else [])
    write_csv(table, rows)
    save_figure(draw(rows), picture)
    if attacked:
        write_csv(attacked, list(attacks()))


if __name__ == "__main__":
    main(*sys.argv[1:])
