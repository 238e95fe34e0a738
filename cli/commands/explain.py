"""`imagepde explain`: figures of what a model has learned."""

from pathlib import Path
from typing import Annotated

import typer

from .common import check_model_name, open_model, read_input, start_backend

app = typer.Typer(
    help="Draw what a diffusion model has learned; needs the extra [vis].", no_args_is_help=True
)

Output = Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .png, .svg or .pdf.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A model of `imagepde list`, or .keras.")]
Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="Models of `imagepde list`; wildcards work.")
]


@app.command()
def kernels(name: Name, output: Output):
    """Kernels and activations of a Fields-of-Experts model.

    Example:

        imagepde explain kernels foe_s.gauss25 kernels.png
    """
    start_backend()
    from ..zoo import explain

    check_model_name(name)
    _check_output(output)
    _write(explain.draw_kernels(open_model(name), name), output)


@app.command()
def diffusivity(
    output: Output,
    names: Names,
    source: Annotated[
        str, typer.Option("--picture", help="Picture file, or skimage:NAME as skimage:camera.")
    ] = "skimage:camera",
    noise: Annotated[float, typer.Option(help="Noise to add first, 0 to 255.")] = 25.0,
    seed: Annotated[int, typer.Option(help="Seed of this noise.")] = 0,
):
    """Restored pictures, and under each the diffusivity of the last step.

    Example:

        imagepde explain diffusivity last.png 'foe_*.gauss25' --picture skimage:coins
    """
    start_backend()
    from ..zoo import explain

    names = _matching(names)
    _check_output(output)
    picture = read_input(source)
    models = {name: open_model(name) for name in names}
    _write(explain.draw_last_diffusivity(models, picture, noise, seed), output)


@app.command()
def curves(output: Output, names: Names):
    """The diffusivity across an edge as a function of its height.

    Example:

        imagepde explain curves curves.png '*.gauss*'
    """
    start_backend()
    from ..zoo import explain

    names = _matching(names)
    noises = {name: _noise(name) for name in names}
    _check_output(output)
    _write(explain.draw_curves({name: open_model(name) for name in names}, noises), output)


@app.command()
def activations(output: Output):
    """Each kind of activation with random weights.

    Example:

        imagepde explain activations activations.png
    """
    start_backend()
    from ..zoo import explain

    _check_output(output)
    _write(explain.draw_activations(), output)


def _matching(patterns):
    """The models that names with wildcards stand for, in the order given."""
    from .. import zoo
    from ..pde import InputError

    found = [n for p in patterns for n in (zoo.list_models(p) if "*" in p else [p])]
    if not found:
        raise InputError(f"No model matches {' '.join(patterns)!r}; `imagepde list` shows all.")
    for name in found:
        check_model_name(name)
    return list(dict.fromkeys(found))


def _noise(name):
    """The strength of noise that a model is made for."""
    from .. import zoo
    from ..pde import InputError

    sigma = None if name.endswith(".keras") else zoo.card(name).training["recipe"]["sigma"]
    if not isinstance(sigma, int | float):
        raise InputError(f"A curve is drawn for one strength of noise; {name!r} has none.")
    return sigma


def _check_output(output):
    from ..zoo.pictures import check_output

    check_output(output, (".png", ".svg", ".pdf"))


def _write(figure, output):
    from ..zoo.explain.anatomy import save_figure

    save_figure(figure, output)
    typer.echo(f"Wrote {output}.")
