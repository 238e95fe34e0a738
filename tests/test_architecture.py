"""The house: which room may import which, and what is installed."""

import ast
import configparser
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "pde": set(),
    "images": set(),
    "layers": {"pde"},
    "zoo": {"layers", "images", "pde"},
    "tasks": {"zoo", "layers", "images", "pde"},
    "training": {"tasks", "zoo", "layers", "images", "pde"},
    "export": {"tasks", "zoo", "layers", "images", "pde"},
    "explain": {"tasks", "zoo", "layers", "images", "pde"},
    "bulk": {"tasks", "zoo", "layers", "images", "pde"},
    "cli": {"bulk", "explain", "export", "training", "tasks", "zoo", "layers", "images", "pde"},
}
"""Which rooms each room may import, apart from `errors` and `properties`, which are on the ground."""

_BACKENDS = {"tensorflow", "jax", "torch"}
_PICTURE_FILES = {"PIL", "skimage", "tifffile"}
OUTSIDE = {
    "pde": {"keras", *_BACKENDS, "matplotlib", "typer", "rich", *_PICTURE_FILES},
    "images": {"keras", *_BACKENDS, "matplotlib", "typer", "rich"},
    "layers": {"tensorflow", "matplotlib", "typer", "rich", *_PICTURE_FILES},
    "zoo": {"tensorflow", "matplotlib", "typer", "rich"},
    "tasks": {"matplotlib", "typer", "rich"},
    "training": {"typer"},
    "export": {"matplotlib", "typer", "rich"},
    "explain": {"typer", "rich"},
    "bulk": {"tensorflow", "matplotlib", "typer", "rich"},
}
"""The packages that a room must not import. In `pde`, `backend.py` is the one door to Keras."""


def relative_imports(file):
    """The rooms that a file imports with `from ..room import …`, or `from .. import room`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level >= 2:
            names = [node.module.split(".")[0]] if node.module else [a.name for a in node.names]
            yield from names
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("imagepde."):
            yield node.module.split(".")[1]


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_the_house_allows(room):
    for file in (ROOT / room).rglob("*.py"):
        for imported in relative_imports(file):
            if imported in ALLOWED and imported != room:
                assert imported in ALLOWED[room], f"{file} imports {imported}"


def outer_imports(file):
    """The packages of other people that a file imports anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", OUTSIDE)
def test_a_room_imports_only_the_packages_that_are_its_own(room):
    doors = {ROOT / "pde" / "backend.py"}
    for file in set((ROOT / room).rglob("*.py")) - doors:
        found = OUTSIDE[room].intersection(outer_imports(file))
        assert not found, f"{file} imports {', '.join(sorted(found))}"


def public_names(init):
    """The names that a package takes from its modules, or defines in its `__init__.py`."""
    for node in ast.parse(init.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (alias.asname or alias.name for alias in node.names)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@pytest.mark.parametrize("room", ALLOWED)
def test_no_name_hides_a_module_of_its_package(room):
    for init in (ROOT / room).rglob("__init__.py"):
        modules = {file.stem for file in init.parent.glob("*.py")}
        modules |= {file.parent.name for file in init.parent.glob("*/__init__.py")}
        hidden = modules.intersection(public_names(init))
        assert not hidden, f"{init.parent}: {', '.join(sorted(hidden))} is a function and a module"


_FORMATS = ("litert", "onnx", "saved_model", "savedmodel")


@pytest.mark.parametrize("room", ["pde", "layers"])
def test_equations_and_layers_know_no_file_format(room):
    """They ask `pde.tracing` what a runtime can do; which file is written only `export` knows."""
    for file in (ROOT / room).rglob("*.py"):
        text = file.read_text(encoding="utf-8").lower()
        found = [name for name in _FORMATS if name in text]
        assert not found, f"{file} knows of {', '.join(found)}"


def test_every_package_on_disk_is_installed():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    mapping = dict(line.split(" = ") for line in config["options"]["package_dir"].strip().splitlines())
    assert set(config["options"]["packages"].split()) == set(mapping)
    on_disk = {
        str(file.parent.relative_to(ROOT))
        for room in ALLOWED
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
    "first",
    [
        "import imagepde",
        "import keras, imagepde",
        pytest.param("import imagepde.pde", marks=pytest.mark.every_model),
        pytest.param("import imagepde.zoo", marks=pytest.mark.every_model),
    ],
)
def test_layers_are_registered_after_import(first):
    # Of the backends JAX is imported fastest.
    done = run(
        f"{first}\nimport keras\nprint(keras.saving.get_registered_object('imagepde>Evolution'))",
        KERAS_BACKEND="jax",
    )
    assert "Evolution" in done.stdout, done.stderr


@pytest.mark.slow
def test_missing_backend_is_explained():
    hide = "import sys; sys.modules['tensorflow'] = None\n"
    done = run(hide + "from imagepde import zoo; zoo.load", KERAS_BACKEND="tensorflow")
    assert "pip install 'imagepde[cpu]'" in done.stderr


ROOMS_FOR_USERS = ("pde", "images", "layers", "zoo", "tasks", "training", "export", "explain", "bulk")


@pytest.mark.parametrize("room", ROOMS_FOR_USERS)
def test_public_functions_have_type_hints(room):
    module = importlib.import_module(f"imagepde.{room}")
    found = [getattr(module, name) for name in module.__all__]
    for function in map(inspect.unwrap, filter(inspect.isfunction, found)):
        signature = inspect.signature(function)
        missing = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
        missing += ["return"] * (signature.return_annotation is signature.empty)
        assert not missing, f"{function.__module__}.{function.__name__}"


SCRIPTS = [p for d in ("benchmarks", "docs", "examples") for p in sorted((ROOT / d).rglob("*.py"))]


@pytest.mark.parametrize(
    "file", [p for p in SCRIPTS if "node_modules" not in p.parts], ids=lambda p: p.stem
)
def test_what_scripts_import_of_the_package_is_there(file):
    """Benchmarks take too long to run here; what moves must not leave them behind."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("imagepde"):
            module = importlib.import_module(node.module)
            for name in (alias.name for alias in node.names):
                if not hasattr(module, name):
                    importlib.import_module(f"{node.module}.{name}")
