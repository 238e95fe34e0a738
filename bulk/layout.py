"""Many pictures: which ones, and where each goes."""

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import InputError
from ..images.picture_output import WRITABLE
from ..images.zarr_files import is_zarr


def places(
    sources: Sequence[str | os.PathLike[str]], output: str | os.PathLike[str]
) -> dict[Path, Path]:
    """For each picture the file that it becomes.

    Args:
        sources: Files, folders (searched with the folders in them) and patterns with wildcards.
        output: The folder of results, which have the suffixes of their pictures where those can be
            written, and .tif otherwise.

    Returns:
        The files that results go to, by the files that they are made of.

    Raises:
        InputError: if there are none, if two would become the same file, or one would be replaced.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     (Path(folder) / "a.png").touch()
        ...     [result.name for result in places([folder], "out/").values()]
        ['a.png']
    """
    found: dict[Path, Path] = {}
    output = os.fspath(output)
    target = Path(output)
    if target.is_file() or (target.suffix and not target.is_dir() and not output.endswith("/")):
        raise InputError(f"For several pictures OUT is a folder, as out/. Received: {output!r}.")
    for source in map(os.fspath, sources):
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
        raise InputError(f"There is no picture in {', '.join(repr(os.fspath(s)) for s in sources)}.")
    taken: dict[Path, Path] = {}
    given = {one.resolve() for one in found}
    for source, result in found.items():
        if result in taken:
            raise InputError(f"{taken[result]} and {source} would both become {result}; rename one.")
        if result.resolve() in given:
            raise InputError(f"{result} would be replaced by its result; choose another folder.")
        taken[result] = source
    return found


def pictures_in(folder: Path) -> Iterator[Path]:
    """The files in a folder and in those within it; an OME-Zarr is one picture.

    Args:
        folder: Where to look. Hidden files and folders are left out.

    Returns:
        An iterator of paths, in no order.
    """
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_file() or is_zarr(path):
            yield path
        elif path.is_dir():
            yield from pictures_in(path)
