"""`imagepde evaluate`: measures a model on a set of pictures."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from .common import (
    Axes,
    Data,
    First,
    Listing,
    ModelName,
    Range,
    check_scale,
    given_range,
    open_model,
    results_table,
    start_backend,
)
from .pairs import Targets, open_pairs


def evaluate(
    name: ModelName,
    data: Data,
    clean: Targets = None,
    listing: Listing = None,
    first: First = None,
    without: Annotated[
        Path | None,
        typer.Option(help="Text file with pictures to leave out, as those of the training."),
    ] = None,
    crop: Annotated[
        int | None,
        typer.Option(
            help="Take the centre of each picture, of so many pixels squared; for tasks other than "
            "denoising as in the validation of the model if not given."
        ),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Shrink pictures by this factor first, likewise.")
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(help="Noise, 0 to 255; what the model was made for if not given."),
    ] = None,
    noise: Annotated[float | None, typer.Option(hidden=True)] = None,
    jpeg: Annotated[
        int | None, typer.Option(help="Quality of JPEG instead of noise; likewise.")
    ] = None,
    known: Annotated[
        float | None,
        typer.Option(help="Known pixels in per cent, for models that inpaint; 10 if not given."),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1, help="Steps of a surrogate, as blade.tv_flow; those of the card if not given."
        ),
    ] = None,
    color: Annotated[
        bool,
        typer.Option("--color", help="Restore colour pictures, by a grey model channel by channel."),
    ] = False,
    smooth: Annotated[
        bool,
        typer.Option(
            "--smooth", help="Displace by smooth random flows, for blade_resample; not by shifts."
        ),
    ] = False,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps the solutions for a surrogate.")
    ] = None,
    axes: Axes = None,
    value_range: Range = None,
    csv: Annotated[Path | None, typer.Option(help="Write one row a picture to this file.")] = None,
    write_card: Annotated[
        bool,
        typer.Option(
            "--write-card", help="File the result in the card of a preset, or of the source tree."
        ),
    ] = False,
):
    """Measure PSNR, SSIM and Q: each picture is degraded as in the training, and restored.

    With --clean, the pictures of --data are noisy ones as they were taken, and nothing is degraded.

    Noise is seeded by the number of the picture. Models of another task than denoising, as
    diffnet.pm_inverse, get what they were trained for. Inverse problems are observed first, with noise
    of 5/255 where they have a data term; what is resampled moves twice in a row.

    Q of Zhu and Milanfar needs no clean picture: the more structure and the less noise, the higher.

    Examples:

        imagepde evaluate foe_s.gauss25 --data set12 --first 7

        imagepde evaluate foe_s.gauss25 --data bsd68 --csv bsd68.csv

        imagepde evaluate diffnet.pm_inverse --data kodak --scale 0.25

        imagepde evaluate diffnet.pm_inverse_blind --data kodak --scale 0.25 --sigma 2.55

        imagepde evaluate eed.default --data bsd68 --sigma 15

        imagepde evaluate inpainting.eed --data kodak --known 10

        imagepde evaluate blade.tv_flow --data kodak --cache targets --steps 30

        imagepde evaluate reconstruction.deblur --data kodak

        imagepde evaluate trd.gauss25 --data kodak --color

        imagepde evaluate blade_resample.default --data kodak --smooth

        imagepde evaluate mine.keras --data noisy/ --clean clean/
    """
    start_backend(name)
    from .. import tasks, training, zoo
    from ..errors import InputError
    from ..images.files import write_csv
    from ..images.picture_output import check_output

    if noise is not None:
        raise InputError(
            "`--noise` was in per cent of the range; noise is on the scale of 0 to 255 now: give "
            f"`--sigma {2.55 * noise:g}`."
        )
    own_file = name.endswith(".keras")
    if write_card:
        training.check_filing(name)
    if csv:
        check_output(csv, (".csv",))
    if crop is not None and crop < 11:
        raise InputError(f"`--crop` must be at least 11 pixels. Received: {crop}.")
    check_scale(scale)
    model = open_model(name)
    surrogate = isinstance(tasks.task_of(model), tasks.FlowTask)
    if not surrogate and (steps or cache):
        raise InputError(f"`--steps` and `--cache` go with surrogates, not with {name}.")
    if steps and own_file:
        raise InputError(f"`--steps` goes with models of the zoo. Received: {name!r}.")
    model = zoo.load(name, steps=steps) if steps else model
    degradations = {"sigma": sigma, "jpeg": jpeg, "known": known, "smooth": smooth or None}
    degradations = {k: v for k, v in degradations.items() if v is not None}
    if clean is not None:
        if surrogate:
            raise InputError(f"`--clean` goes with models that remove noise. Received: {name}.")
        unused = {**degradations, "list": listing, "without": without, "color": color or None}
        source, task = _pairs(data, clean, axes, given_range(value_range), first, unused)
    else:
        if axes is not None or value_range is not None:
            raise InputError("`--axes` and `--range` go with `--clean`.")
        task = _task(name, model, degradations)
        source = training.open_source(data, listing, first, without)
    if surrogate:
        task = dataclasses.replace(task, cache=cache)

    console = Console()
    result, rows = tasks.evaluate(
        model,
        source,
        task,
        crop=crop,
        scale=scale,
        color=color,
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


def _pairs(data, clean, axes, value_range, first, unused):
    """Clean pictures as a source, and the noisy ones as a task."""
    from .. import tasks, training
    from ..errors import InputError

    for option, value in unused.items():
        if value is not None:
            raise InputError(f"`--{option}` goes without `--clean`: pictures are as they were taken.")
    pairs = open_pairs(Path(data), clean, axes, value_range)[:first]
    noisy, wanted, _ = zip(*pairs, strict=True)
    return training.Arrays(clean.resolve().name, wanted), tasks.TakenPairs(noisy)


def _task(name, model, options):
    """What is done to the pictures: what the model is made for, changed as the options say."""
    from .. import tasks
    from ..errors import InputError
    from ..zoo import traits

    if traits(model).gives == "region":
        raise InputError(f"{name} segments pictures: there is nothing to compare them with.")
    task = tasks.task_of(model)
    if "jpeg" in options:
        if len(options) > 1 or isinstance(task, tasks.UnknownPixels | tasks.Displacement):
            received = f"--jpeg {options['jpeg']}"
            raise InputError(f"`--jpeg` goes without other degradations. Received: {received}.")
        return tasks.JpegCompression(options["jpeg"])
    if task is None and "sigma" in options:
        task = tasks.GaussianNoise(options["sigma"])
    if task is None:
        raise InputError(f"{name} was not made for one strength of noise: give --sigma.")
    if isinstance(task, tasks.Displacement):
        task = dataclasses.replace(task, times=2)
    attributes = [field.name for field in dataclasses.fields(task)]
    for option in options:
        if option not in attributes:
            goes_with = {
                "sigma": "models that are made for noise",
                "known": "models that inpaint",
                "smooth": "models that resample",
            }
            taken = [f"`--{other}`" for other in goes_with if other in attributes]
            rule = f"{name} takes {' and '.join(taken)}" if taken else f"not with {name}"
            raise InputError(f"`--{option}` goes with {goes_with[option]}, {rule}.")
    task = dataclasses.replace(task, **options)
    if isinstance(task, tasks.GaussianNoise) and isinstance(task.sigma, tuple):
        low, high = task.sigma
        raise InputError(f"{name} is made for noise from {low:g} to {high:g}: give --sigma.")
    return task
