"""`imagepde noise`: how much noise there is in a picture, and of what kind."""

from pathlib import Path
from typing import Annotated

import typer

from .common import Axes, MaxPixels, Nan, Range, Series, given_range, open_input, say_scale
from .problems import Source


def noise(
    source: Source,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw σ against brightness here, with the fit; .png, .svg or .pdf."),
    ] = None,
    axes: Axes = None,
    value_range: Range = None,
    nan: Nan = "error",
    series: Series = None,
    max_pixels: MaxPixels = 1e9,
):
    """Measure the noise of a picture, plane by plane, in its own grey values.

    Noise of a camera grows with the brightness (Poisson–Gaussian), the same everywhere is white; the
    noise of neighbours may be correlated, and whole rows or columns may be offset. What is said is what
    `imagepde restore` removes where no model is named. --plot is of the first plane.

    Examples:

        imagepde noise cells.tif

        imagepde noise skimage:camera --plot noise.png
    """
    from ..images.axes import planes_last
    from .figures import check_figure, write_figure

    if plot is not None:
        check_figure(plot)
    asked = given_range(value_range)
    picture = open_input(source, axes, series, max_pixels)
    scale = picture.scale(asked)
    say_scale(scale)
    first = None
    _, order = planes_last(picture.values, picture.axes)
    letters = order.replace("yx", "").replace("s", "")
    for index, found, _ in measured_planes(picture, scale, nan):
        where = ", ".join(f"{letter} {number}" for letter, number in zip(letters, index, strict=True))
        typer.echo(f"{where}: {found.describe(scale)}" if where else found.describe(scale))
        first = found if first is None else first
    if plot is not None:
        from ..explain.noise import draw_noise

        write_figure(draw_noise(first, scale), plot)


def measured_planes(picture, scale, nan):
    """The index, noise and contrast of each plane; channels that are no colors are not told apart."""
    from ..images.arrays import filled, picture_of, unknown_pixels
    from ..images.axes import plane_indices, planes_last
    from ..zoo.choice import noise_of_plane, part_of
    from ..zoo.stabilised import contrast_of

    where = unknown_pixels(picture, nan)
    picture = picture_of(picture, None, where)
    if where is not None:
        picture = filled(picture, where)
        where, _ = planes_last(where, picture.axes)
    values, order = planes_last(picture.values, picture.axes)
    counted = [k for k, kind in enumerate(picture.samples) if kind != "A"]
    for index in plane_indices(values.shape, order):
        plane, valid = values[index], None if where is None else ~where[index]
        if order.endswith("s"):
            plane = plane[..., counted[:3] if picture.samples.startswith("RGB") else counted[:1]]
            valid = None if valid is None else valid.all(-1)
        unit = scale.to_unit(part_of(plane))
        low, high = contrast_of(unit)
        yield index, noise_of_plane(unit, valid), high - low
