"""Notebooks of the tutorials, and their pictures.

PYTHONPATH=docs python -m pages.notebooks docs/figures
"""

import contextlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TUTORIALS = Path(__file__).parents[1] / "tutorials"


def blocks(text):
    """The parts of a page in their order: `("", words)`, `("python", code)` or `("sh", commands)`."""
    pieces = re.split(r"```(\w*)\n(.*?)```", text, flags=re.DOTALL)
    for k in range(0, len(pieces), 3):
        if pieces[k].strip():
            yield "", pieces[k].strip()
        if k + 2 < len(pieces):
            yield pieces[k + 1] or "sh", pieces[k + 2].strip()


def notebook(text):
    """A page as a Jupyter notebook: a dictionary that JSON can hold."""
    cells = []
    for kind, content in blocks(text):
        if kind == "sh":
            content = "\n".join(f"!{line}" for line in content.splitlines())
        lines = content.splitlines(keepends=True)
        if kind:
            cells.append({"cell_type": "code", "source": lines, "outputs": [], "execution_count": None})
        else:
            cells.append({"cell_type": "markdown", "source": lines})
    cells = [{"id": f"cell{k}", "metadata": {}, **cell} for k, cell in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def draw(folder):
    """Runs each tutorial in an empty folder, and keeps the picture that it writes."""
    for page in sorted(TUTORIALS.glob("*.md")):
        with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
            names = {}
            for kind, content in blocks(page.read_text(encoding="utf-8")):
                if kind == "python":
                    exec(content, names)
                elif kind == "sh":
                    for line in content.splitlines():
                        command = [sys.executable, "-m", *line.split()]
                        subprocess.run(command, check=True)
            made = Path(f"{page.stem}.png")
            if made.is_file():
                Path(folder, f"tutorial_{made.name}").write_bytes(made.read_bytes())


if __name__ == "__main__":
    draw(Path(sys.argv[1]).resolve())
