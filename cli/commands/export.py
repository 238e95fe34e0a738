"""`imagepde export` and `imagepde verify`: models in forms that run without imagepde."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .common import ModelName, open_model, start_backend


class Format(StrEnum):
    """The forms a model can be written in."""

    SAVED_MODEL = "saved_model"
    LITERT = "litert"
    ONNX = "onnx"


class Precision(StrEnum):
    """The arithmetic of a LiteRT file."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    DYNAMIC_INT8 = "dynamic_int8"
    INT8 = "int8"


Sigma = Annotated[
    float | None,
    typer.Option(
        help="Noise, 0 to 255, on which the loss of another precision is measured, for a .keras file "
        "of your own; that of the card if not given."
    ),
]


def export(
    name: ModelName,
    output: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="New folder (SavedModel), .tflite or .onnx file."),
    ],
    to: Annotated[Format, typer.Option("--to", help="What to write.")],
    precision: Annotated[
        Precision, typer.Option(help="Of a LiteRT file; others are written in float32.")
    ] = Precision.FLOAT32,
    size: Annotated[
        str | None,
        typer.Option(metavar="HEIGHTxWIDTH", help="Make a LiteRT file for images of one size alone."),
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="Folder of pictures as the model is given them, for int8; photographs that come with "
            "scikit-image, treated as the card says, if not given."
        ),
    ] = None,
    sigma: Sigma = None,
):
    """Export a model; what was written is compared with the model and kept only if it agrees.

    Examples:

        imagepde export foe_s.gauss25 --to saved_model denoiser

        imagepde export foe_s.gauss25 --to litert denoiser.tflite

        imagepde export unet.pm_inverse_noise1 --to litert unet.tflite --precision int8 --size 256x256

        imagepde export foe_s.gauss25 --to onnx denoiser.onnx
    """
    start_backend(name)
    from .. import export as exporter

    sides = None if size is None else _sides(size)
    model = open_model(name)
    images = None if calibration is None else _pictures(calibration, model, sides)
    report = exporter.export(
        model, output, to.value, precision.value, sides, images, _degradation(sigma)
    )
    typer.echo(f"Wrote {output}: {report}")


def verify(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="SavedModel folder, .tflite or .onnx file.")
    ],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="A model of the zoo or a .keras file; the one it names if not given."
        ),
    ] = None,
    sigma: Sigma = None,
):
    """Compare an exported file with its model; exit code 1 if it disagrees.

    Examples:

        imagepde verify denoiser.tflite

        imagepde verify models/denoiser/1 --model tuned.keras
    """
    start_backend(model)
    from .. import export as exporter

    found = exporter.described_model(path) if model is None else open_model(model)
    report = exporter.verify(path, found, _degradation(sigma))
    typer.echo(str(report))
    if not report.agrees:
        raise exporter.ExportError(f"{path} does not agree with its model: {report.complaint}.")
    typer.echo(f"{path} agrees with {model or exporter.metadata(path).get('model')}.")


def _sides(text):
    """Height and width from `256x256`."""
    from ..errors import InputError

    height, cross, width = text.lower().replace("×", "x").partition("x")
    if not (cross and height.isdigit() and width.isdigit()):
        raise InputError(f"`--size` must be HEIGHTxWIDTH, as 256x256. Received: {text!r}.")
    return int(height), int(width)


def _degradation(sigma):
    if sigma is None:
        return None
    from .. import tasks

    return tasks.GaussianNoise(sigma)


def _pictures(folder, model, sides):
    """The pictures of a folder as the model takes them, cut to a size."""
    from .. import training
    from ..errors import InputError
    from ..images.arrays import to_unit_range
    from ..images.color import luma

    grey = model.input_shape[-1] == 1
    found = []
    for picture in training.open_source(str(folder)):
        if not grey and picture.ndim == 2:
            raise InputError(
                f"Pictures for calibration must be in colour here: {folder} has grey ones."
            )
        image = to_unit_range(luma(picture)[..., None] if grey else picture[..., :3])
        if sides is not None:
            if image.shape[0] < sides[0] or image.shape[1] < sides[1]:
                raise InputError(
                    f"Pictures for calibration must be at least {sides[0]}×{sides[1]} pixels. "
                    f"Received: {image.shape[0]}×{image.shape[1]}."
                )
            image = image[: sides[0], : sides[1]]
        found.append(image)
    return found
