"""`imagepde restore`: a picture in, a restored picture out."""

from pathlib import Path
from typing import Annotated

import typer

from .common import check_model_name, open_model, outdated, read_input, start_backend
from .comparisons import known_pixels, with_numbers


def restore(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="IN OUT",
            help="IN: a picture file, or skimage:NAME as skimage:camera. OUT: the file to write; its "
            "suffix decides.",
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            help="A model as `imagepde list` has it, or a .keras file of your own. Without it the "
            "noise is measured, and the model that is made for it taken."
        ),
    ] = None,
    auto: Annotated[bool, typer.Option("--auto", hidden=True)] = False,
    noise: Annotated[
        float | None,
        typer.Option(help="Add noise of this strength (0 to 255) first, and write a comparison."),
    ] = None,
    jpeg: Annotated[
        int | None,
        typer.Option(help="Write as JPEG of this quality first, and write a comparison."),
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option(help="Picture of the same size for a model that inpaints: not black is known."),
    ] = None,
    known: Annotated[
        float | None,
        typer.Option(help="Keep this share of the pixels (per cent) only, and write a comparison."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of this noise, or of these pixels.")] = 0,
    compare: Annotated[
        bool, typer.Option("--compare", help="Write what was given and what was made of it.")
    ] = False,
):
    """Restore a picture: grey or colour, 8 or 16 bits or floating point, any size from 8×8.

    With --noise, --jpeg or --known, OUT is a comparison with both PSNRs: degraded, restored, original.

    Examples:

        imagepde restore noisy.png clean.png

        imagepde restore noisy.png clean.png --model trd.gauss25

        imagepde restore skimage:camera comparison.png --noise 25

        imagepde restore skimage:camera comparison.png --model trd.jpeg10 --jpeg 10

        imagepde restore fingerprint.png before_and_after.png --model ced.default --compare

        imagepde restore damaged.png filled.png --model inpainting.eed --mask mask.png

        imagepde restore skimage:astronaut comparison.png --model inpainting.eed --known 10
    """
    if len(arguments) == 3 and model is None and not auto:
        model, *arguments = arguments
        outdated("NAME IN OUT", f"imagepde restore {' '.join(arguments)} --model {model}")
    if len(arguments) != 2:
        raise typer.BadParameter(f"expected IN OUT. Received: {' '.join(arguments)}")
    if auto:
        outdated("--auto", "no --model, which does the same")
    source, output = arguments[0], Path(arguments[1])
    start_backend()
    from .. import zoo
    from ..images.arrays import to_unit_range
    from ..images.panels import side_by_side
    from ..images.picture_files import check_output

    if model is not None:
        check_model_name(model)
    check_output(output)
    degradation, label = _degradation(noise, jpeg, known, mask)
    picture = read_input(source)
    where = None if mask is None else known_pixels(mask)
    if degradation is None:
        check_output(output, picture=None if compare else picture)
        degraded = picture
    else:
        clean = to_unit_range(picture)[..., :3] if picture.ndim == 3 else to_unit_range(picture)
        degraded = degradation.degrade(clean, seed)
        where = degradation.mask(clean, seed)
    if model is None:
        model = _chosen(degraded, where)
    restored = zoo.restore(degraded, open_model(model), mask=where)
    if degradation is not None:
        panels = [(label, degraded), (Path(model).name, restored)]
        restored = with_numbers(clean, panels)
    elif compare:
        panels = [("given", degraded), (Path(model).name, restored)]
        restored = side_by_side([(label, to_unit_range(image)) for label, image in panels])
    zoo.write_picture(output, restored)
    typer.echo(f"Wrote {output}.")


def _chosen(picture, known):
    """The model for a picture that none was named for; says which."""
    from ..zoo.choice import INPAINTER, choose_model

    if known is not None:
        typer.echo(f"Restored with {INPAINTER}.")
        return INPAINTER
    name, sigma = choose_model(picture)
    typer.echo(f"Estimated noise: {sigma:.1f}/255; restored with {name}.")
    return name


def _degradation(noise, jpeg, known, mask):
    """What is to be done to the picture first, and what to call it."""
    from .. import tasks
    from ..errors import InputError

    if sum(option is not None for option in (noise, jpeg, known, mask)) > 1:
        raise InputError("Give one of --noise, --jpeg, --known and --mask at most.")
    if noise is not None:
        return tasks.GaussianNoise(noise), f"noise {noise:g}/255"
    if jpeg is not None:
        return tasks.JpegCompression(jpeg), f"JPEG, quality {jpeg}"
    if known is not None:
        return tasks.UnknownPixels(known), f"{known:g} % known"
    return None, None
