"""The page `docs/reaction_diffusion_results.md`: trainable reaction–diffusion beside others."""

import sys
from pathlib import Path

from imagepde.images.files import read_csv
from imagepde.zoo import card, list_models

from .parts import noise, result, table_head
from .published import DENOISERS, DENOISERS_SET12

_SIGMAS = (15, 25, 50)
_FAMILIES = ("trd", "trd_small", "trd_certified", "trd_color")
_OTHERS = ("foe_s", "delta_resnet")
_QUALITIES = (10, 20, 30)
_BSD68, _SET12 = {"name": "bsd68"}, {"name": "set12", "first": 7}


def reaction_diffusion_page(folder):
    """All results of reaction–diffusion as Markdown, from the cards and the CSV files in `docs`."""
    return "\n".join(
        [
            "# Reaction–diffusion: results",
            "",
            "This page is made by `make docs` from the model cards and from the CSV files that",
            "`reaction_diffusion.py` and `reaction_diffusion_tradeoff.py` in `benchmarks` write.",
            "[reaction_diffusion.md](reaction_diffusion.md) says what the models are. Noise of σ/255,",
            "seeded by the index of the picture, not clipped.",
            "",
            *_bsd68(),
            *_set12(),
            *_blind(),
            *_colour(),
            *_deblocking(),
            *_beside(read_csv(Path(folder, "denoisers.csv"))),
            *_tradeoff(read_csv(Path(folder, "reaction_diffusion_tradeoff.csv"))),
            *_attacks(read_csv(Path(folder, "attacks.csv"))),
        ]
    )


def _psnr(entry):
    return "–" if entry is None else f"{entry['psnr']:.2f} / {entry['ssim']:.4f}"


def _names(families):
    """Names of models for σ = 25 in these families, others of the same family after them."""
    return [name for family in families for name in list_models(f"{family}.gauss25*")]


def _of_sigma(name, sigma):
    return name.replace("gauss25", f"gauss{sigma}")


def _bsd68():
    columns = ["model", "parameters", *(f"σ = {s}" for s in _SIGMAS)]
    lines = table_head("BSD68, 68 photographs: PSNR / SSIM", columns)
    for name in _names(("trd", "trd_small", "trd_certified", *_OTHERS)):
        cells = [_psnr(result(_of_sigma(name, s), _BSD68, noise(s))) for s in _SIGMAS]
        lines.append(f"| `{name}` | {card(name).parameters:,} | {' | '.join(cells)} |")
    for name, (parameters, psnrs) in DENOISERS.items():
        cells = ["–" if value is None else f"{value:.2f}" for value in psnrs]
        size = "–" if parameters is None else f"{parameters:,}"
        lines.append(f"| {name}, published | {size} | {' | '.join(cells)} |")
    return [*lines, ""]


def _set12():
    lines = table_head("Set12, pictures 1 to 7, σ = 25: PSNR / SSIM", ["model", "PSNR / SSIM"])
    for name in _names(("trd", "trd_small", "trd_certified", *_OTHERS)):
        lines.append(f"| `{name}` | {_psnr(result(name, _SET12, noise(25)))} |")
    lines += [f"| {name}, published | {psnr:.2f} |" for name, psnr in DENOISERS_SET12.items()]
    return [*lines, ""]


def _blind():
    sigmas = (5, 10, 15, 20, 25, 35, 50)
    title = "Blind: BSD68, PSNR at noise that the model is not told"
    lines = table_head(title, ["model", *(f"σ = {s}" for s in sigmas)])
    for name in ("trd.blind", *(f"trd.gauss{s}" for s in _SIGMAS)):
        entries = [result(name, _BSD68, noise(s)) for s in sigmas]
        cells = ["–" if entry is None else f"{entry['psnr']:.2f}" for entry in entries]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return [*lines, ""]


def _colour():
    title = "Colour: the photographs of BSD68 in colour, PSNR / SSIM"
    lines = table_head(title, ["model", *(f"σ = {s}" for s in _SIGMAS)])
    colour = {"name": "bsds500/val"}
    for family, data in (("trd_color", colour), ("trd", {**colour, "color": True})):
        cells = [_psnr(result(f"{family}.gauss{s}", data, noise(s))) for s in _SIGMAS]
        each = "" if family == "trd_color" else ", each channel by itself"
        lines.append(f"| `{family}`{each} | {' | '.join(cells)} |")
    return [*lines, ""]


def _deblocking():
    lines = table_head(
        "JPEG: PSNR before, PSNR / SSIM after",
        ["data", *(f"quality {quality}" for quality in _QUALITIES)],
    )
    for data in ("bsd68", "kodak"):
        cells = []
        for quality in _QUALITIES:
            task = {"kind": "jpeg", "quality": quality}
            entry = result(f"trd.jpeg{quality}", {"name": data}, task)
            cells.append("–" if entry is None else f"{entry['input_psnr']:.2f}, {_psnr(entry)}")
        lines.append(f"| {data} | {' | '.join(cells)} |")
    return [*lines, ""]


def _beside(rows):
    title = "Quality beside size and time: BSD68, σ = 25; 512² after the first call, in one run"
    lines = table_head(title, ["denoiser", "parameters", "PSNR", "time"])
    for row in sorted(rows, key=lambda row: -row["psnr"]):
        size = f"{row['parameters']:,.0f}" if row["parameters"] != "" else "–"
        time = f"{row['ms']:.0f} ms" if row["ms"] != "" else "–"
        lines.append(f"| {row['denoiser']} | {size} | {row['psnr']:.2f} dB | {time} |")
    return [*lines, "", "![PSNR against parameters and time](figures/denoisers.png)", ""]


def _tradeoff(rows):
    title = "What pays: variants of `trd.gauss25` after a short training, validation PSNR"
    lines = table_head(title, ["variant", "parameters", "PSNR", "time for 512²"])
    for row in rows:
        cells = f"{row['parameters']:,.0f} | {row['psnr']:.2f} dB | {row['ms']:.0f} ms"
        lines.append(f"| {row['variant']} | {cells} |")
    return [*lines, "", "![Quality against time](figures/reaction_diffusion_tradeoff.png)", ""]


def _attacks(rows):
    title = "Attacks: the largest ratios that gradient ascent found, and what is certified"
    columns = ["model", "‖D(f)‖/‖f‖", "certified", "‖D(f₁) − D(f₂)‖/‖f₁ − f₂‖", "certified"]
    lines = table_head(title, columns)
    for row in rows:
        cells = []
        for ratio in ("norm", "distance"):
            bound = row[f"{ratio} bound"]
            cells += [f"{row[ratio]:.5f}", "–" if bound == "" else f"≤ {bound:g}"]
        lines.append(f"| `{row['model']}` | {' | '.join(cells)} |")
    return [*lines, ""]


if __name__ == "__main__":
    print(reaction_diffusion_page(sys.argv[1]))
