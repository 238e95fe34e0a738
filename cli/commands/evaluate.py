"""`imagepde evaluate`: measures a model on a set of pictures."""

import dataclasses
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
    check_scale,
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
        int | None,
        typer.Option(
            help="Take the centre of each picture, of so many pixels squared; for tasks other than "
            "denoising as in the validation of the model if not given."
        ),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Shrink pictures by this factor first; likewise.")
    ] = None,
    sigma: Annotated[
        float | None,
        typer.Option(help="Noise, 0 to 255; what the model was trained for if not given."),
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(help="Noise after a diffusion, in per cent of the range; likewise."),
    ] = None,
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
    csv: Annotated[Path | None, typer.Option(help="Write one row a picture to this file.")] = None,
    write_card: Annotated[
        bool,
        typer.Option("--write-card", help="File the result in the model's card (source tree)."),
    ] = False,
):
    """Measure PSNR, SSIM and Q: each picture is degraded as in the training, and restored.

    Noise is seeded by the number of the picture. Models of another task than denoising, as
    diffnet.pm_inverse, get what they were trained for. Inverse problems are observed first, with noise
    of 5/255 where they have a data term; what is resampled moves twice in a row.

    Q of Zhu and Milanfar needs no clean picture: the more structure and the less noise, the higher.

    Examples:

        imagepde evaluate foe_s.gauss25 --data set12 --first 7

        imagepde evaluate foe_s.gauss25 --data bsd68 --csv bsd68.csv

        imagepde evaluate diffnet.pm_inverse --data kodak --scale 0.25

        imagepde evaluate eed.default --data bsd68 --sigma 15

        imagepde evaluate inpainting.eed --data kodak --known 10

        imagepde evaluate blade.tv_flow --data kodak --cache targets --steps 30

        imagepde evaluate reconstruction.deblur --data kodak

        imagepde evaluate trd.gauss25 --data kodak --color

        imagepde evaluate blade_resample.default --data kodak --smooth
    """
    start_backend()
    from .. import training, zoo
    from ..errors import InputError
    from ..images.files import write_csv
    from ..images.picture_files import check_output

    check_model_name(name)
    own_file = name.endswith(".keras")
    if own_file and write_card:
        raise InputError("A .keras file has no card: leave out --write-card.")
    if csv:
        check_output(csv, (".csv",))
    if crop is not None and crop < 11:
        raise InputError(f"`--crop` must be at least 11 pixels. Received: {crop}.")
    check_scale(scale)
    recorded = None if own_file else zoo.card(name).recipe
    recipe = None if recorded is None else training.Recipe(**recorded)
    surrogate = recipe is not None and recipe.surrogate is not None
    if not surrogate and (steps or cache):
        raise InputError(f"`--steps` and `--cache` go with surrogates, not with {name}.")
    preparation = {"crop": crop, "scale": scale or 1.0}
    if surrogate:
        steps = steps or zoo.card(name).config["steps"]
        model = zoo.load(name, steps=steps)
        degradation = _surrogate_task(recipe, steps, cache)
    else:
        model = open_model(name)
        degradation = _degradation(name, model, recipe, sigma, noise, known, jpeg)
    resampling = isinstance(degradation, training.Displacement)
    if resampling:
        degradation = dataclasses.replace(degradation, times=2, smooth=smooth)
    elif smooth:
        raise InputError(f"`--smooth` goes with models that resample, not with {name}.")
    if recipe is not None and recipe.of_crops:
        preparation = {
            "crop": crop or recipe.validation_size,
            "scale": scale or recipe.scale,
            "normalise": recipe.normalise,
        }
    source = training.open_source(data, listing, first, without)

    console = Console()
    result, rows = training.evaluate(
        model,
        source,
        degradation,
        **preparation,
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


def _surrogate_task(recipe, steps, cache):
    """The equation up to the time of so many steps of the model."""
    from .. import training

    targets = recipe.degradation.targets
    targets = dataclasses.replace(targets, frames=max(steps, targets.frames))
    return training.FlowTask(targets, steps, cache)


def _degradation(name, model, recipe, sigma, noise, known, jpeg):
    """What is done to the pictures: as the options say, else what the model was trained for."""
    from .. import training, zoo
    from ..errors import InputError
    from ..layers import ChanVese, Reconstruction

    if jpeg is not None:
        if (
            any(option is not None for option in (sigma, noise, known))
            or zoo.traits(model).takes == "mask"
        ):
            raise InputError(f"`--jpeg` goes without other degradations. Received: --jpeg {jpeg}.")
        return training.JpegCompression(jpeg)
    if any(isinstance(layer, ChanVese) for layer in model.layers):
        raise InputError(f"{name} segments pictures: there is nothing to compare them with.")
    if zoo.traits(model).takes == "mask":
        if sigma is not None or noise is not None:
            raise InputError(f"`--known` goes with {name}, which inpaints, not --sigma or --noise.")
        return training.UnknownPixels(10 if known is None else known)
    if known is not None:
        raise InputError(f"`--known` goes with models that inpaint, not with {name}.")
    problem = next((layer for layer in model.layers if isinstance(layer, Reconstruction)), None)
    if problem is not None and noise is None:
        default = 0.0 if problem.weight is None else 5.0
        return training.Observed(problem.observation, default if sigma is None else sigma)
    if noise is not None:
        if recipe is None or recipe.diffusion is None:
            raise InputError(f"`--noise` goes with models of Perona–Malik diffusion, not with {name}.")
        diffusion = {**recipe.diffusion, "noise": noise / 100}
        return dataclasses.replace(recipe, diffusion=diffusion).degradation
    if recipe is not None and recipe.sigma is None:
        if sigma is not None:
            raise InputError(f"`--sigma` goes with denoising models, not with {name}; see --noise.")
        return recipe.degradation
    if sigma is None:
        if recipe is None:
            raise InputError(f"{name} was not trained for one strength of noise: give --sigma.")
        sigma = recipe.sigma
        if not isinstance(sigma, int | float):
            raise InputError(
                f"{name} is made for noise from {sigma[0]:g} to {sigma[1]:g}: give --sigma."
            )
    return training.GaussianNoise(sigma)
