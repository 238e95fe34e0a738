"""`imagepde targets`: solves the equation of a surrogate, as it is trained and tested on."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from .common import Data, First, Listing, start_backend
from .folder import Engine, list_failed, shown


def targets(
    name: Annotated[
        str, typer.Argument(metavar="RECIPE", help="Name of a surrogate, as blade.tv_flow.")
    ],
    data: Data,
    cache: Annotated[Path, typer.Option(help="Folder for the sequences; what is there is kept.")],
    listing: Listing = None,
    first: First = None,
    frames: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    engine: Engine = "local",
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="How many compute, a core each; 1, or with Ray all, without it."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare with steps of half the size: is it converged?")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write what --check finds to this file, beside other equations.")
    ] = None,
):
    """Compute target sequences: at the resolution of the pictures, averaged to a quarter of it.

    Interrupted, it goes on where it was. Training and evaluation with the same cache find them.

    Examples:

        imagepde targets blade.tv_flow --data photographs --cache targets --processes 8

        imagepde targets blade.tv_flow --data photographs --cache targets --engine ray

        imagepde targets blade.tv_flow --data photographs --cache targets --first 6 --check
    """
    start_backend()
    from .. import bulk, tasks, training
    from ..errors import InputError
    from ..images.files import read_csv, write_csv
    from ..images.picture_output import check_output

    if csv:
        check_output(csv, (".csv",))
        if not check:
            raise InputError("`--csv` goes with `--check`.")
    bulk.check_engine(engine, None if engine == "local" else processes)
    task = training.recipe(name).task
    if not isinstance(task, tasks.FlowTask):
        raise InputError(f"{name} is no surrogate of an equation.")
    wanted = dataclasses.replace(task.targets, frames=frames or task.targets.frames)
    source = training.open_source(data, listing, first)
    console = Console()

    def fill(what, title):
        cached = tasks.TargetCache(cache, what)
        if engine == "local":
            bar = {"console": console, "transient": True}
            cached.fill(
                source, processes or 1, lambda jobs, total: track(jobs, title, total=total, **bar)
            )
            return cached
        outcomes = bulk.filled(cached, source, engine, processes)
        list_failed(shown(outcomes, len(source), title, lambda number: _name(source, number)))
        return cached

    kept = fill(wanted, "targets")
    console.print(f"{len(source)} sequences of {wanted.frames} frames are in {kept.folder}.")
    if check:
        finer = fill(wanted.finer(), "with half the step")
        rows = tasks.convergence(source, kept, finer)
        table = Table("after frame", "time", "mean PSNR", "smallest", title="halving the time step")
        for row in rows:
            table.add_row(
                str(row["frame"]),
                f"{row['time']:g}",
                f"{row['psnr']:.1f} dB",
                f"{row['smallest']:.1f} dB",
            )
        console.print(table)
        if csv:
            others = read_csv(csv) if csv.is_file() else []
            others = [row for row in others if row["equation"] != wanted.flow]
            mine = [{"equation": wanted.flow, "pictures": len(source), **row} for row in rows]
            write_csv(csv, others + mine)


def _name(source, number):
    """What a picture of a source is called."""
    from ..training.sources import Folder

    return str(source.paths[number]) if isinstance(source, Folder) else f"picture {number}"
