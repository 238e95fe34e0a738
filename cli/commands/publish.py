"""`imagepde publish`: puts a training run into the zoo of a source tree; for maintainers."""

from pathlib import Path
from typing import Annotated

import typer

from .common import start_backend


def publish(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished training run.")],
    terms: Annotated[
        str | None, typer.Option(help="What the pictures were and how they may be used.")
    ] = None,
):
    """Write weights and card of a finished training run into the source tree (pip install -e).

    Example:

        imagepde publish run-foe_s.gauss25
    """
    start_backend()
    from .. import training

    card = training.publish(run, terms)
    typer.echo(f"Published {card.name}; now run imagepde evaluate {card.name} --write-card.")
