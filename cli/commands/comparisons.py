"""What commands write beside a result: before and after, and by how much it is better."""

import typer

from .common import open_input


def known_pixels(path, picture=None):
    """Where a picture of a mask is bright: its alpha does not count. Says how much is known.

    Args:
        path: The mask.
        picture: Array, or `Picture`, of what is to be filled in, to find out whether the mask looks
            inverted.
    """
    from ..images.axes import planes_last
    from ..images.masks import known_where, looks_inverted
    from ..images.picture import Picture

    mask = open_input(path)
    values = mask.values
    if mask.axes.endswith("s"):
        color = [k for k, kind in enumerate(mask.samples) if kind != "A"]
        values = values[..., color].max(axis=-1)
    known = known_where(values)
    typer.echo(f"Known: {known.mean():.1%} of the pixels.")
    if isinstance(picture, Picture):
        picture, _ = planes_last(picture.values, picture.axes)
    fits = picture is not None and picture.shape[: known.ndim] == known.shape
    if fits and looks_inverted(picture, known):
        typer.echo(
            "Warning: what the mask calls known (bright) is all of one color; is it inverted?",
            err=True,
        )
    return known


def clean_copy(picture, value_range=None):
    """A picture in [0, 1] by its scale, without alpha: to be degraded, or shown."""
    from ..images.arrays import unit_picture

    unit, _ = unit_picture(picture, value_range)
    return unit[..., :3] if unit.ndim == 3 else unit


def with_numbers(clean, panels):
    """Panels with their PSNR, which is printed too, and the clean picture, side by side."""
    from ..images.panels import side_by_side
    from ..tasks import psnr

    def title(label, image):
        as_batch = [x.reshape((1, *clean.shape[:2], -1)) for x in (clean, image)]
        decibels = float(psnr(*as_batch)[0])
        typer.echo(f"{label}: {decibels:.2f} dB")
        return f"{label}: {decibels:.2f} dB"

    return side_by_side(
        [*((title(label, image), image) for label, image in panels), ("original", clean)]
    )


def without_numbers(panels, value_range=None):
    """Panels of one size side by side, all by the scale of the first one; alpha does not count."""
    from ..images.arrays import unit_picture
    from ..images.panels import side_by_side

    first = panels[0][1]
    _, scale = unit_picture(first, value_range)
    return side_by_side(
        [
            (label, clean_copy(image, scale if image.dtype == first.dtype else None))
            for label, image in panels
        ]
    )


def write(output, picture):
    """Writes a picture and says so."""
    from .. import zoo

    zoo.write_picture(output, picture)
    typer.echo(f"Wrote {output}.")
