"""Many pictures: whether they are, and what a command says while it does them."""

import glob
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

Engine = Annotated[
    str, typer.Option(help="What many pictures are done by: local, this process; or ray, all cores.")
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="How many processes of Ray compute; one a core without it.")
]


def is_many(sources: Sequence[str], output: str) -> bool:
    """Whether a folder of results is meant, and not one file."""
    from ..images.zarr_files import is_zarr

    one = Path(sources[0])
    pattern = glob.has_magic(sources[0]) and not one.exists()
    target = Path(output)
    folder = (target.is_dir() and not is_zarr(target)) or output.endswith(("/", "\\"))
    return len(sources) > 1 or pattern or (one.is_dir() and not is_zarr(one)) or folder


def restore_each(pairs: Mapping[Path, Path], work: Any, resume: bool, engine: str, processes) -> None:
    """Restores pictures, and says how many; what fails is listed at the end, with exit code 1.

    Args:
        pairs: The pictures and the files that they become.
        work: A `bulk.Restoration`.
        resume: Whether pictures whose results are there are left out.
        engine: What does them.
        processes: How many workers of Ray.
    """
    from ..bulk.restoring import left_of

    left = left_of(pairs, resume)
    if len(left) < len(pairs):
        typer.echo(f"{len(pairs) - len(left)} of {len(pairs)} pictures are there already.")
    begun = time.monotonic()
    outcomes = work.each(left, engine, processes)
    failed = shown(outcomes, len(left), "Restoring", lambda item: item[0])
    done = len(left) - len(failed)
    typer.echo(f"Wrote {done} pictures in {time.monotonic() - begun:.1f} s.")
    list_failed(failed)


def shown(
    outcomes: Iterator[Any], total: int, title: str, name: Callable[[Any], str]
) -> list[tuple[str, str]]:
    """Names and errors of the items that failed; a bar shows progress on a terminal meanwhile."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    failed: list[tuple[str, str]] = []
    begun = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task(title, total=total, speed="")
        for k, outcome in enumerate(outcomes, 1):
            for note in outcome.notes:
                typer.echo(note, err=True)
            if outcome.error is not None:
                failed.append((name(outcome.item), outcome.error))
            progress.update(bar, advance=1, speed=f"{k / (time.monotonic() - begun):.2f}/s")
    return failed


def list_failed(failed: Sequence[tuple[str, str]]) -> None:
    """Lists what failed, if anything did, and ends with exit code 1."""
    if failed:
        typer.echo(f"{len(failed)} failed:", err=True)
        for name, message in failed:
            typer.echo(f"  {name}: {message}", err=True)
        raise typer.Exit(1)
