"""`imagepde deblur | upscale | inpaint`: inverse problems."""

import warnings
from pathlib import Path
from typing import Annotated

import typer

from .common import (
    Axes,
    MaxPixels,
    Nan,
    Range,
    Series,
    as_array,
    check_model_name,
    given_range,
    model_option,
    open_input,
    say_scale,
    start_backend,
)
from .comparisons import clean_copy, known_pixels, with_numbers, without_numbers, write

Source = Annotated[str, typer.Argument(metavar="IN", help="A picture file, or skimage:NAME.")]
Output = Annotated[Path, typer.Argument(metavar="OUT", help="The file to write; its suffix decides.")]
Evolution = Annotated[
    str | None,
    typer.Option("--model", help="A denoiser or an evolution that smooths, as `imagepde list` has it."),
]
Regulariser = Annotated[str | None, typer.Option(hidden=True)]
Sigma = Annotated[
    float | None,
    typer.Option(help="The standard deviation of the noise (0 to 255); measured without it."),
]
Weight = Annotated[
    float | None,
    typer.Option(help="Weight of the data term of an evolution: the less noise, the larger."),
]
Steps = Annotated[int | None, typer.Option(min=1, help="Number of steps.")]
TimeStep = Annotated[float | None, typer.Option(help="Time step of the regulariser.")]
Compare = Annotated[
    bool, typer.Option("--compare", help="Write what was given and what was made of it.")
]
Seed = Annotated[int, typer.Option(help="Seed of what is simulated.")]


def _options(**given):
    """What was given of the options, after a check of the name."""
    given = {key: value for key, value in given.items() if value is not None}
    if "model" in given:
        check_model_name(given["model"])
    return given


def deblur(
    source: Source,
    output: Output,
    kernel: Annotated[
        str | None,
        typer.Option(
            help="Standard deviation of a Gaussian in px, or a picture of the kernel; measured without."
        ),
    ] = None,
    model: Evolution = None,
    sigma: Sigma = None,
    weight: Weight = None,
    steps: Steps = None,
    time_step: TimeStep = None,
    compare: Compare = False,
    simulate: Annotated[
        float | None,
        typer.Option(help="Blur IN, add noise of this strength (0 to 255), and write a comparison."),
    ] = None,
    seed: Seed = 0,
    axes: Axes = None,
    value_range: Range = None,
    nan: Nan = "error",
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
    regulariser: Regulariser = None,
):
    """Sharpen a picture that was blurred, and take its noise away.

    Without --sigma the noise is measured, and without --kernel the blur, a Gaussian or a disk. With
    --simulate the kernel is a Gaussian of 1 px unless one is given.

    Examples:

        imagepde deblur blurred.png sharp.png --kernel 1.5

        imagepde deblur skimage:camera comparison.png --simulate 5

        imagepde deblur shaken.png sharp.png --kernel motion.png --model blade_flux.tv_flow
    """
    model = model_option(model, regulariser, "--regulariser")
    start_backend()
    from .. import tasks, zoo
    from ..images.picture_output import check_output
    from ..layers import Blur
    from ..zoo.reconstruction import blur_of

    check_output(output)
    options = _options(model=model, noise=sigma, weight=weight, steps=steps, time_step=time_step)
    units = {"value_range": given_range(value_range), "nan": nan}
    weights = None if kernel is None else _kernel(kernel)
    picture = open_input(source, axes, series, max_pixels)
    if simulate is None:
        given = _given(picture, source, output, compare, units)
        if weights is None:
            blur = blur_of(picture, **units)
            typer.echo(blur.describe())
            weights = blur.kernel
        restored = zoo.deblur(given, weights, **options, **units)
        panels = [("given", given), ("deblurred", restored)]
        write(output, without_numbers(panels, units["value_range"]) if compare else restored)
        return
    clean = clean_copy(as_array(picture, source), units["value_range"])
    blur = Blur(1.0 if weights is None else weights)
    observed = tasks.Observed(blur, simulate).degrade(clean, seed)
    restored = zoo.deblur(observed, blur.kernel, value_range=(0, 1), **options)
    write(output, with_numbers(clean, [("blurred", observed), ("deblurred", restored)]))


def _given(picture, source, output, compare, units):
    """What is to be worked on, after a check of the output; says its scale."""
    from ..images.picture_output import check_output

    say_scale(picture.scale(units["value_range"]))
    if compare:
        return as_array(picture, source)
    check_output(output, picture=picture)
    return picture


