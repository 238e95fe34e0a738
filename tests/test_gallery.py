"""The scripts of the gallery run, and say what their pages say; `make docs` writes the pages."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from pages import gallery

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "gallery"
SHORT = ("white_noise", "stack", "edge_curves")
"""Scripts that the short suite runs, too."""


def test_every_script_has_its_place_and_the_pages_are_up_to_date():
    assert len(gallery.names()) >= 24
    assert sorted(gallery.names()) == sorted(file.stem for file in FOLDER.glob("*.py"))
    pages = gallery.pages(FOLDER)
    assert set(pages) == {file.name for file in FOLDER.glob("*.md")}
    for name, text in pages.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run `make docs`"
    nav = re.findall(r"gallery/(\w+)\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    assert nav == ["index", *gallery.names()]


def test_pictures_are_small_enough_for_a_page():
    assert sorted(gallery.names()) == sorted(file.stem for file in FOLDER.glob("*.jpg"))
    assert max(file.stat().st_size for file in FOLDER.glob("*.jpg")) <= gallery.MOST_BYTES


def _words_and_numbers(text):
    number = r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?"
    return re.sub(number, "#", text), [float(n.replace(",", "")) for n in re.findall(number, text)]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="some scripts export and attack")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in SHORT else pytest.mark.every_model)
        for name in gallery.names()
    ],
)
def test_a_script_writes_what_its_page_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words, numbers = _words_and_numbers(gallery.run(FOLDER / f"{name}.py"))
    shown, expected = _words_and_numbers(gallery.captions(FOLDER)[name])
    assert words == shown
    # Other processors round otherwise; what is as small as rounding may be any such number.
    assert np.allclose(numbers, expected, rtol=0.03, atol=0.15), (numbers, expected)
    assert len(gallery.shrunk(tmp_path / f"{name}.png")) < 1.1 * gallery.MOST_BYTES
