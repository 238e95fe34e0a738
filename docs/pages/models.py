"""The page `docs/models.md`, made from the cards: `make docs`."""

from imagepde.tasks import data_words, task_words
from imagepde.zoo import card, list_models

_HEAD = [
    "| data | pictures | task | PSNR before | PSNR | SSIM | Q before | Q |",
    "|---|---|---|---|---|---|---|---|",
]


def models_page():
    """All pretrained models with their measured results, as Markdown."""
    lines = [
        "# Models",
        "",
        "This page is made from the model cards by `make docs`; the cards are written by",
        "`imagepde evaluate NAME --data DIR --write-card`.",
        "",
    ]
    for name in list_models():
        found = card(name)
        lines += [
            f"## {name}",
            "",
            f"{found.task}.",
            "",
            f"- Equation: {found.equation}",
            f"- Paper: {found.paper}",
            f"- Parameters: {found.parameters:,}; FLOPs for 256×256 pixels: {found.flops / 1e9:.3g}G",
            f"- Configuration: {_configuration(found.config)}",
            f"- {_training(found)}",
            f"- Licence: {found.licence}",
            "",
            *(_HEAD if found.results else []),
            *(
                f"| {data_words(r['data'])} | {r['pictures']} | {task_words(r['task'])} "
                f"| {r['input_psnr']:.2f} dB | {r['psnr']:.2f} dB | {r['ssim']:.4f} "
                f"| {r['input_q']:.1f} | {r['q']:.1f} |"
                for r in found.results
            ),
            "",
        ]
    return "\n".join(lines)


def _training(found):
    recipe, training = found.recipe, found.training
    if recipe is None:
        regulariser = found.config.get("regulariser")
        return (
            f"Put together from `{regulariser}`, with its weights"
            if regulariser
            else "A classical filter: nothing is trained"
        )
    size = f"{recipe['batch']} patches of {recipe['patch']}² each"
    start = recipe.get("start") or "new weights"
    kind = recipe["task"]["kind"]
    if kind == "flow":
        size = f"{recipe['batch']} windows each of as many frames as there are steps"
        start = "least squares"
    if kind == "displacement":
        copies = recipe["sampling"]["copies"]
        size = f"{recipe['batch']} pictures each, of {copies} displaced copies of each"
        start = "least squares"
    return (
        f"Trained on {training['data']['pictures'] - recipe['validation']} pictures of "
        f"{training['data']['name']}, {recipe['validation']} more for validation "
        f"({training['validation_psnr']:.2f} dB): "
        f"{recipe['epochs'] * recipe['steps_per_epoch']:,} steps of Adam "
        f"({recipe['learning_rate']:g} to {recipe['final_learning_rate']:g}, cosine), "
        f"{size}, starting from {start}, {training['seconds'] / 60:.0f} minutes"
    )


def _configuration(config):
    values = (f"{v:.4g}" if isinstance(v, float) else v for v in config.values())
    return ", ".join(f"{key} {value}" for key, value in zip(config, values, strict=True))


if __name__ == "__main__":
    print(models_page())
