"""The page `docs/diffnet_results.md`: DiffNet's experiments, its U-Net, and the paper's numbers."""

from imagepde.zoo import card, list_models

from .parts import result, results_of, table_head
from .published import DIFFNET

_TASKS = {
    "pm_forward": "forward",
    "pm_inverse": "inverse",
    "pm_inverse_noise01": "inverse, 0.1 % noise",
    "pm_inverse_noise1": "inverse, 1 % noise",
}
_DATA = {
    "bsd68, scale 0.4, centre 96²": "BSD68, 68 photographs",
    "kodak, scale 0.25, centre 96²": "Kodak, 24 photographs",
}
_NETWORKS = ("diffnet", "unet")


def diffnet_page():
    """All results of DiffNet, its linear network and its U-Net, as Markdown; from the cards alone."""
    return "\n".join(
        [
            "# DiffNet: results",
            "",
            "This page is made from the model cards by `make docs`; the cards are written by",
            "`imagepde evaluate NAME --data DIR --write-card`. Paper: Arridge, Hauptmann: Networks for",
            "Nonlinear Diffusion Problems in Imaging, 2020. [diffnet.md](diffnet.md) tells what the",
            "models are and how they were trained. The paper's numbers are for other pictures (STL-10,",
            "96² px) and for trainings on 90,000 of them.",
            "",
            *_perona_malik(),
            *_blind(),
            *_single(),
            *_cost(),
        ]
    )


def _trained_for(name, data):
    """The entry of a card for these pictures and the task of the training."""
    return result(name, data, card(name).task.split(" ", 1)[1]) if name in list_models() else None


def _cell(entry):
    return "–" if entry is None else f"{entry['psnr']:.2f} / {entry['ssim']:.4f}"


def _before(entry):
    return "–" if entry is None else f"{entry['input_psnr']:.2f}"


def _decibels(value):
    return "–" if value is None else f"{value:.2f}"


def _perona_malik():
    lines = []
    columns = ["task", "PSNR before", *(f"`{network}`" for network in _NETWORKS)]
    columns += ["paper, mean", "paper, ship: DiffNet", "paper, ship: U-Net"]
    for data, title in _DATA.items():
        lines += table_head(f"Perona–Malik diffusion, {title}: PSNR / SSIM", columns)
        for task, name in _TASKS.items():
            entries = [_trained_for(f"{network}.{task}", data) for network in _NETWORKS]
            published = map(_decibels, DIFFNET.get(task, (None,) * 3))
            cells = [_before(entries[0]), *map(_cell, entries), *published]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        lines.append("")
    return lines


def _blind():
    name, data = "diffnet.pm_inverse_blind", next(iter(_DATA))
    others = ("diffnet.pm_inverse", "diffnet.pm_inverse_noise01", "diffnet.pm_inverse_noise1")
    entries = {
        float(entry["degradation"].rpartition("noise of ")[2].removesuffix(" %")): entry
        for entry in results_of(name)
        if entry["data"] == data and "noise of" in entry["degradation"] and " to " not in str(entry)
    }
    columns = ["noise", "PSNR before", f"`{name}`", *(f"`{other}`" for other in others)]
    lines = table_head(f"One network for every noise, {_DATA[data]}: PSNR", columns)
    for noise, entry in sorted(entries.items()):
        same = [result(other, data, entry["degradation"]) for other in others]
        cells = [_before(entry), *("–" if e is None else f"{e['psnr']:.2f}" for e in (entry, *same))]
        lines.append(f"| {noise:g} % | {' | '.join(cells)} |")
    return [*lines, ""]


def _single():
    columns = ["model", "task", "data", "pictures", "PSNR before", "PSNR", "SSIM", "paper, PSNR"]
    lines = table_head("Deconvolution of disks, and linear diffusion", columns)
    for name in ("diffnet.deconvolution", "linear_diffusion.heat"):
        published, *_ = DIFFNET.get(name.partition(".")[2], (None,))
        for entry in results_of(name):
            cells = [entry["degradation"], entry["data"], str(entry["pictures"]), _before(entry)]
            cells += [f"{entry['psnr']:.2f}", f"{entry['ssim']:.4f}", _decibels(published)]
            lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return [*lines, ""]


def _cost():
    columns = ["model", "parameters", "FLOPs, 256²", "steps", "minutes", "PSNR on validation"]
    lines = table_head("Size and training", columns)
    for name in list_models():
        if name.partition(".")[0] not in (*_NETWORKS, "linear_diffusion"):
            continue
        found = card(name)
        recipe = found.recipe
        cells = [
            f"{found.parameters:,}",
            f"{found.flops / 1e9:.3g}G",
            f"{recipe['epochs'] * recipe['steps_per_epoch']:,}",
            f"{found.training['seconds'] / 60:.0f}",
            f"{found.training['validation_psnr']:.2f}",
        ]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return [*lines, ""]


if __name__ == "__main__":
    print(diffnet_page())
