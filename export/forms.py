"""The forms that a model can be exported to, one record each."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import InputError, reason
from ..images.files import exists, is_file
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
        contents: Function of a path that returns what can be seen without running it: the precision,
            and height and width if it is for one size alone, else `None`.
    """

    title: str
    suffix: str
    write: Callable
    run: Callable
    attach: Callable
    attached: Callable
    contents: Callable


def _form(title: str, suffix: str, room: Any) -> Form:
    return Form(title, suffix, room.write, room.run, room.attach, room.attached, room.contents)


FORMS = {
    "saved_model": _form("SavedModel", "", saved_model),
    "litert": _form("LiteRT", ".tflite", litert),
    "onnx": _form("ONNX", ".onnx", onnx),
}
"""By the names that `export` takes."""


def form_of(path: str | os.PathLike[str]) -> str:
    """The name of the form that a path holds.

    Raises:
        InputError: if there is nothing, or nothing that `export` writes.
    """
    path = Path(path)
    if is_file(path / "saved_model.pb"):
        return "saved_model"
    for name, form in FORMS.items():
        if form.suffix and path.suffix == form.suffix and is_file(path):
            return name
    if not exists(path):
        raise InputError(f"There is no exported model {str(path)!r}; check the path.")
    raise InputError(
        "An exported model is a SavedModel folder, a .tflite file or an .onnx file. "
        f"Received: {str(path)!r}."
    )


def reading(path: str | os.PathLike[str], what: str) -> Any:
    """What a function of a form, as `"attached"`, returns for a path.

    Raises:
        InputError: whatever is wrong with the file, or if there is none.
    """
    form = FORMS[form_of(path)]
    try:
        return getattr(form, what)(path)
    except InputError:
        raise
    except Exception as error:
        # Readers raise what they like; for the user it is all one.
        raise InputError(
            f"{str(path)!r} cannot be read as {form.title}; it is damaged, or of another kind. "
            f"Received: {reason(error)}"
        ) from error
