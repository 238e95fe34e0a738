"""`imagepde warp`: a picture resampled at displaced positions."""

from pathlib import Path
from typing import Annotated

import typer

from .common import (
    Axes,
    MaxPixels,
    Range,
    Series,
    as_array,
    given_range,
    model_option,
    open_input,
    read_input,
    say_scale,
    start_backend,
)
from .comparisons import without_numbers, write
from .problems import Compare, Output, Source


def warp(
    source: Source,
    output: Output,
    shift: Annotated[
        tuple[float, float] | None, typer.Option(help="Move by so many pixels: right, down.")
    ] = None,
    flow: Annotated[
        Path | None, typer.Option(help="Displacements: a .flo file, or .npy (height, width, 2).")
    ] = None,
    onto: Annotated[
        str | None, typer.Option(help="Picture that IN is to be registered with; finds the flow.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="blade_resample.default, which is taken without it; bicubic or lanczos."),
    ] = None,
    compare: Compare = False,
    axes: Axes = None,
    value_range: Range = None,
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
    method: Annotated[str | None, typer.Option(hidden=True)] = None,
):
    """Resample a picture: what was at a displaced position comes to each pixel.

    Examples:

        imagepde warp skimage:camera moved.png --shift 0.5 -0.25

        imagepde warp frame2.png registered.png --onto frame1.png --compare

        imagepde warp frame2.png warped.png --flow flow.flo --model bicubic
    """
    model = model_option(model, method, "--method") or "blade_resample.default"
    start_backend()
    import numpy as np

    from .. import zoo
    from ..errors import InputError
    from ..images.displacement import check_displacement, find_flow, read_flow
    from ..images.picture_output import check_output
    from ..images.planes import plane_shape

    check_output(output)
    if sum(option is not None for option in (shift, flow, onto)) != 1:
        raise InputError("Give one of --shift, --flow and --onto.")
    given = given_range(value_range)
    picture = open_input(source, axes, series, max_pixels)
    if compare:
        picture = as_array(picture, source)
        sides = picture.shape[:2]
    else:
        check_output(output, picture=picture)
        say_scale(picture.scale(given))
        sides = plane_shape(picture)[:2]
    if onto is not None:
        fixed = read_input(onto)
        field = find_flow(picture if compare else as_array(picture, source), fixed, given)
    else:
        field = shift if flow is None else read_flow(flow)
    unknown = np.isnan(field).any(-1)
    if flow is not None and unknown.any():
        typer.echo(f"{unknown.mean():.1%} of the flow is not known: pixels there stay in place.")
        field = np.where(unknown[..., None], 0.0, field)
    field = check_displacement(field, sides)
    warped = zoo.warp(picture, field, model, value_range=given)
    inside = zoo.inside_image(field, sides).mean()
    typer.echo(f"{inside:.1%} of the positions are inside of the picture.")
    if compare:
        panels = [("given", picture), ("warped", warped)]
        warped = without_numbers(panels if onto is None else [*panels, ("onto", fixed)], given)
    write(output, warped)
