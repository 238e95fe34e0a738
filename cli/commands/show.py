"""`imagepde list` and `imagepde show`: which models there are, and what is known of each."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from .common import results_table, start_backend


def list_models(
    pattern: Annotated[str, typer.Argument(help="A filter with wildcards, as 'foe_s.*'.")] = "*",
):
    """List the pretrained models.

    Examples:

        imagepde list

        imagepde list 'perona_malik.*'
    """
    start_backend()
    from .. import zoo
    from ..errors import InputError
    from ..tasks import data_words, task_words

    names = zoo.list_models(pattern)
    if not names:
        raise InputError(f"No model matches {pattern!r}; `imagepde list` shows all.")
    table = Table("model", "task", "parameters", "measured")
    for name in names:
        card = zoo.card(name)
        measured = "\n".join(
            f"{r['psnr']:.2f} dB on {data_words(r['data'])}, {task_words(r['task'])}"
            for r in card.results
        )
        table.add_row(name, card.task, f"{card.parameters:,}", measured)
    Console().print(table)


def show(name: Annotated[str, typer.Argument(metavar="NAME", help="A model of `imagepde list`.")]):
    """Show the card of a model, and what it promises whatever the picture.

    Example:

        imagepde show foe_s.gauss25
    """
    start_backend()
    from .. import zoo

    card, console = zoo.card(name), Console()
    facts = Table(show_header=False, box=None)
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for key in (
        "name",
        "task",
        "equation",
        "paper",
        "parameters",
        "flops",
        "licence",
        "weights",
        "sha256",
    ):
        facts.add_row(key, str(getattr(card, key)))
    for key in ("made_for", "config", "training", "made_by"):
        for path, value in _flat(getattr(card, key), key):
            facts.add_row(path, f"{value:.6g}" if isinstance(value, float) else str(value))
    console.print(facts)
    if card.results:
        console.print(results_table("measured", card.results))
    console.print(str(zoo.certificate(zoo.load(name))))


def _flat(value, path):
    """The single values in nested dictionaries, with their paths."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, inner in value.items():
        yield from _flat(inner, f"{path}.{key}")
