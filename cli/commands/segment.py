"""`imagepde segment`: a picture in, a black and white picture of two regions out."""

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
    area: Annotated[float, typer.Option(help="Weight of the area inside.")] = 0.0,
    model: Annotated[
        str | None,
        typer.Option(
            help="segmentation.blade, which is taken without it; segmentation.chan_vese, the classical "
            "scheme; or a surrogate of TV flow."
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Number of steps at most.")] = 500,
    compare: Compare = False,
    axes: Axes = None,
    value_range: Range = None,
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
    regulariser: Regulariser = None,
):
    """Split a picture into two regions (Chan and Vese); the brighter one is white.

    With --compare, OUT shows the contour in the picture, and the regions.

    Examples:

        imagepde segment skimage:coins coins.png --compare

        imagepde segment cells.png regions.png --length 0.5 --model segmentation.chan_vese
    """
    regulariser = "segmentation.chan_vese" if regulariser == "reference" else regulariser
    model = model_option(model, regulariser, "--regulariser") or "segmentation.blade"
    start_backend(model)
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
    regions = zoo.segment(picture, model, **options)
    region = regions.values
    typer.echo(f"White: {region.mean():.1%} of the picture.")
    # Black and white of the regions are not those of the picture.
    result = regions.holding(region.astype(np.uint8) * 255, bits=None, white=None)
    if compare:
        region = as_array(result, source) > 0
        shown = clean_copy(shown, given).reshape((*region.shape, -1)) * np.ones(3, np.float32)
        shown[find_boundaries(region, mode="inner")] = 1.0, 0.2, 0.2
        result = without_numbers([("contour", shown), ("regions", region)])
    write(output, result)
