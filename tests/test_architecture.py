"""The house: which room may import which, and what is installed."""

import ast
import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {"pde": 0, "layers": 1, "zoo": 2, "training": 3, "export": 4, "cli": 5}


def relative_imports(file):
    """The rooms that a file imports with `from ..room import …`, or `from .. import room`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level >= 2:
            names = [node.module.split(".")[0]] if node.module else [a.name for a in node.names]
            yield from names
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("imagepde."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("room", FLOORS)
def test_imports_go_downward(room):
    for file in (ROOT / room).rglob("*.py"):
        for imported in relative_imports(file):
            if imported in FLOORS and imported != room:
                assert FLOORS[imported] < FLOORS[room], f"{file} imports {imported}"


def test_every_package_on_disk_is_installed():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    mapping = dict(line.split(" = ") for line in config["options"]["package_dir"].strip().splitlines())
    assert set(config["options"]["packages"].split()) == set(mapping)
    on_disk = {
        str(file.parent.relative_to(ROOT))
        for room in FLOORS
        for file in (ROOT / room).rglob("__init__.py")
    }
    assert set(mapping.values()) == on_disk
    for name, folder in mapping.items():
        path = folder.replace("/", ".")
        assert name == f"imagepde.{path}".replace("imagepde.cli", "imagepde")


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=300,
        check=False,
    )


def test_import_is_light():
    heavy = ["keras", "tensorflow", "skimage", "PIL", "typer", "rich", "numpy"]
    done = run(f"import sys, imagepde; print([m for m in {heavy} if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", ["import imagepde", "import keras, imagepde", "import imagepde.pde", "import imagepde.zoo"]
)
def test_layers_are_registered_after_import(first):
    done = run(
        f"{first}\nimport keras\nprint(keras.saving.get_registered_object('imagepde>Evolution'))"
    )
    assert "Evolution" in done.stdout, done.stderr


@pytest.mark.slow
def test_missing_backend_is_explained():
    hide = "import sys; sys.modules['tensorflow'] = None\n"
    done = run(hide + "from imagepde import zoo", KERAS_BACKEND="tensorflow")
    assert "pip install 'imagepde[cpu]'" in done.stderr
