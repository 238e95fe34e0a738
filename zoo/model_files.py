"""Opens the parts of a `.keras` file, which may be damaged, foreign or malicious."""

import contextlib
import io
import json
import math
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from ..errors import InputError, reason
from ..pde.backend import keras
from .names import METADATA

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
LIMITS = {CONFIG: 4 << 20, METADATA: 1 << 16, WEIGHTS: 1 << 30}
"""What a `.keras` file of images holds, and how many bytes of each we read at most."""

_LARGEST_RATIO = 100
"""Keras stores without compression; what expands more than this is no file of Keras."""

_SLACK = 1 << 20
"""Bytes by which weights may be larger than the file that holds them, for small differences."""

_CODE = {
    "Lambda",
    "__lambda__",
    "TFSMLayer",
    "TorchModuleWrapper",
    "FlaxLayer",
    "JaxLayer",
    "TextVectorization",
    "StringLookup",
    "IntegerLookup",
    "IndexLookup",
}
"""Classes of Keras that run code from the file, or read other files."""


def open_file(path: str) -> keras.Model:
    """A model from a `.keras` file; see `open_model`.

    Raises:
        InputError: for a file that is missing, damaged, too large, or not a model of images.
    """
    with in_one_line(path):
        return opened(_checked(path))


def opened(content: dict[str, bytes]) -> keras.Model:
    """The model of images that the parts of a `.keras` file hold, after checks of what they declare.

    Args:
        content: The parts by their names: `config.json`, `model.weights.h5` perhaps `metadata.json`.
    """
    return _check_images(_loaded(content))


@contextlib.contextmanager
def in_one_line(path: str) -> Iterator[None]:
    """Whatever is wrong with a file or folder as an `InputError` that names it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path!r} cannot be opened: {error}") from error
    except FileNotFoundError:
        raise InputError(f"There is no file {path!r}; check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{path!r} is a folder; name a file in it.") from None
    except Exception as error:
        # Keras, HDF5 and the backend raise what they like; for the user it is all one.
        raise InputError(
            f"{path!r} cannot be opened: it is damaged, or no model that this version of Keras reads. "
            f"Received: {reason(error)}"
        ) from error


def _checked(path: str) -> dict[str, bytes]:
    """What a file holds, by name, after checks of its sizes."""
    with Path(path).open("rb") as file:
        if not zipfile.is_zipfile(file):
            raise InputError("it is no zip archive, as `model.save(...)` writes; it may be cut off.")
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            return {e.filename: archive.open(e).read(LIMITS[e.filename]) for e in entries}


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """Refuses an archive by its table of contents, before anything is decompressed."""
    names = [entry.filename for entry in entries]
    foreign = next((name for name in names if name not in LIMITS), None)
    if foreign is not None:
        raise InputError(f"a model of images holds no {foreign[:60]!r}.")
    if len(set(names)) < len(names):
        raise InputError("it holds two parts of one name.")
    missing = next((name for name in (CONFIG, WEIGHTS) if name not in names), None)
    if missing is not None:
        raise InputError(f"it holds no {missing!r}.")
    for entry in entries:
        if entry.file_size > LIMITS[entry.filename]:
            raise InputError(
                f"its {entry.filename} has {entry.file_size} bytes, more than the "
                f"{LIMITS[entry.filename]} that are read."
            )
        if entry.file_size > max(_SLACK, _LARGEST_RATIO * entry.compress_size):
            raise InputError(
                f"its {entry.filename} expands more than {_LARGEST_RATIO}-fold, from "
                f"{entry.compress_size} to {entry.file_size} bytes, which Keras never writes."
            )


def _loaded(content: dict[str, bytes]) -> keras.Model:
    """The model that checked bytes hold."""
    _check_classes(content[CONFIG])
    _check_weights(content[WEIGHTS])
    with tempfile.TemporaryDirectory() as folder:
        # What is loaded is what was checked: these very bytes, not the file once more.
        copy = Path(folder, "checked.keras")
        with zipfile.ZipFile(copy, "w") as archive:
            for name, part in content.items():
                archive.writestr(name, part)
        with _at_most(len(content[WEIGHTS]) + _SLACK):
            # What it was compiled with, a metric of `training` perhaps, is not needed to apply it.
            loaded: Any = keras.saving.load_model(copy, compile=False, safe_mode=True)
    return loaded


def _check_classes(config: bytes) -> None:
    """Refuses classes that are neither of Keras nor registered, and those that run code."""
    for entry in _objects(json.loads(config)):
        name, module = entry["class_name"], entry.get("module")
        registered = entry.get("registered_name") or name
        if not all(isinstance(part, str | None) for part in (name, module, registered)):
            raise InputError("its config.json is not one that Keras writes.")
        if name in _CODE:
            raise InputError(f"its layer {name!r} runs code, or reads files, which is not allowed.")
        of_keras = module is not None and (module.split(".")[0] in ("keras", "builtins"))
        if not (of_keras or keras.saving.get_registered_object(registered) or name.startswith("__")):
            raise InputError(
                f"its class {registered[:80]!r} is not known; import the package that defines it first."
            )


def _objects(value: object) -> Iterator[dict]:
    """The descriptions of objects in a configuration."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if "class_name" in value:
                yield value
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _check_weights(content: bytes) -> None:
    """Refuses HDF5 that points elsewhere, or declares more than it holds."""
    sizes = []

    # What these return ends the visit; an exception would not come through HDF5.
    def pointer(name, link):
        return None if isinstance(link, h5py.HardLink) else name

    def outside(name, found):
        if isinstance(found, h5py.Dataset):
            if found.external or found.is_virtual:
                return name
            sizes.append(found.nbytes)
        return None

    with h5py.File(io.BytesIO(content), "r") as file:
        elsewhere = file.visititems_links(pointer) or file.visititems(outside)
    if elsewhere is not None:
        raise InputError(f"its weights {elsewhere[:80]!r} lie elsewhere.")
    if sum(sizes) > len(content) + _SLACK:
        raise InputError(f"its weights declare {sum(sizes)} bytes, and it holds {len(content)}.")


_one_at_a_time = threading.Lock()


@contextlib.contextmanager
def _at_most(most: int) -> Iterator[None]:
    """Refuses weights of more numbers than `most` in this thread, before they are allocated."""
    layer, owner, left = keras.layers.Layer, threading.get_ident(), most
    add_weight = layer.add_weight

    def counted(self, shape=None, *args, **kwargs):
        nonlocal left
        if threading.get_ident() == owner and shape is not None:
            sides = tuple(shape) if hasattr(shape, "__len__") else (shape,)
            left -= math.prod(1 if side is None else side for side in sides)
            if left < 0:
                raise InputError(
                    f"its layer {self.name[:80]!r} declares weights of shape {sides}, more than it "
                    "holds."
                )
        return add_weight(self, shape, *args, **kwargs)

    with _one_at_a_time:
        layer.add_weight = counted
        try:
            yield
        finally:
            layer.add_weight = add_weight


def _check_images(model: object) -> keras.Model:
    """The model, if it maps images to images."""
    if not isinstance(model, keras.Model):
        raise InputError(f"it holds a {type(model).__name__}, not a model.")
    try:
        taken, given = model.input_shape, model.output_shape
        shapes = [tuple(taken), tuple(given)]
        fine = all(len(shape) == 4 and isinstance(shape[-1], int) for shape in shapes)
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(
            f"it is a model of several images, or of an unknown shape. Received: {reason(error)}"
        ) from error
    if not fine:
        raise InputError(
            "it must map one image (batch, height, width, channels) to another. "
            f"Received: from {taken} to {given}."
        )
    return model
