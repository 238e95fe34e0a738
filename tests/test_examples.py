"""What the documentation shows runs: the examples in docstrings, and those in `examples/`."""

import doctest
import importlib
import itertools
import pkgutil
import re
import runpy
import subprocess
import sys
from pathlib import Path

import imagepde
import keras
import numpy as np
import pytest
import typer
from imagepde import export, main, zoo
from skimage import data

ROOMS = ("pde", "images", "layers", "zoo", "tasks", "training", "export", "explain", "bulk")
MODULES = sorted(
    module.name
    for room in ROOMS
    for module in pkgutil.walk_packages(getattr(imagepde, room).__path__, f"imagepde.{room}.")
)


ROOT = Path(__file__).parents[1]

# Their packages are extras, and warn of what they themselves use when they are imported.
EXTRAS = [name for name in MODULES if name == "imagepde.bulk.beam" or ".datasets" in name]


@pytest.mark.parametrize("name", [name for name in MODULES if name not in EXTRAS])
def test_docstring_examples(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


def test_there_are_docstring_examples():
    finder = doctest.DocTestFinder()
    modules = (importlib.import_module(name) for name in MODULES if name not in EXTRAS)
    count = sum(len(test.examples) for module in modules for test in finder.find(module))
    assert count >= 10


def run_blocks(page):
    """Runs the Python blocks of a page, one after the other; returns what they define."""
    text = (ROOT / page).read_text(encoding="utf-8")
    names = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(code, names)
    return names


def test_the_examples_on_the_rooms_run_as_they_stand():
    assert run_blocks("docs/rooms.md")["found"].reach == 35


def test_the_examples_on_files_run_as_they_stand():
    assert run_blocks("docs/files.md")["clean"].axes == "czyx"


def test_the_examples_on_noise_run_as_they_stand():
    names = run_blocks("docs/noise.md")
    assert names["clean"].shape == (128, 128)


def test_the_examples_on_publishing_run_as_they_stand(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_blocks("docs/publishing.md")["name"] == "models/perona_malik.mine"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("blade", "smooth"),
        ("stable_blade", "longer"),
        # The tutorials on exports and inverse problems make these calls, too.
        pytest.param("export", "report", marks=pytest.mark.every_model),
        pytest.param("problems", "region", marks=pytest.mark.every_model),
    ],
)
def test_the_examples_of_a_page_run_as_they_stand(page, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run_blocks(f"docs/{page}.md")[name] is not None


@pytest.mark.every_model
def test_the_examples_on_bulk_work_run_as_they_stand(tmp_path, monkeypatch):
    pytest.importorskip("ray")
    beam = pytest.importorskip("apache_beam")
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        zoo.write_picture(tmp_path / "in" / f"{name}.png", data.camera()[:48, :40])
    first, second = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "bulk.md").read_text(), re.S)
    names = {}
    exec(first, names)
    assert names["failed"] == []
    with beam.Pipeline() as pipeline:
        names["pictures"] = pipeline | beam.Create([data.camera()[:48, :40]])
        exec(second, names)


@pytest.mark.every_model
def test_the_example_on_several_devices_runs_as_it_stands(tmp_path):
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    # Devices are arranged before anything is computed.
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert zoo.open_model(tmp_path / "two" / "model.keras").card.name == "perona_malik.gauss25"


@pytest.mark.every_model
def test_finetune_on_noisy_pictures_alone(tmp_path):
    clean = data.camera()[128:320, 128:320] / 255
    noisy = clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape)
    (tmp_path / "noisy").mkdir()
    zoo.write_picture(tmp_path / "noisy" / "a.tif", noisy.astype("float32"))
    script = ROOT / "examples" / "finetune_noisy.py"
    arguments = [script, tmp_path / "noisy", tmp_path / "tuned.keras", "0.02"]
    subprocess.run([sys.executable, *map(str, arguments)], check=True)
    assert zoo.open_model(str(tmp_path / "tuned.keras")).card.training["finetuned"]["targets"] == "none"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param(*case, marks=pytest.mark.every_model)
        for case in (("optimal_masks", ("32", "2")), ("tomography", ()), ("mri", ()))
    ],
)
def test_pictures_of_the_gallery(name, arguments, tmp_path):
    script = ROOT / "examples" / f"{name}.py"
    command = [sys.executable, str(script), str(tmp_path / "picture.png"), *arguments]
    subprocess.run(command, check=True)
    assert zoo.read_picture(tmp_path / "picture.png").ndim == 3


