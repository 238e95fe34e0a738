"""`imagepde train`: trains a model of the zoo by its recipe."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .common import Data, First, Listing, check_scale, start_backend


class BadPictures(StrEnum):
    """What can be done about pictures that cannot be used."""

    STOP = "stop"
    SKIP = "skip"


def train(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE",
            help="Name of a model with a recipe, a .toml file with one, or the folder of a run.",
        ),
    ],
    data: Data,
    listing: Listing = None,
    first: First = None,
    validation: Annotated[
        str | None,
        typer.Option(
            metavar="DATA", help="Other pictures for validation; some are held back without it."
        ),
    ] = None,
    bad_pictures: Annotated[
        BadPictures, typer.Option(help="What to do about pictures that are damaged or too small.")
    ] = BadPictures.STOP,
    run: Annotated[
        Path | None, typer.Option(help="Folder of the run, made anew; run-RECIPE if not given.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    steps_per_epoch: Annotated[int | None, typer.Option(min=1, help="Likewise.")] = None,
    seed: Annotated[int | None, typer.Option(help="Likewise.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Another setting of the recipe, as task.sigma=33 or optimizer.use_ema=true; "
            "repeatable.",
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="Model or .keras file whose weights to start from.")
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="Shrink pictures by this factor first; likewise.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps the targets of surrogates, as blade.tv_flow."),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="How many compute these targets.")] = 1,
    tensorboard: Annotated[
        bool,
        typer.Option(
            "--tensorboard", help="Log losses, a picture and filters for TensorBoard (an extra)."
        ),
    ] = False,
    devices: Annotated[
        int | None, typer.Option(min=1, help="GPUs of this machine to divide each batch among.")
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT,…", help="Processes, perhaps on several machines, to divide it among."
        ),
    ] = None,
    worker: Annotated[
        int | None, typer.Option(min=0, help="Which of them this is, from 0; the first one writes.")
    ] = None,
):
    """Train a model by its recipe: progress bar, checkpoint every epoch, curve, final weights.

    Examples:

        imagepde train foe_s.gauss25 --data photographs

        imagepde train foe_s.gauss25 --data photographs --resume

        imagepde train my_run --data photographs --resume

        imagepde train foe_s.gauss25 --data tfds:stl10:unlabelled --run my_run --epochs 20

        imagepde train diffnet.pm_inverse --data tfds:stl10:unlabelled --scale 1

        imagepde train blade.tv_flow --data photographs --cache targets --processes 4

        imagepde train trd.gauss25 --data photographs --set task.sigma=33 --start trd.gauss25

        imagepde train foe_s.gauss25 --data mine --validation others --bad-pictures skip

        imagepde train trd.gauss25 --data photographs --devices 2

        imagepde train trd.gauss25 --data photographs --workers node0:2222,node1:2222 --worker 0
    """
    start_backend()
    from .. import training
    from ..errors import InputError
    from ..tasks import FlowTask

    check_scale(scale)
    if (workers is None) != (worker is None):
        raise InputError("`--workers` says who they are and `--worker` which this is: give both.")
    changes = {"epochs": epochs, "steps_per_epoch": steps_per_epoch, "seed": seed, "start": start}
    changes = {key: value for key, value in changes.items() if value is not None}
    in_file = name.endswith(".toml") or Path(name, "recipe.json").is_file()
    recipe = training.read_recipe(name) if in_file else training.recipe(name)
    recipe = training.with_settings(dataclasses.replace(recipe, **changes), settings or ())
    if scale is not None:
        recipe = dataclasses.replace(recipe, task=recipe.task.prepared(scale=scale))
    surrogate = isinstance(recipe.task, FlowTask)
    if (cache is not None) != surrogate:
        rule = "needs" if surrogate else "takes no"
        raise InputError(f"{name} {rule} `--cache`, a folder that keeps the targets of surrogates.")
    lenient = bad_pictures is BadPictures.SKIP
    on = None
    if devices is not None or workers is not None:
        addresses = None if workers is None else workers.split(",")
        on = training.distribute(devices=devices, workers=addresses, worker=worker or 0)
    source = training.open_source(data, listing, first, lenient=lenient)
    others = None if validation is None else training.open_source(validation, lenient=lenient)
    run = run or Path(name if resume and in_file and Path(name).is_dir() else f"run-{recipe.name}")
    # Only the first of several processes reports.
    console = Console(quiet=bool(worker))
    training.train(
        recipe,
        source,
        run,
        resume=resume,
        console=console,
        validation=others,
        cache=cache,
        processes=processes,
        bad_pictures=bad_pictures.value,
        tensorboard=tensorboard,
        on=on,
    )
    console.print(f"The trained model is {run / 'model.keras'}.")
