"""Quality against time: stages, components, filters and kernels of trainable reaction–diffusion.

    python benchmarks/reaction_diffusion_tradeoff.py DIR [LIST] OUT.csv OUT.png

DIR holds photographs, LIST names those to take. Each variant is trained for so many steps by the
recipe of `trd.gauss25`, with seed and patches alike, and measured on the photographs that the recipe
holds back. Rows that OUT.csv has already are kept, so the benchmark can be interrupted. Times are
measured last, for all variants in one run, since what else a machine does changes them.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from imagepde import training, zoo
from imagepde.explain.anatomy import new_figure, save_figure
from imagepde.images.files import read_csv, write_csv
from labels import label_points
from timing import median_seconds

EPOCHS = 4
SIDE = 512
VARIANTS = {
    "trd": {},
    "Haar coefficients without hidden components": {"components": 4, "filters": 32},
    "hidden components without Haar": {"components": 12, "filters": 32, "haar": False},
    "without symmetry": {"symmetric": False},
    "2 stages": {"stages": 2},
    "4 stages": {"stages": 4},
    "12 stages": {"stages": 12},
    "12 components, 32 filters": {"components": 12, "filters": 32},
    "16 components, 48 filters": {"components": 16, "filters": 48},
    "32 components, 96 filters": {"components": 32, "filters": 96},
    "24 components, 48 filters, 11 stages": {"filters": 48, "stages": 11},
    "5 stages, 5×5": {"stages": 5, "kernel_size": 5},
    "10 pieces": {"pieces": 10},
    "40 pieces": {"pieces": 40},
}
"""What is changed, by its title; all else is as in the recipe."""

GROUPS = {
    "stages": ("2 stages", "4 stages", "trd", "12 stages"),
    "components and filters": (
        "12 components, 32 filters",
        "16 components, 48 filters",
        "trd",
        "32 components, 96 filters",
    ),
}
"""Which variants are joined by a line."""


def trained(config, source):
    """Validation PSNR after a short training, and the number of parameters."""
    recipe = training.recipe("trd.gauss25", config=config, epochs=EPOCHS)
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        model = training.train(recipe, source, run)
        reached = training.loop.RunFolder(run).rows()[-1]["val_psnr"]
    return reached, sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def milliseconds(config):
    """Time for a picture of 512² after the first call."""
    image = tf.constant(np.random.default_rng(0).random((1, SIDE, SIDE, 1), dtype=np.float32))
    apply = tf.function(zoo.create("trd", **config))
    return 1e3 * median_seconds(lambda: apply(image).numpy())


def draw(rows):
    """PSNR against time, variants of a group joined."""
    figure = new_figure(figsize=(7.5, 6))
    axis = figure.subplots()
    by_title = {row["variant"]: row for row in rows}
    grouped = {title for group in GROUPS.values() for title in group}
    for label, titles in GROUPS.items():
        points = [by_title[title] for title in titles]
        axis.plot([p["ms"] for p in points], [p["psnr"] for p in points], "o-", label=label)
    others = [row for row in rows if row["variant"] not in grouped]
    axis.plot([row["ms"] for row in others], [row["psnr"] for row in others], "k.", label="others")
    axis.margins(x=0.25, y=0.1)
    axis.set_xlabel(f"ms for {SIDE}²")
    axis.set_ylabel(f"validation PSNR after {EPOCHS * 250:,} steps, dB")
    axis.legend(fontsize=9, loc="lower right")
    label_points(axis, [(row["ms"], row["psnr"], row["variant"]) for row in rows])
    return figure


def main(folder, listing, table, picture):
    """Trains what is missing, then measures all times."""
    source = training.open_source(folder, listing)
    rows = read_csv(table) if Path(table).is_file() else []
    for title, config in VARIANTS.items():
        if title not in [row["variant"] for row in rows]:
            psnr, parameters = trained(config, source)
            rows.append({"variant": title, "parameters": parameters, "psnr": psnr, "ms": 0.0})
            write_csv(table, rows)
    for row in rows:
        row["ms"] = milliseconds(VARIANTS[row["variant"]])
    write_csv(table, rows)
    save_figure(draw(rows), picture)


if __name__ == "__main__":
    folder, *listing, table, picture = sys.argv[1:]
    main(folder, listing[0] if listing else None, table, picture)
