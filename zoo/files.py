"""Files that are written as a whole or not at all."""

import contextlib
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


def write_csv(path, rows):
    """Writes dictionaries of numbers as a table with a header."""
    lines = [",".join(rows[0])] if rows else []
    lines += [",".join(f"{value:g}" for value in row.values()) for row in rows]
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
