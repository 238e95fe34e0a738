"""Pyright over the package as it is installed; as a test it runs beside the others."""

import pathlib
import shutil
import subprocess
import sys

import imagepde
import pytest

ROOT = pathlib.Path(__file__).parents[1]


@pytest.mark.slow
def test_types_are_right():
    installed = pathlib.Path(imagepde.__file__).parent
    pyright = pathlib.Path(sys.executable).with_name("basedpyright")
    if installed.name != "imagepde" or not pyright.exists():
        pytest.skip("needs pyright, and the package installed as `make test` does it")
    # Only there the rooms are one package; pyproject.toml names the copy.
    copy = ROOT / "build" / "checked" / "imagepde"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(installed, copy)
    done = subprocess.run([pyright], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
