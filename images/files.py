"""Files that are written as a whole or not at all."""

import contextlib
import csv
import os
from pathlib import Path


@contextlib.contextmanager
def replacing(path):
    """Gives a temporary name in the folder of `path`; what is there at the end takes its place.

    After an error, `path` is what it was before. The temporary name ends as `path` does, for those
    who choose a format by it.
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_temporary(folder):
    """Deletes what a process that was killed in the midst of `replacing` left in a folder.

    Only for a folder that no other process writes to.
    """
    for file in Path(folder).glob(".*.*"):
        if file.is_file() and file.name.split(".")[1].isdecimal():
            file.unlink(missing_ok=True)


def write_csv(path, rows):
    """Writes dictionaries of numbers and words as a table with a header."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows(map(list, rows[:1]))
        for row in rows:
            writer.writerow(v if isinstance(v, str) else f"{v:g}" for v in row.values())


def read_csv(path):
    """The rows of such a table: dictionaries in which numbers are numbers."""

    def value(text):
        try:
            return float(text)
        except ValueError:
            return text

    with Path(path).open(newline="", encoding="utf-8") as file:
        return [{k: value(v) for k, v in row.items()} for row in csv.DictReader(file)]
