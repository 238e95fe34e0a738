"""`imagepde list` and `imagepde show`: which models there are, and what is known of each."""

import dataclasses
import hashlib
import json
import sys
import textwrap
from importlib import resources
from typing import Annotated

import typer

from .common import ModelName, open_model, start_backend

_WIDTH = 80

KEPT = "shown.json"
"""The file beside this one with what is shown of each model; `make docs` writes it."""


def list_models(
    pattern: Annotated[str, typer.Argument(help="A filter with wildcards, as 'foe_s.*'.")] = "*",
    task: Annotated[
        str | None,
        typer.Option(help="What the models are for: denoise, deblock, deblur, upscale, inpaint, …"),
    ] = None,
    channels: Annotated[
        int | None, typer.Option(help="1: channel by channel. 3: colours together.")
    ] = None,
    guarantee: Annotated[
        str | None, typer.Option(help="What is proven of them: mean, range, known, norm, distance.")
    ] = None,
):
    """List the pretrained models, one a line.

    Into a file or another command the columns are written without a header, with tabs between them.

    Examples:

        imagepde list

        imagepde list 'trd*' --task denoise --channels 3

        imagepde list --guarantee norm | cut -f 1
    """
    from ..errors import InputError
    from ..zoo import catalogue
    from ..zoo.kinds import kind_of

    names = catalogue.list_models(pattern, task=task, channels=channels, guarantee=guarantee)
    if not names:
        raise InputError(f"No model matches {pattern!r} and the options; `imagepde list` shows all.")
    rows = []
    for name in names:
        card = catalogue.card(name)
        own = card.config.get("channels", 1)
        rows.append((name, kind_of(card), str(own), f"{card.parameters:,}", " ".join(card.guarantees)))
    typer.echo("\n".join(_lines(rows, columns=_is_terminal())))


def _is_terminal():
    return sys.stdout.isatty()


