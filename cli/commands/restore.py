"""`imagepde restore`: a picture in, a restored picture out."""

from pathlib import Path
from typing import Annotated

import typer

from .common import check_model_name, open_model, read_input, start_backend
from .comparisons import known_pixels, with_numbers


def restore(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME] IN OUT",
            help="NAME: a model as `imagepde list` has it, or a .keras file of your own; left out "
            "with --auto. IN: a picture file, or skimage:NAME as skimage:camera. OUT: the file to "
            "write; its suffix decides.",
        ),
    ],
    auto: Annotated[
        bool, typer.Option("--auto", help="Estimate the noise, and take the model made for it.")
    ] = False,
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

        imagepde restore trd.gauss25 noisy.png clean.png

        imagepde restore --auto noisy.png clean.png

        imagepde restore trd.gauss25 skimage:camera comparison.png --noise 25

        imagepde restore trd.jpeg10 skimage:camera comparison.png --jpeg 10

        imagepde restore ced.default fingerprint.png before_and_after.png --compare

        imagepde restore inpainting.eed damaged.png filled.png --mask mask.png

        imagepde restore inpainting.eed skimage:astronaut comparison.png --known 10
    """
    if len(arguments) != (2 if auto else 3):
        rule = "IN OUT with --auto" if auto else "NAME IN OUT, or IN OUT with --auto"
        raise typer.BadParameter(f"expected {rule}. Received: {' '.join(arguments)}")
    name = None if auto else arguments[0]
    source, output = arguments[-2], Path(arguments[-1])
    start_backend()
    from .. import zoo
    from ..images.arrays import to_unit_range
    from ..images.panels import side_by_side
    from ..images.picture_files import check_output

    if not auto:
        check_model_name(name)
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
    if auto:
        name, sigma = zoo.choose_model(degraded)
        typer.echo(f"Estimated noise: {sigma:.1f}/255; restored with {name}.")
    restored = zoo.restore(open_model(name), degraded, where)
    if degradation is not None:
        panels = [(label, degraded), (Path(name).name, restored)]
        restored = with_numbers(clean, panels)
    elif compare:
        panels = [("given", degraded), (Path(name).name, restored)]
        restored = side_by_side([(label, to_unit_range(image)) for label, image in panels])
    zoo.write_picture(output, restored)
    typer.echo(f"Wrote {output}.")


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
