"""What commands write beside a result: before and after, and by how much it is better."""

import typer

from .common import open_input


def known_pixels(path, picture=None):
    """Where a picture of a mask is bright: its alpha does not count. Says how much is known.

    Args:
        path: The mask.
        picture: Array of what is to be filled in, to find out whether the mask looks inverted.
    """
    from ..images.masks import known_where, looks_inverted

    mask = open_input(path)
    values = mask.values
    if mask.axes.endswith("s"):
        color = [k for k, kind in enumerate(mask.samples) if kind != "A"]
        values = values[..., color].max(axis=-1)
    known = known_where(values)
    typer.echo(f"Known: {known.mean():.1%} of the pixels.")
    fits = picture is not None and picture.shape[: known.ndim] == known.shape
    if fits and looks_inverted(picture, known):
        typer.echo(
            "Warning: what the mask calls known (bright) is all of one color; is it inverted?",
            err=True,
        )
    return known


def clean_copy(picture):
    """A picture in [0, 1] without alpha, to be degraded."""
    from ..images.arrays import to_unit_range

    return to_unit_range(picture[..., :3] if picture.ndim == 3 else picture)


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


def without_numbers(panels):
    """Panels of one size side by side; alpha does not count."""
    from ..images.panels import side_by_side

    return side_by_side([(label, clean_copy(image)) for label, image in panels])


def write(output, picture):
    """Writes a picture and says so."""
    from .. import zoo

    zoo.write_picture(output, picture)
    typer.echo(f"Wrote {output}.")
