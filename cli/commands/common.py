"""What several commands share: their arguments, and how they open a model or a picture."""

import contextlib
import gc
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

ModelName = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A model as `imagepde list` has it, a .keras file, or a preset: a folder with a / in its "
        "name, hf://… or kaggle://….",
    ),
]
Data = Annotated[
    str,
    typer.Option(help="Folder of pictures, searched with the folders in it, or tfds:NAME[:SPLIT]."),
]
Listing = Annotated[
    Path | None, typer.Option("--list", help="Text file with the pictures to take from the folder.")
]
First = Annotated[int | None, typer.Option(help="Take only so many pictures from the start.")]


def outdated(form: str, now: str) -> None:
    """Says on stderr that a form of 0.1.0 goes with the next version."""
    typer.echo(f"Deprecated: {form} goes with the next version; use {now}.", err=True)


def model_option(model: str | None, old: str | None, option: str) -> str | None:
    """The value of `--model`, or of the option that had its place in 0.1.0."""
    if old is None:
        return model
    outdated(option, f"--model {old}")
    if model is not None:
        raise typer.BadParameter(f"--model and {option} are the same; give one of them.")
    return old


_NOT_NEEDED = ("huggingface_hub", "jax", "matplotlib")
"""What TensorFlow and Keras import where it is installed, for functions that no command calls."""


@contextlib.contextmanager
def _without(names):
    """As if these packages were not installed, unless they are imported already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _backend() -> str:
    """The backend that Keras is going to take: of the environment, or of its file of settings."""
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    found = "tensorflow"
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found = json.loads((home / "keras.json").read_text()).get("backend", found)
    return os.environ.get("KERAS_BACKEND", found)


def start_backend(model: str | None = None):
    """Imports Keras and its backend without the messages that TensorFlow prints meanwhile.

    A model of which there is none is answered before.

    With TensorFlow, packages that no command needs are left out, which saves a second. So does
    leaving what is imported, which stays to the end, to no search for garbage.
    """
    if model is not None:
        check_model_name(model)
    if f"{__package__.partition('.')[0]}.zoo.public" in sys.modules:
        return
    # They come from C++ before its logging is set up: no setting silences them, only this does.
    with tempfile.TemporaryFile() as nowhere:
        sys.stderr.flush()
        stderr = os.dup(2)
        try:
            os.dup2(nowhere.fileno(), 2)
            gc.disable()
            with _without(_NOT_NEEDED if _backend() == "tensorflow" else ()):
                importlib.import_module("..pde", __package__)
            importlib.import_module("..zoo.public", __package__)
            gc.freeze()
        finally:
            gc.enable()
            os.dup2(stderr, 2)
            os.close(stderr)


def open_model(name: str):
    """A model of the zoo, one from a `.keras` file, or a preset."""
    from .. import zoo

    return zoo.open_model(name)


def check_model_name(name):
    """Answers an unknown name before any work is done, and before Keras is imported."""
    from ..zoo.catalogue import card
    from ..zoo.names import is_model_file, is_preset

    if is_preset(name):
        start_backend()
        from ..zoo.presets import read_preset

        read_preset(name)
    elif not is_model_file(name):
        card(name)


def check_scale(scale):
    """A factor by which pictures are shrunk, or none."""
    from ..errors import InputError

    if scale is not None and not 0 < scale <= 1:
        raise InputError(f"`--scale` must be in (0, 1]. Received: {scale:g}.")


Axes = Annotated[
    str | None,
    typer.Option(help="The axes of a file that does not name them, as zyx or tczyx; s are colors."),
]
Range = Annotated[
    str | None,
    typer.Option("--range", help="Values of black and white, as 0:4095. Found without it."),
]
Nan = Annotated[
    str,
    typer.Option(help="What NaN and masked pixels are: error; fill them in; keep them as they are."),
]
Series = Annotated[int | None, typer.Option(help="Which series of a TIFF that has several, from 0.")]
MaxPixels = Annotated[
    float,
    typer.Option(help="Largest number of pixels that a compressed file may declare.", min=1),
]


def given_range(text):
    """Two numbers from `low:high`, or none."""
    from ..errors import InputError

    if text is None:
        return None
    try:
        low, high = (float(value) for value in text.split(":"))
    except ValueError:
        raise InputError(f"--range must be two numbers, as 0:4095. Received: {text!r}.") from None
    return low, high


def open_input(path: str, axes=None, series=None, max_pixels=None):
    """The `Picture` of a file, or of one of scikit-image's: `skimage:camera`; says what was chosen."""
    from ..images import MAX_PIXELS, open_picture, picture_of
    from ..images.samples import is_sample, read_sample

    if is_sample(path):
        return picture_of(read_sample(path), axes)
    picture = open_picture(path, axes=axes, series=series, max_pixels=int(max_pixels or MAX_PIXELS))
    for note in picture.notes:
        typer.echo(f"{path}: {note}", err=True)
    return picture