@pytest.mark.slow
def test_the_example_in_the_readme_runs_as_it_stands():
    names = run_blocks("README.md")
    clean, noisy, photo = (names[name].astype(float) for name in ("clean", "noisy", "photo"))
    assert np.abs(clean - photo).mean() < 0.4 * np.abs(noisy - photo).mean()


def test_commands_in_the_documentation_are_in_the_form_of_this_version():
    """Options that the command does not know, or that it knows only as deprecated, are not shown."""
    files = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile")]
    files += [*ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*")]
    files = [file for file in files if "node_modules" not in file.parts]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())
    commands = re.findall(r"(?:\$\(BIN\)/|^|`)imagepde (\w+)((?: +[^\s`#)|,]+)*)", text, re.MULTILINE)
    assert len(commands) > 60
    known = typer.main.get_command(main.app).commands
    for name, rest in commands:
        command, words = known[name], rest.split()
        if name == "explain":
            command = command.commands.get(words[0] if words else "states", command.commands["states"])
        shown = {o for p in command.params if not getattr(p, "hidden", False) for o in p.opts}
        unknown = [word for word in words if word.startswith("--") and word not in {*shown, "--help"}]
        assert not unknown, f"imagepde {name} {rest}"
        if name == "restore":
            places = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
            assert len(places) in (0, 2), f"imagepde restore {rest}"


@pytest.mark.slow
def test_finetune(photograph_folder, tmp_path, monkeypatch, capfd, imagepde):
    script = ROOT / "examples" / "finetune.py"
    assert len(script.read_text().splitlines()) < 40
    arguments = [str(photograph_folder), str(tmp_path / "tuned.keras"), "1", "2"]
    monkeypatch.setattr(sys, "argv", [str(script), *arguments])
    runpy.run_path(str(script), run_name="__main__")
    printed = capfd.readouterr().out
    assert "before:" in printed
    assert "after:" in printed
    pictures = photograph_folder / "00.png", tmp_path / "clean.png"
    code, text = imagepde("restore", *pictures, "--model", tmp_path / "tuned.keras")
    assert code == 0, text
    assert (tmp_path / "clean.png").is_file()


FINETUNE = """
import runpy, sys
sys.modules["imagepde"] = None  # it cannot be imported here
script, *sys.argv[1:] = sys.argv[1:]
runpy.run_path(script)
import numpy as np, tensorflow as tf
before, after = (tf.saved_model.load(path) for path in (sys.argv[1], sys.argv[3]))
assert set(before.signatures) == set(after.signatures)
x = np.random.default_rng(0).random((2, 41, 56, 1), dtype="float32")
y = after.serve(x)
assert np.abs(y - before.serve(x)).max() > 1e-4
(by_name,) = after.signatures["serving_default"](tf.constant(x)).values()
assert np.array_equal(by_name, y)
if "encoded" in after.signatures:
    levels = tf.cast(tf.round(x[:1] * 255), tf.uint8)
    (png,) = after.signatures["encoded"](tf.io.encode_png(levels)).values()
    of_levels = after.serve(tf.cast(levels, tf.float32) / 255)
    expected = np.rint(np.clip(of_levels, 0, 1) * 255)
    assert np.abs(tf.io.decode_png(png[0]) - expected[0]).max() <= 1
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(after.serve(x) ** 2)
gradients = tape.gradient(loss, after.trainable_variables)
assert len(gradients) == len(before.trainable_variables)
assert all(g is not None for g in gradients)
runpy.run_path(script)  # into a folder that is there
"""


@pytest.mark.slow
@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
)
def test_finetune_an_export(photograph_folder, tmp_path):
    script = ROOT / "examples" / "finetune_export.py"
    assert len(script.read_text().splitlines()) < 60
    source, tuned = tmp_path / "model", tmp_path / "tuned"
    export.export(zoo.create("perona_malik", steps=2), source, to="saved_model")
    arguments = map(str, (script, source, photograph_folder, tuned, 3))
    command = [sys.executable, "-c", FINETUNE, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "before:" in done.stdout, done.stderr
    assert "after:" in done.stdout
    assert done.returncode == 1, done.stderr
    assert "must be new" in done.stderr.splitlines()[-1], done.stderr
