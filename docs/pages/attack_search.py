"""The page `docs/attack_search.md`: what gradient ascent reaches, beside what certificates promise.

PYTHONPATH=docs python -m pages.attack_search docs         attacks models that are not in its .csv
PYTHONPATH=docs python -m pages.attack_search docs --page  writes the page alone
"""

import sys
from pathlib import Path

import numpy as np
from imagepde import explain, zoo
from imagepde.images.files import read_csv, write_csv
from skimage import data

STEPS, SIDE = 60, 48
RATIOS = ("norm", "distance")


def attacked(name):
    """A row: the largest ratio over a photograph and two hostile pictures to start from."""
    model = zoo.load(name)
    y, x = np.indices((SIDE, SIDE))
    starts = [
        data.camera()[100 : 100 + SIDE, 200 : 200 + SIDE] / 255,
        0.5 + 0.5 * (-1.0) ** (x + y),
        np.random.default_rng(0).random((SIDE, SIDE)),
    ]
    row = {"model": name}
    for ratio in RATIOS:
        row[ratio] = max(explain.attack(model, start, ratio, STEPS).ratio for start in starts)
        print(name, ratio, row[ratio], flush=True)
    return row


def models():
    """Grey models with a promise about norms, and others to stand beside them."""
    promised = {n for ratio in RATIOS for n in zoo.list_models(guarantee=ratio) if "color" not in n}
    return [*sorted(promised), "blade_flux.tv_flow", "trd.gauss25", "trd_small.gauss25"]


def page(rows):
    """The page as Markdown."""
    lines = [
        "# What an attack reaches",
        "",
        "`PYTHONPATH=docs python -m pages.attack_search docs` writes this page.",
        f"{STEPS} steps of gradient ascent (`explain.attack`, `imagepde explain attack`) look for the",
        "picture f that makes ‖D(f)‖/‖f‖ largest, and for two that make",
        "‖D(f + d) − D(f)‖/‖d‖ largest. They start from a",
        f"photograph, a checkerboard and noise, of {SIDE}×{SIDE} pixels. A certificate that says",
        "`norm` or `distance` means at most 1 for every picture and all weights; single precision",
        "leaves a few 10⁻⁷. An attack proves nothing: without a certificate more may be possible.",
        "",
        "| model | norm: proven | norm: found | distance: proven | distance: found |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        promises = zoo.card(row["model"]).guarantees
        cells = []
        for ratio in RATIOS:
            cells += ["≤ 1" if ratio in promises else "–", f"{row[ratio]:.6f}"]
        lines.append(f"| `{row['model']}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(folder, what=None):
    """Attacks what is new, and writes the page."""
    file = Path(folder, "attack_search.csv")
    rows = read_csv(file) if file.is_file() else []
    known = {row["model"] for row in rows}
    for name in models() if what != "--page" else ():
        if name not in known:
            rows.append(attacked(name))
            write_csv(file, rows)
    Path(folder, "attack_search.md").write_text(page(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
