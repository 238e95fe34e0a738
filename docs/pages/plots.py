"""Figures that are drawn from the tables of `docs/`, without measuring anything anew.

PYTHONPATH=docs:benchmarks python -m pages.plots docs
"""

import importlib
import sys
from pathlib import Path

from imagepde.explain.anatomy import save_figure
from imagepde.images.files import read_csv
from imagepde.training.curve import draw_curve
from imagepde.zoo import card, list_models

PLOTS = {
    "denoisers": "reaction_diffusion",
    "reaction_diffusion_tradeoff": "reaction_diffusion_tradeoff",
    "blade_frontier": "blade_frontier",
    "blade_horizon": "blade_horizon",
}
"""Tables, and the scripts of `benchmarks/` that draw them."""


def log_of(found, docs):
    """The log of the training that a card tells of, epoch by epoch; empty where none was kept.

    A log of another training of the same model does not count.
    """
    file = Path(docs, "logs", f"{found.name}.csv")
    rows = read_csv(file) if file.is_file() else []
    if not rows:
        return []
    last, told = rows[-1], found.training
    same = (
        abs(last["val_psnr"] - told["validation_psnr"]) < 1e-3
        and abs(last["seconds"] - told["seconds"]) < 1
    )
    return rows if same else []


def main(docs):
    for name, script in PLOTS.items():
        rows = read_csv(Path(docs, f"{name}.csv"))
        save_figure(importlib.import_module(script).draw(rows), Path(docs, "figures", f"{name}.png"))
    for name in list_models():
        if rows := log_of(card(name), docs):
            draw_curve(rows, name, Path(docs, "figures", f"curve_{name}.png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
