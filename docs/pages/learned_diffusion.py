"""The page `docs/learned_diffusion_results.md`: our results beside the paper's and its authors'."""

from imagepde.zoo import card, list_models

from .parts import noise, result, table_head
from .published import AUTHORS_WEIGHTS, LEARNING_DIFFUSION, NOISY_INPUT, SIZES

_SIGMAS = (15, 25, 50)
_SET12 = {"name": "set12", "first": 7}


def learned_diffusion_page():
    """All results of the learned diffusivities, as Markdown; made from the cards alone."""
    return "\n".join(
        [
            "# Learned diffusion functions: results",
            "",
            "This page is made from the model cards by `make docs`; the cards are written by",
            "`imagepde evaluate NAME --data DIR --write-card`. Paper: Valdivia Ortega, Haas, Effland:",
            "Learning Diffusion Functions for Image Restoration, 2024. Noise of σ/255, seeded by the",
            "index of the picture, not clipped. [learned_diffusion.md](learned_diffusion.md) tells how",
            "the models differ from the paper's, and how to read Q.",
            "",
            *_set12(),
            *_validation(),
            *_plain("BSD68, 68 photographs: PSNR, SSIM, Q", {"name": "bsd68"}),
            *_blind(),
            *_microscopy(),
            *_sizes(),
        ]
    )


def _result(name, data, sigma):
    return result(name, data, noise(sigma))


def _cell(entry):
    return "–" if entry is None else f"{entry['psnr']:.2f} / {entry['ssim']:.3f} / {entry['q']:.1f}"


def _published(entry):
    psnr, ssim, q = entry
    return f"{psnr:.1f} / {ssim:.2f} / {q:.1f}"


def _noisy(data):
    """The row of the noisy pictures themselves."""
    entries = [_result(f"perona_malik.gauss{sigma}", data, sigma) for sigma in _SIGMAS]
    return ["–" if e is None else f"{e['input_psnr']:.2f} / – / {e['input_q']:.1f}" for e in entries]


def _set12():
    data, columns = _SET12, [f"σ = {s}" for s in _SIGMAS]
    columns += [f"authors' weights, σ = {s}" for s in _SIGMAS]
    lines = table_head("Set12, pictures 1 to 7: PSNR, SSIM, Q", ["model", *columns])
    lines.append(f"| noisy | {' | '.join(_noisy(data))} | – | – | – |")
    for family in LEARNING_DIFFUSION:
        ours = [_cell(_result(f"{family}.gauss{s}", data, s)) for s in _SIGMAS]
        theirs = [f"{psnr:.2f}" for psnr in AUTHORS_WEIGHTS.get(family, ())] or ["–"] * 3
        lines.append(f"| `{family}` | {' | '.join(ours + theirs)} |")
    return [*lines, ""]


def _validation():
    data = {"name": "bsds500/val", "crop": 256}
    columns = [f"{who}σ = {s}" for who in ("", "paper, ") for s in _SIGMAS]
    lines = table_head(
        "BSDS500 validation, 68 pictures that no model was trained on, centre 256²: PSNR, SSIM, Q",
        ["model", *columns],
    )
    lines.append(f"| noisy | {' | '.join([*_noisy(data), *map(_published, NOISY_INPUT)])} |")
    for family, (_, published) in LEARNING_DIFFUSION.items():
        ours = [_cell(_result(f"{family}.gauss{s}", data, s)) for s in _SIGMAS]
        theirs = [_published(entry) for entry in published]
        lines.append(f"| `{family}` | {' | '.join(ours + theirs)} |")
    return [*lines, ""]


def _plain(title, data):
    lines = table_head(title, ["model", *(f"σ = {s}" for s in _SIGMAS)])
    lines.append(f"| noisy | {' | '.join(_noisy(data))} |")
    for family in LEARNING_DIFFUSION:
        ours = [_cell(_result(f"{family}.gauss{s}", data, s)) for s in _SIGMAS]
        lines.append(f"| `{family}` | {' | '.join(ours)} |")
    return [*lines, ""]


def _blind():
    sigmas = (5, 10, 15, 20, 25, 35, 50)
    data = _SET12
    title = "Blind: Set12, pictures 1 to 7, PSNR at noise that no model is told"
    lines = table_head(title, ["model", *(f"σ = {s}" for s in sigmas)])
    noisy = [_result("foe_s.blind", data, s) for s in sigmas]
    lines.append(
        f"| noisy | {' | '.join('–' if e is None else format(e['input_psnr'], '.2f') for e in noisy)} |"
    )
    for name in ("foe_s.blind", "foe_s.gauss15", "foe_s.gauss25", "foe_s.gauss50"):
        entries = [_result(name, data, s) for s in sigmas]
        cells = ["–" if e is None else f"{e['psnr']:.2f}" for e in entries]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return [*lines, ""]


def _microscopy():
    sets = {
        "em_fibsem_medulla": "electron microscopy (FIB-SEM), 13 pictures",
        "fluo_cellprofiler_human": "fluorescence, 3 pictures",
    }
    crops = [{"name": name, "crop": 256} for name in sets]
    lines = table_head("Microscopy, σ = 25: PSNR, SSIM, Q", ["model", *sets.values()])
    entries = [_result("perona_malik.gauss25", data, 25) for data in crops]
    noisy = ["–" if e is None else f"{e['input_psnr']:.2f} / – / {e['input_q']:.1f}" for e in entries]
    lines.append(f"| noisy | {' | '.join(noisy)} |")
    for family in LEARNING_DIFFUSION:
        cells = [_cell(_result(f"{family}.gauss25", data, 25)) for data in crops]
        lines.append(f"| `{family}.gauss25` | {' | '.join(cells)} |")
    return [*lines, ""]


def _sizes():
    lines = table_head(
        "Size and cost: parameters, and FLOPs for 256×256 pixels at σ = 25",
        ["model", "parameters", "FLOPs", "paper: parameters", "paper: FLOPs"],
    )
    for family in LEARNING_DIFFUSION:
        name = f"{family}.gauss25"
        if name not in list_models():
            continue
        found = card(name)
        parameters, flops = SIZES.get(family, ("–", "–"))
        lines.append(
            f"| `{family}` | {found.parameters:,} | {found.flops / 1e9:.2f}G | {parameters} | {flops} |"
        )
    return [*lines, ""]


if __name__ == "__main__":
    print(learned_diffusion_page())
