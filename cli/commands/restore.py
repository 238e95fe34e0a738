"""`imagepde restore`: a picture in, a restored picture out."""

import glob
from pathlib import Path
from typing import Annotated

import typer

from .common import (
    Axes,
    MaxPixels,
    Nan,
    Range,
    Series,
    given_range,
    open_input,
    open_model,
    outdated,
    read_input,
    say_scale,
    share_done,
    start_backend,
)
from .comparisons import known_pixels, with_numbers
from .folder import Engine, Workers, is_many, restore_each
from .noise import measured_planes


def restore(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="IN… OUT",
            help="IN: a picture file, or skimage:NAME as skimage:camera. OUT: the file to write; its "
            "suffix decides. Or several files, a folder or a pattern as 'in/*.tif', and a folder.",
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            help="A model as `imagepde list` has it, or a .keras file of your own. Without it the "
            "noise is measured, and removed as what it is."
        ),
    ] = None,
    auto: Annotated[bool, typer.Option("--auto", hidden=True)] = False,
    noise: Annotated[
        float | None,
        typer.Option(help="Add noise of this strength (0 to 255) first, and write a comparison."),
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(
            help="The standard deviation of the noise that IN has (0 to 255); measured without it."
        ),
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(help="A picture without anything in it, whose noise is that of IN."),
    ] = None,
    adapt: Annotated[
        bool,
        typer.Option(
            "--adapt",
            help="Learn from the picture how its noise depends on the brightness; takes half a minute.",
        ),
    ] = False,
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
    axes: Axes = None,
    value_range: Range = None,
    nan: Nan = "error",
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out pictures whose results are there already.")
    ] = False,
    engine: Engine = "local",
    processes: Workers = None,
):
    """Restore pictures: grey or color, any real type, stacks and volumes, any size from 8×8.

    Every plane of a stack is restored. The result has the type, axes, pixel size and other data of the
    file. With several pictures, a folder or a pattern, OUT is a folder.

    With --noise, --jpeg or --known, OUT is a comparison with both PSNRs: degraded, restored, original.

    Examples:

        imagepde restore noisy.png clean.png

        imagepde restore noisy.png clean.png --model trd.gauss25

        imagepde restore cells.tif clean.tif --background dark.tif

        imagepde restore stack.tif clean.tif --model trd.blind --range 0:4095

        imagepde restore "in/*.tif" out/ --model trd.blind --resume

        imagepde restore in/ out/ --model trd.blind --engine ray

        imagepde restore skimage:camera comparison.png --noise 25

        imagepde restore skimage:camera comparison.png --model trd.jpeg10 --jpeg 10

        imagepde restore fingerprint.png before_and_after.png --model ced.default --compare

        imagepde restore damaged.png filled.png --model inpainting.eed --mask mask.png

        imagepde restore skimage:astronaut comparison.png --model inpainting.eed --known 10
    """
    if len(arguments) == 3 and model is None and not auto and _is_model(arguments[0]):
        model, *arguments = arguments
        outdated("NAME IN OUT", f"imagepde restore {' '.join(arguments)} --model {model}")
    if len(arguments) < 2:
        raise typer.BadParameter(f"expected IN OUT. Received: {' '.join(arguments)}")
    if auto:
        outdated("--auto", "no --model, which does the same")
    *sources, output = arguments
    start_backend(model)
    from .. import bulk, zoo
    from ..errors import InputError
    from ..images.picture_output import check_output
    from ..zoo.choice import INPAINTER

    asked = given_range(value_range)
    if sigma is not None and background is not None:
        raise InputError("Give one of --sigma and --background.")
    measured = sigma if background is None else open_input(background)
    options = {"value_range": asked, "nan": nan, "noise": measured, "adapt": adapt}
    degradation, label = _degradation(noise, jpeg, known, mask)
    given = {"axes": axes, "series": series, "max_pixels": max_pixels}
    if is_many(sources, output):
        if degradation is not None or mask is not None or compare:
            raise InputError("--noise, --jpeg, --known, --mask and --compare are for one picture.")
        bulk.check_engine(engine, processes)
        pairs = bulk.places(sources, output)
        given["max_pixels"] = int(max_pixels)
        work = bulk.Restoration(model, given, options)
        _ = work.opened  # A file that is no model is refused at once.
        restore_each(pairs, work, resume, engine, processes)
        return
    if engine != "local" or processes is not None:
        raise InputError("--engine and --processes are for several pictures, with a folder as OUT.")
    output = Path(output)
    check_output(output)
    picture = open_input(sources[0], **given)
    if degradation is not None or compare:
        array = read_input(sources[0])
        result = _comparison(array, model, degradation, label, mask, seed, options)
        zoo.write_picture(output, result)
        typer.echo(f"Wrote {output}.")
        return
    check_output(output, picture=picture)
    say_scale(picture.scale(asked))
    where = None
    if mask is not None:
        where = known_pixels(mask, picture)
    chosen = None if model is None else open_model(model)
    if where is None:
        options["noise"] = _said(picture, chosen, model, options)
    elif chosen is None:
        typer.echo(f"Restored with {INPAINTER}.")
    with share_done() as progress:
        restored = zoo.restore(picture, chosen, mask=where, progress=progress, **options)
    zoo.write_picture(output, restored)
    typer.echo(f"Wrote {output}.")


