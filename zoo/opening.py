"""Opens a model by whatever names it: one of the zoo, a file or a preset."""

import functools
import os
from pathlib import Path
from typing import Any

from ..images.files import exists
from ..pde.backend import keras
from .model_files import open_file
from .names import METADATA, is_model_file
from .registry import load


def open_model(name: str | os.PathLike[str]) -> keras.Model:
    """A model of the zoo by its name, one of your own from a `.keras` file, or a preset.

    Nothing in a file is executed, and memory is bounded by its size: sizes, classes and weights are
    checked before Keras builds anything. Classes of your own are found if they are registered
    (`keras.saving.register_keras_serializable`) and imported first.

    Args:
        name: `architecture.tag`, the path of a file that ends with `.keras`, or a preset as `load`
            takes it: a folder, `hf://OWNER/NAME` or `kaggle://OWNER/MODEL/FRAMEWORK/VARIATION`.

    Returns:
        A built, uncompiled `keras.Model` that maps images `(batch, height, width, channels)` to such.

    Raises:
        InputError: for an unknown name, and for a file or preset that is missing, damaged, too large,
            or not a model of images, with the reason in one sentence.

    Example:
        >>> open_model("foe_s.gauss25").count_params()
        1531
    """
    text = os.fspath(name)
    return open_file(text) if is_model_file(text) else load(text)


def loaded(name: str, **changes: Any) -> keras.Model:
    """What `open_model` returns, loaded and compiled once for all pictures; nobody must change it.

    A file or preset that was written anew is loaded anew.

    Args:
        name: As for `open_model`.
        **changes: As for `load`.
    """
    return _kept(name, _written(name), **changes)


@functools.lru_cache(maxsize=8)
def _kept(name, written, **changes):
    return load(name, **changes) if changes else open_model(name)


def _written(name):
    """When a file, or a preset on this disk, was written; `None` for other names."""
    file = Path(name) if is_model_file(name) else Path(name) / METADATA
    return file.stat().st_mtime_ns if exists(file) else None