def _lines(rows, columns):
    """The rows as text, in columns with a header for people, with tabs for programs."""
    if not columns:
        return ["\t".join((name, *rest)).rstrip("\t") for name, *rest in rows]
    rows = [("model", "task", "ch", "parameters", "guarantees"), *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, kind, channels, parameters, guarantees in rows:
        left = f"{name:{widths[0]}}  {kind:{widths[1]}}  {channels:>{widths[2]}}"
        lines.append(f"{left}  {parameters:>{widths[3]}}  {guarantees}".rstrip())
    return lines


def show(
    name: ModelName,
    recipe: Annotated[
        bool,
        typer.Option("--recipe", help="Print the recipe that it was trained by instead, a TOML file."),
    ] = False,
):
    """Show what a model is for, how to use it, what was measured and what is guaranteed.

    Examples:

        imagepde show foe_s.gauss25

        imagepde show foe_s.gauss25 --recipe > mine.toml

        imagepde show run-foe_s.gauss25/model.keras
    """
    kept = None if recipe else _kept(name)
    if kept is not None:
        typer.echo(kept)
        return
    start_backend(name)
    from .. import zoo
    from ..errors import InputError

    model = open_model(name)
    card = model.card if isinstance(model, zoo.ZooModel) else None
    if card is None:
        raise InputError(f"The model in {name!r} has no card; only models of the zoo have one.")
    if recipe:
        from .. import training

        if card.recipe is None:
            raise InputError(f"{name!r} was not trained by a recipe.")
        typer.echo(training.recipe_text(training.Recipe.from_dict(card.recipe)), nl=False)
        return
    typer.echo(text_of(model, name))


def text_of(model, name):
    """What is shown of a model with a card."""
    from .. import zoo

    certificate = dataclasses.replace(zoo.certificate(model), model=name)
    return "\n".join(
        [name, *_fields(model.card, name), "", *_measured(model.card), *_proven(certificate)]
    )


def write_kept(file):
    """Writes what is shown of all models, each with the checksum of the card that it was made from."""
    from .. import zoo

    kept = {name: [_checksum(name), text_of(zoo.load(name), name)] for name in zoo.list_models()}
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _kept(name):
    """The text that was written for a model of the zoo, which needs no Keras; `None` for others.

    A card that was written since, as `imagepde publish` does, is shown as it is now.
    """
    from ..zoo.catalogue import list_models

    if name not in list_models():
        return None
    kept = json.loads(resources.files(__package__).joinpath(KEPT).read_text(encoding="utf-8"))
    checksum, text = kept.get(name, (None, None))
    return text if checksum == _checksum(name) else None


def _checksum(name):
    from ..zoo.catalogue import card

    return hashlib.sha256(card(name).to_json().encode()).hexdigest()


def _fields(card, name):
    """What the card says in words, wrapped, with the names of the fields on the left."""
    command, call = _usage(card, name)
    layer_work = f"{card.flops / 1e9:.3g} GFLOP for 256×256 px"
    fields = {
        "task": card.task,
        "command": command,
        "in Python": call,
        "size": f"{card.parameters:,} parameters, {layer_work}",
        "equation": card.equation,
        "paper": card.paper,
        "licence": card.licence,
        "arguments": _joined(card.config),
    }
    if card.training:
        data = card.training["data"]
        hours = card.training["seconds"] / 3600
        fields["training"] = f"{data['pictures']} pictures of {data['name']}, {hours:.1f} h"
        tuned = card.training.get("finetuned")
        if tuned:
            targets = "no targets" if tuned["targets"] == "none" else f"{tuned['targets']} as targets"
            fields["fine-tuned"] = f"from {tuned['from']} on {tuned['pictures']} pictures, {targets}"
        fields["made by"] = _joined(card.made_by)
    if card.sha256:
        fields["weights"] = card.weights
        fields["SHA-256"] = card.sha256
    wide = max(map(len, fields)) + 4
    lines = []
    for field, text in fields.items():
        first = f"  {field:{wide - 2}}"
        # Numbers and names are longer than a column only where they cannot be cut anyway.
        lines += textwrap.wrap(
            text, _WIDTH, initial_indent=first, subsequent_indent=" " * wide, break_long_words=False
        )
    return lines


def _joined(values):
    """`key value` pairs in a line."""
    shown = {k: f"{v:.6g}" if isinstance(v, float) else str(v) for k, v in values.items()}
    return ", ".join(f"{key} {value}" for key, value in shown.items())


def _usage(card, name):
    """The command and the call that apply a model."""
    from ..zoo.kinds import kind_of

    kind = kind_of(card)
    if kind == "segment":
        return f"imagepde segment IN OUT --model {name}", f'zoo.segment(image, "{name}")'
    if kind == "resample":
        command = f"imagepde warp IN OUT --onto FIXED --model {name}"
        return command, f'zoo.warp(image, displacement, "{name}")'
    option, argument = (" --mask MASK", ", mask=mask") if kind == "inpaint" else ("", "")
    command = f"imagepde restore IN OUT --model {name}{option}"
    return command, f'zoo.restore(image, "{name}"{argument})'


def _measured(card):
    """The results, grouped by data."""
    from ..tasks import data_words, task_words

    lines, group = [f"  {'measured':40}  {'before → PSNR':>17}  {'SSIM':>6}  {'Q':>5}"], None
    for result in card.results:
        data = f"{data_words(result['data'])}, {result['pictures']} pictures"
        if data != group:
            group = data
            lines.append(f"  {textwrap.shorten(data, _WIDTH - 2, placeholder='…')}")
        label = textwrap.shorten(task_words(result["task"]), 38, placeholder="…")
        psnr = f"{result['input_psnr']:6.2f} → {result['psnr']:5.2f} dB"
        lines.append(f"    {label:38}  {psnr}  {result['ssim']:6.4f}  {result['q']:5.1f}")
    return [*lines, ""] if card.results else []


def _proven(certificate):
    """The certificate, wrapped."""
    lines = []
    for line in str(certificate).splitlines():
        text = line.lstrip()
        first = " " * (2 + len(line) - len(text))
        after = f"{first}  " if text.startswith("-") else first
        lines += textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=after)
    return lines
