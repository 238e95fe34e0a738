"""The page of a preset: its card for people, with the head that Hugging Face reads."""

from collections.abc import Mapping
from typing import Any

from .hubs import LICENCES
from .kinds import kind_of
from .model_card import ModelCard


def page_of(name: str, card: ModelCard | None, licence: str) -> str:
    """The README of a preset, Markdown with a head of YAML.

    Args:
        name: What `zoo.load` takes.
        card: The card, `None` for a model without one.
        licence: That of the weights.
    """
    lines = ["---", "library_name: keras", *_licence_lines(licence)]
    lines += ["pipeline_tag: image-to-image", "tags:", "- imagepde", "- partial-differential-equations"]
    if card is not None:
        lines.append(f"- {kind_of(card)}")
    lines += ["---", "", f"# {card.name if card is not None else name}", ""]
    if card is not None:
        lines += [f"{card.task}.", ""]
    lines += [
        "A model of imagepde, learned image PDEs for Keras 3:",
        "",
        "```python",
        "from imagepde import zoo",
        "",
        f'model = zoo.load("{name}")',
        "```",
        "",
    ]
    if card is None:
        return "\n".join([*lines, "It has no card: nobody has said what it is for.", ""])
    lines += [
        f"- Equation: {card.equation}",
        f"- Paper: {card.paper}",
        f"- {card.parameters:,} parameters, {card.flops / 1e9:.3g} GFLOP for 256×256 px",
        f"- Proven: {', '.join(card.guarantees) or 'nothing'}",
        f"- Licence: {card.licence}",
        f"- SHA-256 of the weights: `{card.sha256}`",
        "",
    ]
    if card.results:
        lines += ["| data | task | pictures | PSNR before | PSNR | SSIM |", "|---|---|---|---|---|---|"]
        lines += [_row(result) for result in card.results]
    else:
        lines.append("Nothing was measured yet.")
    return "\n".join([*lines, ""])


def _licence_lines(licence: str) -> list[str]:
    if licence in LICENCES:
        return [f"license: {licence.lower()}"]
    # In quotes as JSON has them, which YAML reads.
    return ["license: other", f"license_name: {_quoted(licence)}"]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _row(result: Mapping[str, Any]) -> str:
    task = ", ".join(str(v) if k == "kind" else f"{k} {v}" for k, v in result["task"].items())
    numbers = f"{result['input_psnr']:.2f} dB | {result['psnr']:.2f} dB | {result['ssim']:.4f}"
    return f"| {result['data']['name']} | {task} | {result['pictures']} | {numbers} |"
