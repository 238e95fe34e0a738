"""`imagepde export`: writes a model in a form that runs without imagepde."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .common import ModelName, check_model_name, open_model, start_backend


class Format(StrEnum):
    """The forms a model can be written in."""

    SAVED_MODEL = "saved_model"
    LITERT = "litert"


def export(
    name: ModelName,
    output: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="New folder (SavedModel) or .tflite file (LiteRT)."),
    ],
    to: Annotated[Format, typer.Option("--to", help="What to write.")],
):
    """Export a model; what was written is compared with the model and kept only if it agrees.

    Examples:

        imagepde export foe_s.gauss25 --to saved_model denoiser

        imagepde export foe_s.gauss25 --to litert denoiser.tflite
    """
    start_backend()
    from .. import export as exporter

    check_model_name(name)
    difference = exporter.export(open_model(name), output, to=to.value)
    typer.echo(f"Wrote {output}; its largest difference from the model is {difference:.1e}.")
