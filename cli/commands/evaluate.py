"""`imagepde evaluate`: measures a model on a set of pictures."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from .common import (
    Data,
    First,
    Listing,
    ModelName,
    check_model_name,
    open_model,
    results_table,
    start_backend,
)


def evaluate(
    name: ModelName,
    data: Data,
    listing: Listing = None,
    first: First = None,
    without: Annotated[
        Path | None,
        typer.Option(help="Text file with pictures to leave out, as those of the training."),
    ] = None,
    crop: Annotated[
        int | None, typer.Option(help="Take the centre of each picture, of so many pixels squared.")
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(help="Noise, 0 to 255; what the model was trained for if not given."),
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write one row a picture to this file.")] = None,
    write_card: Annotated[
        bool,
        typer.Option("--write-card", help="File the result in the model's card (source tree)."),
    ] = False,
):
    """Measure PSNR, SSIM and Q: noise is added to each picture, seeded by its number, and removed.

    Q of Zhu and Milanfar needs no clean picture: the more structure and the less noise, the higher.

    Examples:

        imagepde evaluate foe_s.gauss25 --data set12 --first 7

        imagepde evaluate foe_s.gauss25 --data bsd68 --csv bsd68.csv
    """
    start_backend()
    from .. import training, zoo
    from ..pde import InputError
    from ..zoo.files import write_csv
    from ..zoo.pictures import check_output

    check_model_name(name)
    own_file = name.endswith(".keras")
    if own_file and (sigma is None or write_card):
        raise InputError("A .keras file has no card: give --sigma, and leave out --write-card.")
    if csv:
        check_output(csv, (".csv",))
    if crop is not None and crop < 11:
        raise InputError(f"`--crop` must be at least 11 pixels. Received: {crop}.")
    if sigma is None:
        sigma = zoo.card(name).training["recipe"]["sigma"]
        if not isinstance(sigma, int | float):
            raise InputError(
                f"{name} is made for noise from {sigma[0]:g} to {sigma[1]:g}: give --sigma."
            )
    degradation = training.GaussianNoise(sigma)
    source = training.open_source(data, listing, first, without)

    console = Console()
    result, rows = training.evaluate(
        open_model(name),
        source,
        degradation,
        crop=crop,
        progress=lambda pictures: track(
            pictures, "measuring", total=len(pictures), console=console, transient=True
        ),
    )
    console.print(results_table(name, [result]))
    if csv:
        write_csv(csv, rows)
    if write_card:
        training.add_result(name, result)
        console.print(f"Filed in the card of {name}.")
