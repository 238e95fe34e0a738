"""`imagepde publish`: puts a model into the zoo of a source tree; for maintainers."""

from typing import Annotated

import typer

from .common import start_backend


def publish(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Folder of a finished training run, or a model that is not trained."
        ),
    ],
    terms: Annotated[
        str | None, typer.Option(help="What the pictures were and how they may be used.")
    ] = None,
):
    """Write weights and card of a finished training run into the source tree (pip install -e).

    Examples:

        imagepde publish run-foe_s.gauss25

        imagepde publish eed.default
    """
    start_backend()
    from .. import training
    from ..zoo.untrained import UNTRAINED

    card = training.publish_untrained(run) if run in UNTRAINED else training.publish(run, terms)
    typer.echo(f"Published {card.name}; now run imagepde evaluate {card.name} --write-card.")
