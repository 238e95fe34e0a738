"""`imagepde finetune`: a denoiser that knows pictures like one's own."""

from pathlib import Path
from typing import Annotated

import typer

from .common import Axes, Range, check_model_name, given_range, open_input, open_model, start_backend

Folder = Annotated[
    Path, typer.Option(help="Noisy pictures: a folder, searched with the folders in it, or a file.")
]
Targets = Annotated[
    Path | None,
    typer.Option(help="A folder with the same pictures without noise, under the same names."),
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
    start_backend()
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from .. import training
    from ..errors import InputError
    from ..images.picture_output import check_output

    check_output(output, (".keras",))
    check_model_name(name)
    if clean is not None and second is not None:
        raise InputError("Give one of --clean and --second.")
    asked = given_range(value_range)
    targets = clean or second
    files = _files(data)
    examples = []
    for file in files:
        picture = open_input(str(file), axes)
        scale = picture.scale(asked)
        noisy = _planes(picture, scale)
        beside = [None] * len(noisy)
        if targets is not None:
            target = open_input(str(_beside(file, data, targets)), axes)
            # The same units: fewer bits would suffice for a picture that is darker.
            beside = _planes(target, scale if target.dtype == picture.dtype else target.scale())
        if len(beside) != len(noisy):
            raise InputError(f"{file.name!r} has {len(noisy)} planes, its target {len(beside)}.")
        examples += [
            training.Example(one, other, clean=clean is not None)
            for one, other in zip(noisy, beside, strict=True)
        ]
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
    typer.echo(f"{len(examples)} pictures; the error on what was held back fell by {better:.2f} %.")
    typer.echo(f"Wrote {output}.")


def _files(folder):
    """The picture files in a folder, or the one that is named."""
    from ..bulk import pictures_in
    from ..errors import InputError

    if not folder.exists():
        raise InputError(f"There is no folder {str(folder)!r}; check the path.")
    files = sorted(pictures_in(folder)) if folder.is_dir() else [folder]
    if not files:
        raise InputError(f"There are no pictures in {str(folder)!r}.")
    return files


def _beside(file, folder, targets):
    """The file of the same name in another folder; its suffix may be another."""
    from ..errors import InputError

    if not folder.is_dir():
        return targets
    name = file.relative_to(folder)
    for found in (targets / name, *sorted((targets / name.parent).glob(f"{name.stem}.*"))):
        if found.exists():
            return found
    raise InputError(f"There is no {str(name)!r} in {str(targets)!r}.")


def _planes(picture, scale):
    """Every plane and channel of a picture, `(height, width)` in [0, 1]."""
    import numpy as np

    from ..images.axes import plane_indices, planes_last

    values, order = planes_last(np.asarray(picture.values), picture.axes)
    planes = [scale.to_unit(values[index]) for index in plane_indices(values.shape, order)]
    if not order.endswith("s"):
        return planes
    return [plane[..., k] for plane in planes for k, kind in enumerate(picture.samples) if kind != "A"]
