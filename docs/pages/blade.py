"""The page `docs/blade_results.md`: surrogates beside the paper, and beside classical schemes."""

import math
import sys
from pathlib import Path

from imagepde.images.files import read_csv
from imagepde.zoo import card, list_models

from .parts import results_of, table_head
from .published import BLADE

EQUATIONS = {
    "tv_flow": "TV flow",
    "perona_malik": "Perona–Malik",
    "ced": "Coherence-enhancing diffusion",
    "cahn_hilliard": "Cahn–Hilliard",
}
_SCHEMES = {
    "identity": "doing nothing",
    "explicit": "explicit",
    "semi-implicit": "semi-implicit, in cosine space",
    "AOS": "additive operator splitting",
    "FED": "fast explicit diffusion",
    "blade": "`blade`",
    "blade_flux": "`blade_flux`",
    "blade_stable": "`blade_stable`",
    "phase_field": "`phase_field`",
}
SURROGATES = ("blade", "blade_flux", "blade_stable", "phase_field")
"""The families, in the order of the tables. The last two come with a proof of stability."""
_DATA = {"name": "kodak"}


def surrogates_page(folder):
    """All results of surrogates as Markdown, from the cards and the CSV files in `docs`."""
    convergence, frontier = (
        read_csv(Path(folder, f"blade_{name}.csv")) for name in ("convergence", "frontier")
    )
    return "\n".join(
        [
            "# Surrogates: results",
            "",
            "This page is made by `make docs` from the model cards, `blade_convergence.csv` and",
            "`blade_frontier.csv`; the cards are written by `imagepde evaluate NAME --data DIR",
            "--write-card`, the files by `imagepde targets NAME --data DIR --cache DIR --check --csv",
            "FILE` and by `benchmarks/blade_frontier.py`. Paper: Getreuer, Milanfar, Luo: Solving",
            "Image PDEs with a Shallow Network, 2021. [blade.md](blade.md) says what the models are.",
            "",
            "PSNR and SSIM are those of the state at the stopping time, on the 24 photographs of Kodak",
            "averaged to 192×128, against the solution at 768×512 averaged likewise. “Proven” is",
            "`blade_stable`, and `phase_field` for Cahn–Hilliard ([what is proven](stable_blade.md)).",
            "",
            *_against_the_paper(),
            *_converged(convergence),
            *_against_schemes(frontier),
        ]
    )


def _against_the_paper():
    lines = []
    columns = ["equation", "time", "doing nothing", "`blade`", "`blade_flux`", "proven", "paper"]
    lines += table_head("At the time of the training and at three times it", columns)
    for flow, title in EQUATIONS.items():
        found = {}
        for architecture in SURROGATES:
            if f"{architecture}.{flow}" not in list_models():
                continue
            for entry in results_of(f"{architecture}.{flow}"):
                if entry["data"] == _DATA:
                    steps = entry["task"]["steps"]
                    found.setdefault(steps, {})[architecture] = entry
        for k, (steps, entries) in enumerate(sorted(found.items())):
            first = next(iter(entries.values()))
            time = f"T = {steps * first['task']['targets']['time_step']:g} in {steps} steps"
            cells = [_cell(entries.get(name)) for name in SURROGATES[:2]]
            cells.append(_cell(entries.get("blade_stable", entries.get("phase_field"))))
            paper = "–" if k else "{:.2f} / {:.4f}".format(*BLADE[flow])
            row = [title, time, f"{first['input_psnr']:.2f}", *cells, paper]
            lines.append(f"| {' | '.join(row)} |")
    names = [name for family in SURROGATES for name in list_models(f"{family}.*")]
    lines += ["", *table_head("Size", ["model", "numbers", "free ones", "training"])]
    for name in names:
        found = card(name)
        minutes = f"{found.training['seconds'] / 60:.0f} min"
        # The eight symmetries of the square bind the filters of a rate to each other, four of them
        # those of a flux.
        share = 4 if name.startswith("blade_flux") else 8
        bound = found.config.get("symmetric", False)
        free = f"about {found.parameters // share:,}" if bound else f"{found.parameters:,}"
        lines.append(f"| `{name}` | {found.parameters:,} | {free} | {minutes} |")
    return [*lines, ""]


def _cell(entry):
    return "–" if entry is None else f"{entry['psnr']:.2f} / {entry['ssim']:.4f}"


def _converged(rows):
    lines = table_head(
        "Is the reference converged? PSNR against half the time step",
        ["equation", "time", "pictures", "mean", "smallest"],
    )
    for row in rows:
        cells = [EQUATIONS[row["equation"]], f"{row['time']:g}", f"{row['pictures']:g}"]
        cells += [f"{row[key]:.1f} dB" for key in ("psnr", "smallest")]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _against_schemes(frontier):
    lines = []
    for flow, title in EQUATIONS.items():
        columns = ["scheme", "steps", "PSNR", "ms a megapixel"]
        lines += table_head(f"{title}: schemes on the coarse grid", columns)
        for row in frontier:
            if row["equation"] != flow:
                continue
            psnr = row["psnr"]
            reached = f"{psnr:.2f} dB" if math.isfinite(psnr) and psnr > 10 else "exploded"
            time = f"{row['ms_per_megapixel']:.0f}"
            lines.append(f"| {_SCHEMES[row['scheme']]} | {row['steps']:g} | {reached} | {time} |")
        lines.append("")
    return lines


if __name__ == "__main__":
    print(surrogates_page(sys.argv[1]))
