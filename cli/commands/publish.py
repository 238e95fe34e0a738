"""`imagepde publish`: a model of one's own for others, or, for maintainers, one of the zoo."""

from typing import Annotated

import typer

from .common import start_backend


def publish(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN", help="Folder of a finished training run, a .keras file or another model."
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option(
            help="A folder, in which the model gets one of its own; hf://OWNER/NAME; or "
            "kaggle://OWNER/MODEL/FRAMEWORK/VARIATION. Without it the model goes into the source tree "
            "(pip install -e), which is for maintainers."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Its name, as trd.cells; that of the run if not given.")
    ] = None,
    terms: Annotated[
        str | None, typer.Option(help="What the pictures were and how they may be used.")
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(help="Licence of the weights, as CC-BY-4.0; Apache-2.0 for a run if not given."),
    ] = None,
):
    """Publish a model with its card, licence and checksum, so that others can load it by name.

    Uploads need the clients of the hubs (pip install 'imagepde[hub]') and their login.

    Examples:

        imagepde publish run-foe_s.gauss25 --to models --terms "my photographs, CC0"

        imagepde publish mine.keras --to models --name trd.cells --terms "my cells, not public"

        imagepde publish models/trd.cells --to hf://me/trd-cells

        imagepde publish run-foe_s.gauss25
    """
    start_backend()
    from .. import training
    from ..errors import InputError
    from ..zoo.untrained import UNTRAINED

    if to is not None:
        found = training.publish_preset(run, to, name=name, terms=terms, licence=licence)
        typer.echo(f"Published {found}; imagepde show {found} shows its card.")
        return
    if name is not None or licence is not None:
        raise InputError("`--name` and `--licence` go with `--to`.")
    card = training.publish_untrained(run) if run in UNTRAINED else training.publish(run, terms)
    typer.echo(f"Published {card.name}; now run imagepde evaluate {card.name} --write-card.")
