"""What the documentation shows runs: the examples in docstrings, and those in `examples/`."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import imagepde
import pytest

ROOMS = ("pde", "layers", "zoo", "training", "export")
MODULES = sorted(
    module.name
    for room in ROOMS
    for module in pkgutil.walk_packages(getattr(imagepde, room).__path__, f"imagepde.{room}.")
)


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_there_are_docstring_examples():
    finder = doctest.DocTestFinder()
    count = sum(
        len(test.examples) for name in MODULES for test in finder.find(importlib.import_module(name))
    )
    assert count >= 10


@pytest.mark.slow
def test_the_example_in_the_readme(noisy_photograph):
    readme = Path(__file__).parents[1] / "README.md"
    (code,) = re.findall(r"```python\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)
    batch = noisy_photograph[:32, :64].reshape(2, 32, 32, 1)
    names = {"photo": noisy_photograph, "noisy": batch, "photos": batch}
    names["mask"] = noisy_photograph > 0.4
    exec(code, names)
    assert names["clean"].shape == noisy_photograph.shape
    assert names["fresh"].count_params() < names["model"].count_params()


@pytest.mark.slow
def test_finetune(photograph_folder, tmp_path):
    script = Path(__file__).parents[1] / "examples" / "finetune.py"
    assert len(script.read_text().splitlines()) < 40
    arguments = [str(photograph_folder), str(tmp_path / "tuned.keras"), "1", "2"]
    done = subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "before:" in done.stdout
    assert "after:" in done.stdout
    command = [sys.executable, "-m", "imagepde", "restore", str(tmp_path / "tuned.keras")]
    pictures = [str(photograph_folder / "00.png"), str(tmp_path / "clean.png")]
    subprocess.run(command + pictures, check=True, capture_output=True)
    assert (tmp_path / "clean.png").is_file()
