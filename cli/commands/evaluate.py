"""`imagepde evaluate`: measures a model on a set of pictures."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from .common import Data, First, Listing, ModelName, check_model_name, open_model, start_backend


def evaluate(
    name: ModelName,
    data: Data,
    listing: Listing = None,
    first: First = None,
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
    """Measure PSNR and SSIM: noise is added to each picture, seeded by its number, and removed.

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
    if sigma is None:
        sigma = zoo.card(name).training["recipe"]["sigma"]
    degradation = training.GaussianNoise(sigma)
    source = training.open_source(data, listing, first)

    console = Console()
    result, rows = training.evaluate(
        open_model(name),
        source,
        degradation,
        progress=lambda pictures: track(
            pictures, "measuring", total=len(pictures), console=console, transient=True
        ),
    )
    table = Table("data", "pictures", "degradation", "PSNR before", "PSNR", "SSIM", title=name)
    table.add_row(
        result["data"],
        str(result["pictures"]),
        result["degradation"],
        f"{result['input_psnr']:.3f} dB",
        f"{result['psnr']:.3f} dB",
        f"{result['ssim']:.4f}",
    )
    console.print(table)
    if csv:
        write_csv(csv, rows)
    if write_card:
        training.add_result(name, result)
        console.print(f"Filed in the card of {name}.")
