"""Files that are written as a whole or not at all, and where that is possible."""

import contextlib
import csv
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import InputError

_END = 24
"""Characters of a name that its temporary name ends with; a longer one may not fit where it fits."""

_PROBE = bytes(4096)
"""What is written to find out whether anything can be."""


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether there is such a file; a name that no system takes is none."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def exists(path: str | os.PathLike[str]) -> bool:
    """Whether there is something of this name; see `is_file`."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def check_place(path: str | os.PathLike[str]) -> Path:
    """Returns a path, after checking that a new file of this name can be written, by writing a little.

    Args:
        path: Where something is to be written, before the work that leads to it.

    Raises:
        InputError: if its folder does not exist, is read-only or full, or takes no such name.
    """
    path = Path(path)
    name = path.name if len(path.name) <= 60 else f"{path.name[:60]}…"
    try:
        if not path.parent.is_dir():
            raise InputError(f"There is no folder {str(path.parent)!r} for {name!r}; make it first.")
        # The temporary name may fit where this one does not.
        with contextlib.suppress(FileNotFoundError):
            path.lstat()
        with replacing(path, keep=False) as temporary:
            temporary.write_bytes(_PROBE)
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(
            f"{name!r} cannot be written to {str(path.parent)[:200]!r}; choose another name or folder. "
            f"Received: {getattr(error, 'strerror', None) or error}."
        ) from error
    return path


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str], keep: bool = True) -> Iterator[Path]:
    """Gives a temporary name in the folder of `path`; what is there at the end takes its place.

    After an error, `path` is what it was before. The temporary name ends as `path` does, for those
    who choose a format by it. A file that is replaced hands on its mode; of a symbolic link, what it
    leads to is replaced.

    Args:
        path: The file, or a folder as OME-Zarr is one.
        keep: Whether what is there takes its place; it is thrown away otherwise.
    """
    path = Path(path)
    if path.is_symlink():
        path = path.resolve()
    temporary = path.with_name(f".{os.getpid()}.{uuid.uuid4().hex[:8]}.{path.name[-_END:]}")
    try:
        yield temporary
        if keep:
            with contextlib.suppress(FileNotFoundError):
                temporary.chmod(path.stat().st_mode & 0o7777)
            _take_place(temporary, path)
    finally:
        remove(temporary)


def _take_place(temporary, path):
    """Renames; a folder cannot replace another one, so that one gets a name of its own first."""
    if not temporary.is_dir() or not path.is_dir():
        os.replace(temporary, path)
        return
    before = temporary.with_name(f"{temporary.name[: -_END or None]}.before")
    path.rename(before)
    try:
        temporary.rename(path)
    except OSError:
        before.rename(path)
        raise
    shutil.rmtree(before)


def remove(path: Path) -> None:
    """Deletes a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_temporary(folder: str | os.PathLike[str]) -> None:
    """Deletes what a process that was killed in the midst of `replacing` left in a folder.

    Only for a folder that no other process writes to.
    """
    for file in Path(folder).glob(".*.*"):
        if file.is_file() and file.name.split(".")[1].isdecimal():
            file.unlink(missing_ok=True)


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Deletes what processes that were killed in the midst of `replacing` these files left beside them.

    Only for files that no other process writes.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in (".12.0a1b2c3d.a.png", ".12.0a1b2c3d.b.png"):
        ...         (Path(folder) / name).touch()
        ...     remove_leftovers([Path(folder) / "a.png"])
        ...     [file.name for file in Path(folder).iterdir()]
        ['.12.0a1b2c3d.b.png']
    """
    ends: dict[Path, set[str]] = {}
    for path in paths:
        ends.setdefault(path.parent, set()).add(path.name[-_END:])
    for folder, names in ends.items():
        for file in folder.glob(".*.*.*"):
            _, process, unique, *end = file.name.split(".", 3)
            if process.isdecimal() and len(unique) == 8 and end and end[0] in names:
                remove(file)


def write_csv(path: str | os.PathLike[str], rows: list[dict]) -> None:
    """Writes dictionaries of numbers and words as a table with a header."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows(map(list, rows[:1]))
        for row in rows:
            writer.writerow(v if isinstance(v, str) else f"{v:g}" for v in row.values())


def read_csv(path: str | os.PathLike[str]) -> list[dict]:
    """The rows of such a table: dictionaries in which numbers are numbers."""

    def value(text):
        try:
            return float(text)
        except ValueError:
            return text

    with Path(path).open(newline="", encoding="utf-8") as file:
        return [{k: value(v) for k, v in row.items()} for row in csv.DictReader(file)]
