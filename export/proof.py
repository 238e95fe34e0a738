"""Verifies what was exported, at any later time."""

import contextlib
import dataclasses
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, reason
from ..pde.backend import keras
from ..zoo import traits
from ..zoo.catalogue import list_models
from ..zoo.method import method_of
from ..zoo.registry import load
from ..zoo.restoration import restore
from . import saved_model
from .agreement import Comparison, ExportError, Report, compare, plain
from .description import contradictions, metadata
from .forms import form_of, reading
from .precision import Loss

_GREY_LEVEL = 1.0 / 255
"""What is rounded to 8 bits may be rounded the other way."""


def verify(
    path: str | os.PathLike[str], model: keras.Model | None = None, degradation: Any = None
) -> Report:
    """Compares an exported file with its model.

    In float32 on several images and sizes, to 1e-6, or what the model itself changes by where an image
    changes in its last bits; in other precisions by the loss of PSNR on the task of the model, at most
    0.1 dB. Precision and size are those of what the file holds, whatever it says; where it says
    something else, and where licence and checksum are not those of the model's card, it does not agree.

    Args:
        path: A SavedModel folder, a `.tflite` file or an `.onnx` file.
        model: The `keras.Model` that was exported; the one of the zoo that the file names if `None`.
        degradation: A task of `tasks`, for another precision of a model without a card.

    Returns:
        A `Report`; `report.agrees` says whether the file computes what the model computes.

    Raises:
        InputError: if there is no such file, it is damaged, or it does not say which model it is.
        ExportError: if it takes or gives something else than its model does.

    Example:
        report = export.verify("foe_s.onnx")
        assert report.agrees, report.complaint
    """
    form = form_of(path)
    precision, size = reading(path, "contents")
    about = metadata(path)
    model = described_model(path) if model is None else model
    size = size if None in model.input_shape[1:3] else None
    loss = None if precision == "float32" else Loss(model, size, degradation)
    report = measure(path, form, model, precision, size, loss)
    return dataclasses.replace(report, contradictions=contradictions(about, model, precision, size))


def described_model(path: str | os.PathLike[str]) -> keras.Model:
    """The model of the zoo that an exported file was made from.

    Args:
        path: A SavedModel folder, a `.tflite` file or an `.onnx` file.

    Returns:
        The `keras.Model`, loaded from the zoo.

    Raises:
        InputError: if it was made from another one, or one that was trained further.

    Example:
        model = export.described_model("foe_s.onnx")
    """
    about = metadata(path)
    if about.get("model") not in list_models() or about.get("state") != "published":
        raise InputError(
            f"{str(path)!r} is not of a model of the zoo as it was published; give the model that it "
            "was made from."
        )
    return load(about["model"])


def measure(
    path: str | os.PathLike[str],
    form: str,
    model: keras.Model,
    precision: str,
    size: tuple[int, int] | None,
    loss: Loss | None = None,
) -> Report:
    """The `Report` of a file of which form, precision and size are known; `loss` if it is not exact."""
    run = _checked(path, reading(path, "run"))
    exact = precision == "float32"
    comparisons = compare(model, run, size, exact)
    if form == "saved_model":
        comparisons += _compare_encoded(path, model)
    task = before = lost = None
    if not exact and loss.task is not None:
        task, before, lost = loss.task, loss.psnr, loss.of(run)
    return Report(form, precision, size, comparisons, task, before, lost, size_on_disk(path))


def _checked(path: str | os.PathLike[str], run: Callable) -> Callable:
    """A function that applies a file, and says so if the file cannot be applied."""

    def apply(images):
        try:
            found = np.asarray(run(images))
        except Exception as error:
            raise ExportError(
                f"{str(path)!r} cannot be applied to what its model takes, images of shape "
                f"{images.shape}. Received: {reason(error)}"
            ) from error
        if found.dtype != np.float32:
            raise ExportError(f"{str(path)!r} gives {found.dtype}, and its model gives float32.")
        return found

    return apply


def size_on_disk(path: str | os.PathLike[str]) -> int:
    """Bytes of a file, or of all files in a folder."""
    path = Path(path)
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return sum(f.stat().st_size for f in files)


def _compare_encoded(path, model):
    """What the signature for picture files answers, beside what `restore` makes of the picture."""
    run = saved_model.run_encoded(path)
    if run is None:
        return ()
    from skimage import data

    *sides, channels = model.input_shape[1:]
    height, width = (70, 96) if None in sides else sides
    picture = data.astronaut()[:height, :width]
    if traits(model).gives == "region" and channels == 1:
        return ()
    mask = None
    if traits(model).takes == "mask":
        mask = np.random.default_rng(0).random((height, width)) < 0.3
    exact = method_of(model).applied_by(lambda images: plain(model, images))
    expected = restore(picture, exact, mask=mask)
    sent = picture if mask is None else np.dstack([picture, 255 * mask.astype(np.uint8)])
    difference = float("inf")
    with contextlib.suppress(Exception):
        # Whatever goes wrong with this answer, it is none.
        answer = _read(run([_png(sent)])[0])
        if answer.shape == expected.shape:
            difference = float(np.abs(answer.astype(float) - expected).max()) / 255
    return (Comparison(f"a PNG file, {height}×{width}", difference, _GREY_LEVEL + 1e-9, rounded=True),)


def _png(picture):
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png")
    return file.getvalue()


def _read(content):
    from PIL import Image

    return np.array(Image.open(io.BytesIO(content)))
