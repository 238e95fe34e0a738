"""`imagepde restore`: a picture in, a restored picture out."""

from pathlib import Path
from typing import Annotated

import typer

from .common import ModelName, check_model_name, open_model, read_input, start_backend


def restore(
    name: ModelName,
    source: Annotated[
        str, typer.Argument(metavar="IN", help="Picture file, or skimage:NAME as skimage:camera.")
    ],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="File to write; the suffix decides.")],
    noise: Annotated[
        float | None,
        typer.Option(help="Add noise of this strength (0 to 255) first, and write a comparison."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of this noise.")] = 0,
):
    """Restore a picture: grey or colour, 8 or 16 bits or floating point, any size from 8×8.

    With --noise, OUT is a comparison with both PSNRs: noisy, restored, original.

    Examples:

        imagepde restore foe_s.gauss25 noisy.png clean.png

        imagepde restore foe_s.gauss25 skimage:camera comparison.png --noise 25
    """
    start_backend()
    from .. import zoo
    from ..zoo.pictures import check_output

    check_model_name(name)
    check_output(output)
    picture = read_input(source)
    if noise is None:
        check_output(output, picture=picture)
        zoo.write_picture(output, zoo.restore(open_model(name), picture))
    else:
        zoo.write_picture(output, _comparison(name, picture, noise, seed))
    typer.echo(f"Wrote {output}.")


def _comparison(name, picture, noise, seed):
    from .. import training, zoo
    from ..zoo.comparison import side_by_side
    from ..zoo.restoration import to_unit_range

    clean = to_unit_range(picture)[..., :3] if picture.ndim == 3 else to_unit_range(picture)
    noisy = training.GaussianNoise(noise).degrade(clean, seed)
    restored = zoo.restore(open_model(name), noisy)

    def title(label, image):
        as_batch = [x.reshape((1, *clean.shape[:2], -1)) for x in (clean, image)]
        decibels = float(training.psnr(*as_batch)[0])
        typer.echo(f"{label}: {decibels:.2f} dB")
        return f"{label}: {decibels:.2f} dB"

    return side_by_side(
        [
            (title(f"noise {noise:g}/255", noisy), noisy),
            (title(Path(name).name, restored), restored),
            ("original", clean),
        ]
    )
