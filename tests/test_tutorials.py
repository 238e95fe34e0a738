"""The tutorials run from their pages: code and commands, in their order, in an empty folder."""

import shlex
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
LONG = {"publish"}

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export and attacks need TensorFlow"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.stem, marks=[pytest.mark.every_model] * (page.stem in LONG))
        for page in PAGES
    ],
)
def test_a_tutorial_runs_as_it_stands(page, imagepde, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "tutorial"}
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from pages.notebooks import blocks

    for kind, text in blocks(page.read_text(encoding="utf-8")):
        if kind == "python":
            exec(compile(text, page.name, "exec"), names)
        for command in text.splitlines() if kind == "sh" else ():
            code, said = imagepde(*shlex.split(command)[1:])
            assert code == 0, f"{command}: {said}"


def test_notebooks_hold_what_the_pages_say(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from pages.notebooks import notebook

    cells = notebook(PAGES[0].read_text(encoding="utf-8"))["cells"]
    assert {cell["cell_type"] for cell in cells} == {"code", "markdown"}
    assert any("!imagepde export" in "".join(cell["source"]) for cell in cells)