def _kernel(text):
    """A standard deviation, or the kernel in a picture or array, of any size, made to sum to one."""
    import numpy as np

    from ..errors import InputError
    from ..images.color import luma
    from ..images.kernels import normalised_kernel

    try:
        return float(text)
    except ValueError:
        picture = open_input(text, axes="yx" if text.endswith(".npy") else None)
    if picture.planes > 1:
        raise InputError(f"A kernel is one picture. Received: {picture.planes} planes.")
    weights = luma(np.asarray(picture.values))
    typer.echo(f"Kernel: {weights.shape[0]}×{weights.shape[1]}, divided by its sum.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kernel = normalised_kernel(weights)
    for warning in caught:
        if "even" in str(warning.message):
            typer.echo(str(warning.message), err=True)
    return kernel


def upscale(
    source: Source,
    output: Output,
    factor: Annotated[float, typer.Option(help="How many times as high and wide, above 1.")] = 4,
    sampling: Annotated[
        str, typer.Option(help="How IN was made smaller: area, bicubic, lanczos or point.")
    ] = "area",
    blur: Annotated[
        float | None,
        typer.Option(
            help="Instead: the standard deviation in pixels of the large picture of a Gaussian, of "
            "which single pixels were taken."
        ),
    ] = None,
    model: Evolution = None,
    sigma: Sigma = None,
    weight: Weight = None,
    steps: Steps = None,
    time_step: TimeStep = None,
    compare: Compare = False,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Shrink IN first, and write a comparison.")
    ] = False,
    axes: Axes = None,
    value_range: Range = None,
    nan: Nan = "error",
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
    regulariser: Regulariser = None,
):
    """Enlarge a picture such that, made smaller again, it is what was given; its noise is measured.

    Examples:

        imagepde upscale small.png large.png --factor 3

        imagepde upscale thumbnail.jpg large.png --factor 2.5 --sampling bicubic

        imagepde upscale skimage:astronaut comparison.png --simulate
    """
    model = model_option(model, regulariser, "--regulariser")
    start_backend()
    import numpy as np

    from .. import tasks, zoo
    from ..images.picture_output import check_output
    from ..layers import Downscale
    from ..zoo.architectures.reconstruction import observation_of

    check_output(output)
    factor = int(factor) if factor == int(factor) else factor
    options = _options(model=model, noise=sigma, weight=weight, steps=steps, time_step=time_step)
    options |= {"sampling": sampling, "blur": blur}
    units = {"value_range": given_range(value_range), "nan": nan}
    observation = Downscale(factor, sampling) if blur is None else observation_of(blur, factor)
    picture = open_input(source, axes, series, max_pixels)
    if simulate:
        task = tasks.Observed(observation)
        clean = clean_copy(as_array(picture, source), units["value_range"])
        small, clean = task.pair(clean, 0)
        large = zoo.upscale(small, factor, value_range=(0, 1), **options)
        write(output, with_numbers(clean, [("interpolated", task.shown(small)), ("upscaled", large)]))
        return
    given = _given(picture, source, output, compare, units)
    large = zoo.upscale(given, factor, **options, **units)
    if compare:
        rows, columns = (np.arange(n) * given.shape[k] // n for k, n in enumerate(large.shape[:2]))
        given = given[rows][:, columns]
        large = without_numbers([("given", given), ("upscaled", large)], units["value_range"])
    write(output, large)


def inpaint(
    source: Source,
    output: Output,
    mask: Annotated[
        str | None, typer.Option(help="Picture of the same size: not black is known.")
    ] = None,
    known: Annotated[
        float | None,
        typer.Option(help="Keep this share of the pixels (per cent) only, and write a comparison."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="An evolution, or a model that inpaints, as inpainting.eed.")
    ] = None,
    steps: Steps = None,
    compare: Compare = False,
    seed: Seed = 0,
    axes: Axes = None,
    value_range: Range = None,
    nan: Nan = "error",
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
    regulariser: Regulariser = None,
):
    """Fill in what is not known of a picture; what is known stays as it is.

    Examples:

        imagepde inpaint damaged.png filled.png --mask mask.png

        imagepde inpaint skimage:astronaut comparison.png --known 20 --model inpainting.eed
    """
    model = model_option(model, regulariser, "--regulariser")
    start_backend()
    from .. import tasks, zoo
    from ..errors import InputError
    from ..images.picture_output import check_output

    check_output(output)
    if (mask is None) == (known is None):
        raise InputError("Give one of --mask and --known.")
    options = _options(model=model, steps=steps)
    task = None if known is None else tasks.UnknownPixels(known)
    units = {"value_range": given_range(value_range), "nan": nan}
    picture = open_input(source, axes, series, max_pixels)
    if task is not None:
        clean = clean_copy(as_array(picture, source), units["value_range"])
        observed = task.degrade(clean, seed)
        filled = zoo.inpaint(observed, task.mask(clean, seed), value_range=(0, 1), **options)
        panels = [(f"{known:g} % known", observed), ("filled in", filled)]
        write(output, with_numbers(clean, panels))
        return
    given = _given(picture, source, output, compare, units)
    filled = zoo.inpaint(given, known_pixels(mask, given), **options, **units)
    panels = [("given", given), ("filled in", filled)]
    write(output, without_numbers(panels, units["value_range"]) if compare else filled)
