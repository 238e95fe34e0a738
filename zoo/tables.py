"""The page `docs/models.md`, made from the cards: `python -m imagepde.zoo.tables`."""

from .registry import card, list_models


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
        recipe = found.training["recipe"]
        lines += [
            f"## {name}",
            "",
            f"{found.task}.",
            "",
            f"- Equation: {found.equation}",
            f"- Paper: {found.paper}",
            f"- Parameters: {found.parameters:,}; FLOPs for 256×256 pixels: {found.flops / 1e9:.3g}G",
            f"- Configuration: {_configuration(found.config)}",
            f"- Trained on {found.training['data']['pictures'] - recipe['validation']} pictures of "
            f"{found.training['data']['name']}, {recipe['validation']} more for validation "
            f"({found.training['validation_psnr']:.2f} dB): "
            f"{recipe['epochs'] * recipe['steps_per_epoch']:,} steps of Adam "
            f"({recipe['learning_rate']:g} to {recipe['final_learning_rate']:g}, cosine), "
            f"{recipe['batch']} patches of {recipe['patch']}² each, starting from "
            f"{recipe.get('start') or 'new weights'}, {found.training['seconds'] / 60:.0f} minutes",
            f"- Licence: {found.licence}",
            "",
            "| data | pictures | degradation | PSNR before | PSNR | SSIM | Q before | Q |",
            "|---|---|---|---|---|---|---|---|",
            *(
                f"| {r['data']} | {r['pictures']} | {r['degradation']} | {r['input_psnr']:.2f} dB "
                f"| {r['psnr']:.2f} dB | {r['ssim']:.4f} | {r['input_q']:.1f} | {r['q']:.1f} |"
                for r in found.results
            ),
            "",
        ]
    return "\n".join(lines)


def _configuration(config):
    values = (f"{v:.4g}" if isinstance(v, float) else v for v in config.values())
    return ", ".join(f"{key} {value}" for key, value in zip(config, values, strict=True))


if __name__ == "__main__":
    print(models_page())
