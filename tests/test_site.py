"""The site is built of the docs without a warning, with the pictures of all pages."""

import re
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALLED = "site-packages" in (util.find_spec("imagepde").origin or "")


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED, reason="reads the API of an installed package")
def test_the_site_is_built_without_warnings(tmp_path):
    pytest.importorskip("mkdocs")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path / "site")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    for page, least in (("figures.html", 24), ("gallery/index.html", 24), ("cards/trd.html", 1)):
        file = tmp_path / "site" / page
        pictures = re.findall(r'<img[^>]*src="([^":]+\.(?:png|jpg))"', file.read_text(encoding="utf-8"))
        assert len(set(pictures)) >= least, page
        assert all((file.parent / picture).is_file() for picture in pictures)
    reference = (tmp_path / "site/reference/zoo.html").read_text()
    assert 'id="imagepde.zoo.restore"' in reference
    # Examples are code, with prompts or without.
    assert reference.count('class="gp">&gt;&gt;&gt;') > 10
    assert "admonition example" not in reference


def test_the_commands_behind_the_tables_are_there(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from pages.reproduce import TABLES, page_rows

    assert all((ROOT / line.split()[0]).is_file() for line in TABLES.values())
    assert page_rows() in (ROOT / "docs" / "reproduce.md").read_text(encoding="utf-8")


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 900