@contextlib.contextmanager
def share_done():
    """A progress bar on a terminal, as a function of the share of the work that was done since."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("Restoring"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share: bar.update(task, advance=share)


def say_scale(scale):
    """Says which values were taken for black and white, unless they are those of the type."""
    if not scale.of_type:
        typer.echo(f"Range: {scale}.")


def read_input(path: str):
    """The same as an array of one picture: grey, RGB or RGBA."""
    return as_array(open_input(path), path)


def as_array(picture, path: str):
    """The one plane of a `Picture`: an array of grey, RGB or RGBA."""
    import numpy as np

    from ..errors import InputError
    from ..images import check_picture

    if picture.planes > 1:
        raise InputError(
            f"{path!r} holds {picture.planes} planes (axes {picture.axes}); one is needed here."
        )
    values = picture.values.reshape(
        [n for n, a in zip(picture.shape, picture.axes, strict=True) if a in "yxs"]
    )
    letters = [a for a in picture.axes if a in "yxs"]
    values = values.transpose([letters.index(a) for a in "yxs" if a in letters])
    if picture.samples == "LA":
        values = np.concatenate([values[..., :1]] * 3 + [values[..., 1:]], axis=-1)
    try:
        return check_picture(values)
    except InputError as error:
        raise InputError(f"{path!r} cannot be used. {error}") from error


def results_table(title, results):
    """What `evaluate` measured, one row for each data set and task."""
    from ..tasks import data_words, task_words

    columns = ("data", "pictures", "task", "PSNR before", "PSNR", "SSIM", "Q before", "Q")
    table = Table(*columns, title=title)
    for r in results:
        table.add_row(
            data_words(r["data"]),
            str(r["pictures"]),
            task_words(r["task"]),
            f"{r['input_psnr']:.2f} dB",
            f"{r['psnr']:.2f} dB",
            f"{r['ssim']:.4f}",
            f"{r['input_q']:.1f}",
            f"{r['q']:.1f}",
        )
    return table


def matching_models(patterns):
    """The models that names with wildcards stand for, in the order given."""
    from .. import zoo
    from ..errors import InputError

    found = [n for p in patterns for n in (zoo.list_models(p) if "*" in p else [p])]
    if not found:
        raise InputError(f"No model matches {' '.join(patterns)!r}; `imagepde list` shows all.")
    for name in found:
        check_model_name(name)
    return list(dict.fromkeys(found))


def noise_of(name):
    """The strength of noise that a model is made for."""
    from .. import zoo
    from ..errors import InputError

    task = None if name.endswith(".keras") else zoo.card(name).made_for
    sigma = (task or {}).get("sigma")
    if (task or {}).get("kind") != "gaussian_noise" or not isinstance(sigma, int | float):
        raise InputError(f"A curve is drawn for one strength of noise; {name!r} has none.")
    return sigma
