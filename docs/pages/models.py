"""The page `docs/models.md`, made from the cards: `make docs`."""

import numpy as np
from imagepde.tasks import data_words, task_words
from imagepde.zoo import card, list_models

HEAD = [
    "| data | pictures | task | PSNR before | PSNR | SSIM | Q before | Q |",
    "|---|---|---|---|---|---|---|---|",
]


def models_page():
    """All families of pretrained models, sorted by what they are for, as Markdown."""
    from .cards import DOCS, log_of, overview

    return "\n".join(
        [
            "# Models",
            "",
            "A page for each family has its models with all their results, made from the model",
            "cards by `make docs`; the cards are written by `imagepde evaluate NAME --data DIR",
            "--write-card`. [Choose a model](choose.md) says which one to take. What is promised holds",
            "for every picture and all weights; `zoo.certificate` says why.",
            "",
            *overview(),
            "",
            "The cards have the curve of the training where its log was kept: "
            + ", ".join(f"`{name}`" for name in list_models() if log_of(card(name), DOCS))
            + ". Of the others no log was kept.",
        ]
    )


def result_row(r):
    """A measured result as a row of a table, see `HEAD`."""
    return (
        f"| {data_words(r['data'])} | {r['pictures']} | {task_words(r['task'])} "
        f"| {r['input_psnr']:.2f} dB | {r['psnr']:.2f} dB | {r['ssim']:.4f} "
        f"| {r['input_q']:.1f} | {r['q']:.1f} |"
    )


_STARTS = {"blade_stable": "equal gains", "phase_field": "the classical scheme"}
"""Surrogates whose filters do not start from least squares."""


def trained(found):
    """How a model was trained, in words."""
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
        steps = recipe["sampling"].get("steps", recipe["task"]["steps"])
        size = f"{recipe['batch']} windows of {steps} steps each"
        start = _STARTS.get(recipe["name"].partition(".")[0], "least squares")
    if kind == "displacement":
        copies = recipe["sampling"]["copies"]
        size = f"{recipe['batch']} pictures each, of {copies} displaced copies of each"
        start = "least squares"
    averaged = "; weights averaged" if (recipe.get("optimizer") or {}).get("use_ema") else ""
    taken = min(training["data"]["pictures"], recipe.get("pictures") or np.inf)
    return (
        f"Trained on {taken - recipe['validation']} pictures of "
        f"{training['data']['name']}, {recipe['validation']} more for validation "
        f"({training['validation_psnr']:.2f} dB): "
        f"{recipe['epochs'] * recipe['steps_per_epoch']:,} steps of Adam "
        f"({recipe['learning_rate']:g} to {recipe['final_learning_rate']:g}, cosine{averaged}), "
        f"{size}, starting from {start}, {training['seconds'] / 60:.0f} minutes"
    )


def configuration(config):
    """The arguments of a model, in words."""
    values = (f"{v:.4g}" if isinstance(v, float) else v for v in config.values())
    return ", ".join(f"{key} {value}" for key, value in zip(config, values, strict=True))


if __name__ == "__main__":
    print(models_page())
