"""`imagepde segment`: a picture in, a picture of its regions out, black and white or in greys."""

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
    say_scale,
    start_backend,
)
from .comparisons import clean_copy, without_numbers, write
from .problems import Compare, Output, Regulariser, Source


def segment(
    source: Source,
    output: Output,
    length: Annotated[
        float, typer.Option(min=0, help="Weight of the contour's length: the larger, the smoother.")
    ] = 0.2,
    regions: Annotated[
        int, typer.Option(min=2, max=4, help="Number of regions at most, from dark to bright.")
    ] = 2,
    area: Annotated[
        float | None, typer.Option(help="Weight of the area inside, for a level set.", show_default="0")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="threshold_dynamics, taken without it; segmentation.blade, a level set with a "
            "surrogate of TV flow; segmentation.chan_vese, the classical scheme; or a surrogate."
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, help="Number of steps at most.", show_default="50, for a level set 500"),
    ] = None,
    compare: Compare = False,
    axes: Axes = None,
    value_range: Range = None,
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
    regulariser: Regulariser = None,
):
    """Split a picture into two to four regions (Chan and Vese); the brightest one is white.

    With --compare, OUT shows the contours in the picture, and the regions.

    Examples:

        imagepde segment skimage:coins coins.png --compare

        imagepde segment cells.png regions.png --regions 3

        imagepde segment cells.png regions.png --length 0.5 --model segmentation.chan_vese
    """
    regulariser = "segmentation.chan_vese" if regulariser == "reference" else regulariser
    model = model_option(model, regulariser, "--regulariser") or "threshold_dynamics"
    start_backend(None if model == "threshold_dynamics" else model)
    import numpy as np
    from skimage.segmentation import find_boundaries

    from .. import zoo
    from ..images.picture_output import check_output

    check_output(output)
    given = given_range(value_range)
    picture = open_input(source, axes, series, max_pixels)
    say_scale(picture.scale(given))
    shown = as_array(picture, source) if compare else None
    options = {"length": length, "area": area, "steps": steps, "value_range": given}
    found = zoo.segment(picture, model, regions=regions, **options)
    labels = found.values if regions > 2 else found.values.astype(np.uint8) + np.uint8(1)
    count = max(int(labels.max()), 2)
    shares = [f"{np.mean(labels == k):.1%}" for k in range(count, 0, -1)]
    typer.echo(f"White: {shares[0]} of the picture.")
    if count > 2:
        typer.echo(f"Then, from bright to dark: {', '.join(shares[1:])}.")
    # Black and white of the regions are not those of the picture.
    greys = np.linspace(0, 255, count).round().astype(np.uint8)[np.maximum(labels, 1) - 1]
    result = found.holding(greys, bits=None, white=None)
    if compare:
        greys = as_array(result, source)
        shown = clean_copy(shown, given).reshape((*greys.shape, -1)) * np.ones(3, np.float32)
        shown[find_boundaries(greys, mode="inner")] = 1.0, 0.2, 0.2
        result = without_numbers([("contour", shown), ("regions", greys)])
    write(output, result)
