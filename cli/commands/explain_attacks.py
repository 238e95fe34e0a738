"""`imagepde explain attack`: a search for what a certificate says there is not."""

from typing import Annotated, Literal

import typer

from .common import open_model, read_input, start_backend
from .explain import Name, Output, Picture
from .explain_surrogates import app
from .figures import check_figure, write_figure

Ratio = Annotated[
    Literal["norm", "distance"],
    typer.Option(help="What is made large: ‖D(f)‖/‖f‖, or how far two pictures come apart."),
]
Steps = Annotated[int, typer.Option(min=1, help="Steps of gradient ascent.")]
Side = Annotated[int, typer.Option(min=8, help="Side of the middle of the picture that is used.")]


@app.command()
def attack(
    name: Name,
    source: Picture,
    output: Output,
    ratio: Ratio = "norm",
    steps: Steps = 100,
    side: Side = 64,
):
    """The picture that a model enlarges most, as far as gradient ascent finds it.

    A model whose certificate says `norm` or `distance` has no ratio above 1.

    Example:

        imagepde explain attack trd_certified.gauss25 skimage:camera attack.png --steps 50
    """
    start_backend(name)
    from .. import explain, zoo
    from ..errors import InputError
    from ..explain.states import grey_picture

    check_figure(output)
    picture = grey_picture(read_input(source))
    top, left = ((n - min(side, n)) // 2 for n in picture.shape)
    model = open_model(name)
    if model.input_shape[-1] != 1 or model.output_shape != model.input_shape:
        raise InputError(f"An attack is for a model from grey pictures to such. Received: {name!r}.")
    found = explain.attack(model, picture[top : top + side, left : left + side], ratio, steps)
    promised = ratio in zoo.certificate(model).promises
    said = "at most 1, proven" if promised else "nothing is proven"
    typer.echo(f"{name}: {ratio} {found.start:.4f} at first, {found.ratio:.6f} found; {said}.")
    write_figure(explain.draw_attack(model, found, name), output)
