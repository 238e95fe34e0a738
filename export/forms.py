"""The forms that a model can be exported to, one record each."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from ..errors import InputError
from . import litert, onnx, saved_model


@dataclasses.dataclass(frozen=True)
class Form:
    """How a form is written and read.

    Attributes:
        title: Its name in words.
        suffix: What its files end with; empty for a folder.
        write: Function of a model, a path, and `size` where the form knows fixed sizes.
        run: Function of a path that returns a function of an array of images.
        attach: Function of a path and a text, that puts the text into what was written.
        attached: Function of a path that returns this text, or `None`.
    """

    title: str
    suffix: str
    write: Callable
    run: Callable
    attach: Callable
    attached: Callable


def _form(title, suffix, room):
    return Form(title, suffix, room.write, room.run, room.attach, room.attached)


FORMS = {
    "saved_model": _form("SavedModel", "", saved_model),
    "litert": _form("LiteRT", ".tflite", litert),
    "onnx": _form("ONNX", ".onnx", onnx),
}
"""By the names that `export` takes."""


def form_of(path):
    """The name of the form that a path holds.

    Raises:
        InputError: if there is nothing, or nothing that `export` writes.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"There is no exported model {str(path)!r}; check the path.")
    if (path / "saved_model.pb").is_file():
        return "saved_model"
    for name, form in FORMS.items():
        if form.suffix and path.suffix == form.suffix and path.is_file():
            return name
    raise InputError(
        "An exported model is a SavedModel folder, a .tflite file or an .onnx file. "
        f"Received: {str(path)!r}."
    )
