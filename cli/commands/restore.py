"""`imagepde restore`: a picture in, a restored picture out."""

from pathlib import Path
from typing import Annotated

import typer

from .common import check_model_name, open_model, read_input, start_backend


def restore(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME] IN OUT",
            help="NAME: a model as `imagepde list` has it, or a .keras file of your own; left out "
            "with --auto. IN: a picture file, or skimage:NAME as skimage:camera. OUT: the file to "
            "write; its suffix decides.",
        ),
    ],
    auto: Annotated[
        bool, typer.Option("--auto", help="Estimate the noise, and take the model made for it.")
    ] = False,
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

        imagepde restore --auto noisy.png clean.png

        imagepde restore foe_s.gauss25 skimage:camera comparison.png --noise 25
    """
    if len(arguments) != (2 if auto else 3):
        rule = "IN OUT with --auto" if auto else "NAME IN OUT, or IN OUT with --auto"
        raise typer.BadParameter(f"expected {rule}. Received: {' '.join(arguments)}")
    name = None if auto else arguments[0]
    source, output = arguments[-2], Path(arguments[-1])
    start_backend()
    from .. import zoo
    from ..zoo.pictures import check_output

    if not auto:
        check_model_name(name)
    check_output(output)
    picture = read_input(source)
    if noise is None:
        check_output(output, picture=picture)
        noisy = picture
    else:
        clean, noisy = _with_noise(picture, noise, seed)
    if auto:
        name, sigma = zoo.choose_model(noisy)
        typer.echo(f"Estimated noise: {sigma:.1f}/255; restored with {name}.")
    restored = zoo.restore(open_model(name), noisy)
    if noise is not None:
        restored = _comparison(clean, noisy, restored, noise, name)
    zoo.write_picture(output, restored)
    typer.echo(f"Wrote {output}.")


def _with_noise(picture, noise, seed):
    """The picture without its alpha, in [0, 1], and with noise."""
    from .. import training
    from ..zoo.restoration import to_unit_range

    clean = to_unit_range(picture)[..., :3] if picture.ndim == 3 else to_unit_range(picture)
    return clean, training.GaussianNoise(noise).degrade(clean, seed)


def _comparison(clean, noisy, restored, noise, name):
    from .. import training
    from ..zoo.comparison import side_by_side

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
