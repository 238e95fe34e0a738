"""Many pictures: which ones, where each goes, and what becomes of those that fail."""

import glob
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from ..errors import InputError


def is_many(sources: Sequence[str], output: str) -> bool:
    """Whether a folder of results is meant, and not one file."""
    from ..images.zarr_files import is_zarr

    one = Path(sources[0])
    pattern = glob.has_magic(sources[0]) and not one.exists()
    target = Path(output)
    folder = (target.is_dir() and not is_zarr(target)) or output.endswith(("/", "\\"))
    return len(sources) > 1 or pattern or (one.is_dir() and not is_zarr(one)) or folder


def places(sources: Sequence[str], output: str) -> dict[Path, Path]:
    """For each picture the file that it becomes.

    Args:
        sources: Files, folders (searched with the folders in them) and patterns with wildcards.
        output: The folder of results, which have the suffixes of their pictures where those can be
            written, and .tif otherwise.

    Raises:
        InputError: if there are none, if two would become the same file, or one would be replaced.
    """
    from ..images.picture_output import WRITABLE
    from ..images.zarr_files import is_zarr

    found: dict[Path, Path] = {}
    target = Path(output)
    if target.is_file() or (target.suffix and not target.is_dir() and not output.endswith("/")):
        raise InputError(f"For several pictures OUT is a folder, as out/. Received: {output!r}.")
    for source in sources:
        path = Path(source)
        if path.is_dir() and not is_zarr(path):
            base, files = path, sorted(pictures_in(path))
        elif glob.has_magic(source) and not path.exists():
            files = sorted(
                p for p in map(Path, glob.glob(source, recursive=True)) if p.is_file() or is_zarr(p)
            )
            base = None
        else:
            base, files = None, [path]
        for file in files:
            name = file.relative_to(base) if base else Path(file.name)
            suffix = name.suffix if name.suffix.lower() in WRITABLE else ".tif"
            found[file] = target / name.with_suffix(suffix)
    if not found:
        raise InputError(f"There is no picture in {', '.join(map(repr, sources))}.")
    taken: dict[Path, Path] = {}
    for source, result in found.items():
        if result in taken:
            raise InputError(f"{taken[result]} and {source} would both become {result}; rename one.")
        if result.resolve() in {one.resolve() for one in found}:
            raise InputError(f"{result} would be replaced by its result; choose another folder.")
        taken[result] = source
    return found


def pictures_in(folder):
    """The files in a folder and in those within it; an OME-Zarr is one picture."""
    from ..images.zarr_files import is_zarr

    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_file() or is_zarr(path):
            yield path
        elif path.is_dir():
            yield from pictures_in(path)


def for_each(pairs: dict[Path, Path], work: Callable[[Path, Path], None], resume: bool) -> None:
    """Does something for each picture; what fails is listed at the end, with exit code 1.

    Args:
        pairs: The pictures and the files that they become.
        work: Function of the two that writes the second.
        resume: Whether pictures whose results are there are left out.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    left = {a: b for a, b in pairs.items() if not (resume and b.exists())}
    if len(left) < len(pairs):
        typer.echo(f"{len(pairs) - len(left)} of {len(pairs)} pictures are there already.")
    failed: list[tuple[Path, str]] = []
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
        bar = progress.add_task("Restoring", total=len(left), speed="")
        for k, (source, result) in enumerate(left.items(), 1):
            try:
                result.parent.mkdir(parents=True, exist_ok=True)
                work(source, result)
            except (InputError, OSError) as error:
                failed.append((source, str(error)))
            progress.update(bar, advance=1, speed=f"{k / (time.monotonic() - begun):.2f}/s")
    done = len(left) - len(failed)
    typer.echo(f"Wrote {done} pictures in {time.monotonic() - begun:.1f} s.")
    if failed:
        typer.echo(f"{len(failed)} failed:", err=True)
        for source, message in failed:
            typer.echo(f"  {source}: {message}", err=True)
        raise typer.Exit(1)
