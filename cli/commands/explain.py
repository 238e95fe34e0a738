"""`imagepde explain`: figures of what a model has learned."""

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from .common import (
    Data,
    Listing,
    matching_models,
    noise_of,
    open_model,
    read_input,
    start_backend,
)
from .figures import check_figure, known_task, write_figure


class _StatesUnlessNamed(TyperGroup):
    """`explain NAME IMAGE` is short for `explain states NAME IMAGE`."""

    def resolve_command(self, ctx, args):
        short = args[0] not in self.commands and not args[0].startswith("-")
        return super().resolve_command(ctx, ["states", *args] if short else args)


app = typer.Typer(
    cls=_StatesUnlessNamed,
    help="Draw what a model has learned; needs the extra [vis]. "
    "`imagepde explain NAME IMAGE` is short for `imagepde explain states NAME IMAGE`.",
    no_args_is_help=True,
)

Output = Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .png, .svg or .pdf.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A model of `imagepde list`, or .keras.")]
Picture = Annotated[
    str, typer.Argument(metavar="IMAGE", help="Picture file, or skimage:NAME as skimage:camera.")
]
Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="Models of `imagepde list`; wildcards work.")
]


@app.command()
def kernels(name: Name, output: Output):
    """Kernels and activations of a Fields-of-Experts model.

    Example:

        imagepde explain kernels foe_s.gauss25 kernels.png
    """
    start_backend(name)
    from .. import explain

    check_figure(output)
    write_figure(explain.draw_kernels(open_model(name), name), output)


@app.command()
def influence(
    name: Name,
    output: Output,
    stage: Annotated[int, typer.Option(min=1, help="Which stage.")] = 1,
):
    """Kernels and influence functions of a stage of reaction–diffusion.

    Example:

        imagepde explain influence trd.gauss25 influence.png --stage 4
    """
    start_backend(name)
    from .. import explain

    check_figure(output)
    title = f"{name}, stage {stage}"
    write_figure(explain.draw_influence(open_model(name), stage, title), output)


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
    from .. import explain

    names = matching_models(names)
    check_figure(output)
    picture = read_input(source)
    models = {name: open_model(name) for name in names}
    write_figure(explain.draw_last_diffusivity(models, picture, noise, seed), output)


@app.command()
def curves(output: Output, names: Names):
    """The diffusivity across an edge as a function of its height.

    Of the models that a wildcard stands for, those without a diffusivity are left out.

    Example:

        imagepde explain curves curves.png '*.gauss*'
    """
    start_backend()
    from .. import explain
    from ..errors import InputError
    from ..explain.anatomy import evolution_of

    found = matching_models(names)
    check_figure(output)
    models, noises, left_out = {}, {}, []
    for name in found:
        try:
            sigma, model = noise_of(name), open_model(name)
            evolution_of(model)
        except InputError:
            if name in names:
                raise
            left_out.append(name)
        else:
            noises[name], models[name] = sigma, model
    if not models:
        raise InputError(
            f"No model of {' '.join(names)!r} has a diffusivity and one strength of noise."
        )
    if left_out:
        typer.echo(f"Left out, without a diffusivity to show: {', '.join(left_out)}.")
    write_figure(explain.draw_curves(models, noises), output)


@app.command()
def activations(output: Output):
    """Each kind of activation with random weights.

    Example:

        imagepde explain activations activations.png
    """
    start_backend()
    from .. import explain

    check_figure(output)
    write_figure(explain.draw_activations(), output)


@app.command()
def states(
    name: Name,
    source: Picture,
    output: Annotated[
        Path, typer.Argument(metavar="[OUT]", help="File to write: .png, .svg or .pdf.")
    ] = Path("states.png"),
    degrade: Annotated[
        bool,
        typer.Option(
            "--degrade", help="First shrink and degrade it as the pictures of the training were."
        ),
    ] = False,
    saliency: Annotated[
        bool,
        typer.Option(
            "--saliency",
            help="Write OUT_saliency as well: what single pixels of the result are made of, as the "
            "model's operator has it, and by tf-keras-vis.",
        ),
    ] = False,
    pixel: Annotated[
        tuple[int, int] | None,
        typer.Option(help="Row and column of this pixel; three are chosen if not given."),
    ] = None,
):
    """States of DiffNet in image and Fourier space, and the filters between them.

    Examples:

        imagepde explain diffnet.pm_inverse skimage:camera --degrade

        imagepde explain diffnet.pm_inverse_noise1 cells.tif states.png --saliency
    """
    start_backend(name)
    from .. import explain

    check_figure(output)
    picture = read_input(source)
    if degrade:
        picture = _degraded(name, picture)
    model = open_model(name)
    figure = explain.draw_states(model, picture, f"{name}, {source}")
    if saliency:
        pixels = [pixel] if pixel else None
        kernels = explain.draw_effective_kernels(model, picture, pixels, f"{name}, {source}")
        write_figure(kernels, output.with_stem(f"{output.stem}_saliency"))
    write_figure(figure, output)


@app.command()
def smoothing(
    name: Name,
    output: Output,
    data: Data,
    listing: Listing = None,
    first: Annotated[int, typer.Option(help="Take so many pictures.")] = 32,
    csv: Annotated[Path | None, typer.Option(help="Write the numbers to this file.")] = None,
):
    """How much of DiffNet's filters is smoothing, as a function of the noise.

    Examples:

        imagepde explain smoothing diffnet.pm_inverse_blind alpha.png --data kodak --csv alpha.csv
    """
    start_backend(name)
    from .. import explain, training
    from ..images.files import write_csv
    from ..images.picture_output import check_output

    check_figure(output)
    if csv:
        check_output(csv, (".csv",))
    sigmas, levels = explain.smoothing_of_noise(
        open_model(name), known_task(name), training.open_source(data, listing, first)
    )
    if csv:
        rows = [
            {
                "sigma": sigma,
                "alpha": level.mean(),
                **{f"alpha_{k + 1}": alpha for k, alpha in enumerate(level.mean(0))},
            }
            for sigma, level in zip(sigmas, levels, strict=True)
        ]
        write_csv(csv, rows)
    title = f"{name}: smoothing and noise, {levels.shape[1]} pictures"
    write_figure(explain.draw_smoothing(sigmas, levels, title), output)


@app.command()
def linear(name: Name, output: Output):
    """The diffusivity that a linear diffusion network has learned, beside the true one.

    Example:

        imagepde explain linear linear_diffusion.heat heat.png
    """
    start_backend(name)
    from .. import explain
    from ..errors import InputError
    from ..tasks import KnownDiffusion

    check_figure(output)
    model, task = open_model(name), known_task(name)
    if not isinstance(task, KnownDiffusion):
        raise InputError(f"The diffusivity that {name} has learned is not known otherwise.")
    true = tuple(task.time_step * gamma for gamma in task.diffusivity)
    write_figure(explain.draw_linear_diffusion(model, true), output)


@app.command()
def rings(output: Output):
    """Rings after diffusion along them, for several parameters of the δ-stencil.

    Example:

        imagepde explain rings rings.png
    """
    start_backend()
    from .. import explain

    check_figure(output)
    write_figure(explain.draw_rings(), output)


def _degraded(name, picture):
    """The grey values of a picture, prepared and degraded as the model was trained to be given them."""
    from ..explain.states import grey_picture

    task = known_task(name).prepared(crop=None)
    return task.pair(task.preparation.of(grey_picture(picture)), 0)[0]
