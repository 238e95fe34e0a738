"""Writes a model in a form that runs without imagepde: SavedModel or LiteRT."""

import os
import shutil
import tempfile
from pathlib import Path

from ..pde import InputError
from ..pde.backend import keras
from .litert import write_litert
from .saved_model import write_saved_model
from .verification import largest_difference

FORMATS = {"saved_model": write_saved_model, "litert": write_litert}
"""What a model can be exported to. Each function writes a path and returns a function that applies
what was written to an array of images."""


class ExportError(RuntimeError):
    """A file was written but does not compute what the model computes; it was deleted again."""


def export(model, path, to):
    """Exports a model and compares the result with it; a file that disagrees does not stay.

    Args:
        model: A built `keras.Model` on the TensorFlow backend.
        path: Folder to write for `"saved_model"`, which must not exist yet; file ending with
            `.tflite` for `"litert"`.
        to: `"saved_model"` or `"litert"`.

    Returns:
        The largest difference between the file and the model that was found, at most 1e-6; or what the
        model itself changes by where an image changes in its last bits, see `verification.tolerance`.

    Raises:
        InputError: for an unknown format, an unsuitable path, or another backend than TensorFlow.
        ExportError: if the difference is larger than that.
    """
    path = Path(path)
    if to not in FORMATS:
        raise InputError(f"`to` must be one of {', '.join(FORMATS)}. Received: {to!r}.")
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "Export needs the TensorFlow backend; set KERAS_BACKEND=tensorflow. "
            f"Received: {keras.backend.backend()}."
        )
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} for {path.name!r}; make it first.")
    if to == "saved_model" and path.exists():
        raise InputError(f"{str(path)!r} exists already; choose a new folder.")
    if to == "litert" and (path.suffix != ".tflite" or path.is_dir()):
        raise InputError(f"A LiteRT file must end with .tflite. Received: {path.name!r}.")

    # Beside its destination, so that the last step is a rename within one file system.
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        written = temporary / f"model{path.suffix}"
        difference, allowed = largest_difference(model, FORMATS[to](model, written))
        if not difference <= allowed:
            raise ExportError(
                f"The exported model differs from the original by {difference:.2g}, more than "
                f"{allowed:.2g}; nothing was written to {str(path)!r}."
            )
        os.replace(written, path)
    finally:
        shutil.rmtree(temporary)
    return difference
