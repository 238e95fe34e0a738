"""`imagepde generalisation`: how good models are after so many training pictures."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .common import Data, Listing, start_backend

TASKS = ["pm_forward", "pm_inverse", "pm_inverse_noise01", "pm_inverse_noise1"]
NETWORKS = ["diffnet", "unet"]
COUNTS = ["10", "100", "1000", "all", "30", "300"]


def generalisation(
    data: Data,
    test: Annotated[str, typer.Option(help="Pictures for the test, likewise.")],
    listing: Listing = None,
    run: Annotated[
        Path, typer.Option(help="Folder of the study; what is done there is not done again.")
    ] = Path("generalisation"),
    tasks: Annotated[list[str], typer.Option("--task", help="Part of a recipe's name.")] = TASKS,
    networks: Annotated[list[str], typer.Option("--network", help="Likewise.")] = NETWORKS,
    counts: Annotated[
        list[str], typer.Option("--count", help="Training pictures, or `all`; repeat for more.")
    ] = COUNTS,
    epochs: Annotated[int, typer.Option(min=1, help="Epochs of each training.")] = 4,
    steps_per_epoch: Annotated[
        int | None, typer.Option(min=1, help="Instead of that of the recipes.")
    ] = None,
):
    """Train DiffNet and the U-Net on ever more pictures and test them: CSV and plot.

    It goes on where it was interrupted, also in the midst of a training.

    Examples:

        imagepde generalisation --data photographs --test others

        imagepde generalisation --data photographs --test others --task pm_inverse --count 10
    """
    start_backend()
    from .. import training
    from ..errors import InputError

    for count in counts:
        if count != training.ALL and not count.isdecimal():
            raise InputError(f"`--count` takes a number or {training.ALL!r}. Received: {count!r}.")
    cells = [
        training.Cell(task, network, count if count == training.ALL else int(count))
        for count in counts
        for task in tasks
        for network in networks
    ]
    console = Console()
    source = training.open_source(data, listing)
    rows = training.study_generalisation(
        run,
        cells,
        source,
        training.open_source(test),
        epochs,
        steps_per_epoch,
        console=console,
    )
    console.print(f"{len(rows)} trainings are in {run / 'generalisation.csv'}.")
