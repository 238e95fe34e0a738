"""Verifies what was exported, at any later time."""

import io
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..zoo.registry import list_models, load
from ..zoo.restoration import restore, takes_mask
from . import saved_model
from .forms import FORMS, form_of
from .metadata import metadata
from .precision import Loss, applied_by
from .verification import Comparison, Report, compare, decides, plain

_GREY_LEVEL = 1.0 / 255
"""What is rounded to 8 bits may be rounded the other way."""


def verify(path, model=None, degradation=None):
    """Compares an exported file with its model.

    In float32 on several images and sizes, to 1e-6, or what the model itself changes by where an image
    changes in its last bits; in other precisions by the loss of PSNR on the task of the model, at most
    0.1 dB.

    Args:
        path: A SavedModel folder, a `.tflite` file or an `.onnx` file.
        model: The `keras.Model` that was exported; the one of the zoo that the file names if `None`.
        degradation: A task of `tasks`, for another precision of a model without a card.

    Returns:
        A `Report`; `report.agrees` says whether the file computes what the model computes.

    Raises:
        InputError: if there is no such file, or it does not say which model it is.
    """
    form = form_of(path)
    about = metadata(path)
    model = described_model(path) if model is None else model
    size = about.get("input", {}).get("size") if None in model.input_shape[1:3] else None
    precision = about.get("precision", "float32")
    size = size and tuple(size)
    loss = None if precision == "float32" else Loss(model, size, degradation)
    return measure(path, form, model, precision, size, loss)


def described_model(path):
    """The model of the zoo that an exported file was made from.

    Raises:
        InputError: if it was made from another one, or one that was trained further.
    """
    about = metadata(path)
    if about.get("model") not in list_models() or about.get("state") != "published":
        raise InputError(
            f"{str(path)!r} is not of a model of the zoo as it was published; give the model that it "
            "was made from."
        )
    return load(about["model"])


def measure(path, form, model, precision, size, loss=None):
    """The `Report` of a file of which form, precision and size are known; `loss` if it is not exact."""
    run = FORMS[form].run(path)
    exact = precision == "float32"
    comparisons = compare(model, run, size, exact)
    if form == "saved_model":
        comparisons += _compare_encoded(path, model)
    task = before = lost = None
    if not exact and loss.task is not None:
        task, before, lost = loss.task, loss.psnr, loss.of(run)
    return Report(form, precision, size, comparisons, task, before, lost, size_on_disk(path))


def size_on_disk(path):
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
    if decides(model) and channels == 1:
        return ()
    mask = None
    if takes_mask(model):
        mask = np.random.default_rng(0).random((height, width)) < 0.3
    expected = restore(applied_by(model, lambda images: plain(model, images)), picture, mask)
    sent = picture if mask is None else np.dstack([picture, 255 * mask.astype(np.uint8)])
    answer = _read(run([_png(sent)])[0])
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
