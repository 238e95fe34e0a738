"""The page `docs/diffnet_results.md`: DiffNet's experiments, its U-Net, and the paper's numbers."""

from imagepde.tasks import data_words, task_words
from imagepde.zoo import card, list_models

from .parts import result, results_of, table_head
from .published import DIFFNET

_TASKS = {
    "pm_forward": "forward",
    "pm_inverse": "inverse",
    "pm_inverse_noise01": "inverse, noise of σ = 0.255",
    "pm_inverse_noise1": "inverse, noise of σ = 2.55",
}
_BSD68, _KODAK = (
    {"name": name, "scale": scale, "crop": 96, "normalise": True}
    for name, scale in (("bsd68", 0.4), ("kodak", 0.25))
)
_DATA = (("BSD68, 68 photographs", _BSD68), ("Kodak, 24 photographs", _KODAK))
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
    if name not in list_models():
        return None
    # How pictures were prepared stands with them.
    task = {key: value for key, value in card(name).made_for.items() if key != "preparation"}
    return result(name, data, task)


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
    for title, data in _DATA:
        lines += table_head(f"Perona–Malik diffusion, {title}: PSNR / SSIM", columns)
        for task, name in _TASKS.items():
            entries = [_trained_for(f"{network}.{task}", data) for network in _NETWORKS]
            published = map(_decibels, DIFFNET.get(task, (None,) * 3))
            cells = [_before(entries[0]), *map(_cell, entries), *published]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        lines.append("")
    return lines


def _blind():
    name = "diffnet.pm_inverse_blind"
    others = ("diffnet.pm_inverse", "diffnet.pm_inverse_noise01", "diffnet.pm_inverse_noise1")
    entries = {
        entry["task"]["sigma"]: entry
        for entry in results_of(name)
        if entry["data"] == _BSD68 and isinstance(entry["task"]["sigma"], float)
    }
    columns = ["noise", "PSNR before", f"`{name}`", *(f"`{other}`" for other in others)]
    lines = table_head(f"One network for every noise, {_DATA[0][0]}: PSNR", columns)
    for sigma, entry in sorted(entries.items()):
        if not sigma:
            continue
        same = [result(other, _BSD68, entry["task"]) for other in others]
        cells = [_before(entry), *("–" if e is None else f"{e['psnr']:.2f}" for e in (entry, *same))]
        lines.append(f"| σ = {sigma:g} | {' | '.join(cells)} |")
    return [*lines, ""]


def _single():
    columns = ["model", "task", "data", "pictures", "PSNR before", "PSNR", "SSIM", "paper, PSNR"]
    lines = table_head("Deconvolution of disks, and linear diffusion", columns)
    for name in ("diffnet.deconvolution", "linear_diffusion.heat"):
        published, *_ = DIFFNET.get(name.partition(".")[2], (None,))
        for entry in results_of(name):
            cells = [
                task_words(entry["task"]),
                data_words(entry["data"]),
                str(entry["pictures"]),
                _before(entry),
            ]
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
