"""Writes a model in a form that runs without imagepde: SavedModel, LiteRT or ONNX."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..images.files import check_place
from ..pde.backend import keras
from ..tasks import Task
from ..zoo import traits
from . import litert
from .agreement import ExportError, Report
from .description import describe, named
from .forms import FORMS
from .precision import Loss, calibration_images, check_precision, measured_on
from .proof import measure
from .quantisation import LEAST, with_dynamic_integers, with_integers
from .stored_weights import store_weights


def export(
    model: keras.Model,
    path: str | os.PathLike[str],
    to: str,
    precision: str = "float32",
    size: tuple[int, int] | None = None,
    calibration: Sequence[np.ndarray] | None = None,
    degradation: Task | None = None,
) -> Report:
    """Exports a model and compares the result with it; a file that disagrees does not stay.

    What is written says what it is: model, version, range and layout of images, licence, and what the
    comparison found; `metadata(path)` reads it.

    Args:
        model: A built `keras.Model` on the TensorFlow backend.
        path: Folder to write for `"saved_model"`, which must not exist yet; file ending with
            `.tflite` for `"litert"` and with `.onnx` for `"onnx"`.
        to: `"saved_model"`, `"litert"` or `"onnx"`.
        precision: `"float32"`, or for LiteRT one of `PRECISIONS`.
        size: Height and width, for a LiteRT file that is for images of one size, one at a time; any
            size if `None`.
        calibration: For `"int8"`: list of arrays `(height, width, channels)` as the model is given
            them. Photographs that come with scikit-image, treated as the card says, if `None`.
        degradation: A task of `tasks` on which the loss of another precision is measured; that
            of the model's card if `None`.

    Returns:
        A `Report`: the largest differences that were found, at most 1e-6, or what the model itself
        changes by where an image changes in its last bits; and in another precision than float32 the
        loss of PSNR, at most 0.1 dB.

    Raises:
        InputError: for an unknown format or precision, an unsuitable path or size, another backend than
            TensorFlow, and for a model that cannot have the form, with the reason.
        ExportError: if the file disagrees.

    Example:
        report = export.export(zoo.load("foe_s.gauss25"), "foe_s.onnx", to="onnx")
        print(report.difference)
    """
    path = Path(path)
    size = _check(model, path, to, precision, size)
    check_precision(model, precision, calibration)
    if precision != "float32":
        measured_on(model, degradation)
    form = FORMS[to]
    # Beside its destination, so that the last step is a rename within one file system.
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        written = temporary / f"model{form.suffix}"
        report = _written(model, written, to, precision, size, calibration, degradation)
        if not report.agrees:
            raise ExportError(
                f"What was written does not compute what the model computes: {report.complaint}. "
                f"Nothing was left at {str(path)!r}."
            )
        form.attach(written, describe(model, report))
        os.replace(written, path)
    finally:
        shutil.rmtree(temporary)
    return report


def _check(model, path, to, precision, size):
    """Refuses what cannot be done, before any work; returns the size as two whole numbers."""
    if to not in FORMS:
        raise InputError(f"`to` must be one of {', '.join(FORMS)}. Received: {to!r}.")
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "Export needs the TensorFlow backend; set KERAS_BACKEND=tensorflow. "
            f"Received: {keras.backend.backend()}."
        )
    if not isinstance(model, keras.Model) or not model.built or len(model.inputs) != 1:
        raise InputError(f"`model` must be a built `keras.Model` of one input. Received: {model!r}.")
    check_place(path)
    form = FORMS[to]
    if not form.suffix and path.exists():
        raise InputError(f"{str(path)!r} exists already; choose a new folder.")
    if form.suffix and (path.suffix != form.suffix or path.is_dir()):
        article = "An" if form.title[0] in "AEIO" else "A"
        raise InputError(
            f"{article} {form.title} file must end with {form.suffix}. Received: {path.name!r}."
        )
    if to != "litert" and precision != "float32":
        raise InputError(
            f"`precision` goes with to='litert'; {form.title} is written in float32. "
            f"Received: {precision!r}."
        )
    return None if size is None else _check_size(model, to, size)


def _check_size(model, to, size):
    if to != "litert":
        raise InputError(f"`size` goes with to='litert'; {FORMS[to].title} takes images of any size.")
    own = model.input_shape[1:3]
    try:
        height, width = (int(n) for n in size)
    except (TypeError, ValueError):
        height = width = 0
    least = max(8, traits(model).smallest_side)
    if min(height, width) < least:
        raise InputError(
            f"`size` must be a height and a width of at least {least} pixels. Received: {size!r}."
        )
    if None not in own and (height, width) != own:
        raise InputError(
            f"This model is for images of {own[0]}×{own[1]} pixels only. Received: size={size!r}."
        )
    return height, width


def _written(model, path, to, precision, size, calibration, degradation):
    """Writes a file, compares it, and returns the report."""
    if precision == "float32":
        FORMS[to].write(model, path, **({"size": size} if to == "litert" else {}))
        return measure(path, to, model, precision, size)
    loss = Loss(model, size, degradation)
    content, report = litert.converted(model, size), None
    for reduced in _reduced(content, model, precision, size, calibration, degradation):
        litert.save(reduced, path)
        report = measure(path, to, model, precision, size, loss)
        if report.agrees:
            break
    assert report is not None, "there is one form at least"
    return report


def _reduced(content, model, precision, size, calibration, degradation):
    """A LiteRT file in another precision, and such with more in float32, should that lose too much."""
    resized = size is None and None in model.input_shape[1:3]
    if precision == "int8":
        if calibration is None:
            images = calibration_images(model, size, degradation)
        else:
            images = [image[None] for image in calibration]
        before = None
        for least in LEAST:
            try:
                integers = with_integers(content, images, *least)
            except InputError:
                if before is None:
                    raise
                # What the first lost is what is to be said.
                return
            if integers != before:
                # What is not computed in integers is to be exact, and takes little room.
                yield store_weights(integers, "float16", resized)
            before = integers
        return
    if precision == "float16":
        reduced = store_weights(content, "float16", resized)
    else:
        reduced = store_weights(with_dynamic_integers(content), "int8", resized)
    if reduced is content:
        raise InputError(
            f"{named(model)} has no weights that would be smaller in {precision}; take 'float32'."
        )
    yield reduced