def _is_model(name):
    """Whether the first of three words is a model: the form of 0.1.0."""
    from .. import zoo
    from ..images.samples import is_sample

    there = Path(name).exists() or glob.has_magic(name) or is_sample(name)
    return name.endswith(".keras") or name in zoo.list_models() or not there


def _comparison(picture, model, degradation, label, mask, seed, options):
    """Before and after, side by side; with the original and numbers for a simulated degradation."""
    from .. import zoo
    from ..images.arrays import picture_of, unit_picture
    from ..images.panels import side_by_side

    unit, scale = unit_picture(picture, options["value_range"])
    say_scale(scale)
    where = None if mask is None else known_pixels(mask, picture)
    clean = unit[..., :3] if unit.ndim == 3 else unit
    degraded = unit
    if degradation is not None:
        degraded = degradation.degrade(clean, seed)
        where = degradation.mask(clean, seed)
    noise, adapt = options["noise"], options["adapt"]
    chosen = None if model is None else open_model(model)
    if where is None:
        in_unit = {**options, "value_range": (0, 1)}
        noise = _said(picture_of(degraded), chosen, model, in_unit, scale)
    restored = zoo.restore(degraded, chosen, mask=where, value_range=(0, 1), noise=noise, adapt=adapt)
    name = "restored" if model is None else Path(model).name
    if degradation is not None:
        return with_numbers(clean, [(label, degraded), (name, restored)])
    return side_by_side([("given", degraded), (name, restored)])


def _said(picture, model, given, options, of=None):
    """The noise that is given, or measured where it must be; says what it is, and what removes it.

    It is said in grey values of the scale `of`, that of the picture unless it is another one.
    """
    from .. import zoo
    from ..images.measured_noise import MeasuredNoise
    from ..zoo.choice import as_noise, denoiser_for
    from ..zoo.denoising import noise_at_least, noise_is_nothing

    scale, contrast = picture.scale(options["value_range"]), 1.0
    noise = as_noise(options["noise"], scale)
    needed = model is None or options["adapt"] or zoo.traits(model).takes == "noise"
    color = "RGB" if picture.samples.startswith("RGB") else "L"
    name = denoiser_for(color) if model is None else given
    if noise is None and not needed:
        return None
    if noise is None and (picture.planes > 1 or "C" in picture.samples):
        typer.echo(f"Measuring the noise of each plane and channel; {name} removes it.")
        return None
    if noise is None:
        ((_, noise, contrast),) = measured_planes(picture, scale, options["nan"])
    typer.echo(noise.describe(of or scale))
    least = noise_at_least(noise, contrast) if isinstance(noise, MeasuredNoise) else noise
    if noise_is_nothing(least):
        typer.echo("The picture is left as it is; --sigma says how strong the noise is if you know it.")
    else:
        typer.echo(f"Removed by {name}.")
    return noise


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
