"""What commands write beside a result: before and after, and by how much it is better."""

import typer

from .common import read_input


def known_pixels(path):
    """Where a picture of a mask is not black: its alpha does not count."""
    pixels = read_input(path)
    return pixels if pixels.ndim == 2 else pixels[..., :3].any(axis=-1)


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
