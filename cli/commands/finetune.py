"""`imagepde finetune`: a denoiser that knows pictures like one's own."""

from pathlib import Path
from typing import Annotated

import typer

from .common import Axes, Range, given_range, open_model, start_backend
from .pairs import Targets, open_pairs

Folder = Annotated[
    Path, typer.Option(help="Noisy pictures: a folder, searched with the folders in it, or a file.")
]
Second = Annotated[
    Path | None,
    typer.Option(help="A folder with a second noisy shot of each picture, under the same names."),
]


def finetune(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A grey denoiser, as trd.any, or a .keras file.")
    ],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The .keras file to write.")],
    data: Folder,
    clean: Targets = None,
    second: Second = None,
    minutes: Annotated[float, typer.Option(min=0.01, help="Time at most.")] = 10.0,
    seed: Annotated[int, typer.Option(help="Seed of pieces and noise.")] = 0,
    axes: Axes = None,
    value_range: Range = None,
):
    """Fine-tune a denoiser on your own pictures: noisy ones alone, pairs, or two shots of a scene.

    The noise of each picture is measured. Without --clean and --second the model learns from the noisy
    pictures alone. OUT always holds the best model so far: after an interruption, name it instead of
    NAME to go on. Every plane and channel of a file is a picture.

    Examples:

        imagepde finetune trd.any mine.keras --data noisy/

        imagepde finetune trd.any mine.keras --data noisy/ --clean clean/

        imagepde restore new.tif clean.tif --model mine.keras
    """
    start_backend(name)
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from .. import training
    from ..errors import InputError
    from ..images.picture_output import check_output

    check_output(output, (".keras",))
    if clean is not None and second is not None:
        raise InputError("Give one of --clean and --second.")
    pairs = open_pairs(data, clean or second, axes, given_range(value_range))
    known = clean is not None
    examples = [training.Example(p.noisy, p.target, known, name=p.name) for p in pairs]
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[numbers]}"))
    errors: list[float] = []
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("fine-tuning", total=60 * minutes, numbers="")

        def progress(epoch, error, seconds):
            errors.append(error)
            numbers = f"epoch {epoch}, error {error:.4g}, best {min(errors):.4g}"
            bar.update(task, completed=seconds, numbers=numbers)
            if not console.is_terminal:
                console.print(f"{seconds:.0f} s: {numbers}")

        training.finetune(
            open_model(name),
            examples,
            output=output,
            minutes=minutes,
            seed=seed,
            progress=progress,
        )
    better = 100 * (1 - min(errors) / errors[0])
    noisy = "" if known else " (of which the noise of the pictures is a part)"
    typer.echo(
        f"{len(examples)} pictures; the error on what was held back{noisy} fell by {better:.2f} %."
    )
    typer.echo(f"Wrote {output}.")
