"""Presets: folders that hold one model for others, on a disk, on Hugging Face or on Kaggle.

A preset has the files of a model that `keras.Model.save` writes into a folder, `config.json`,
`metadata.json` and `model.weights.h5`, so that `keras.saving.load_model` opens it, and beside them
`card.json` and `README.md`. `metadata.json` has the SHA-256 of what we read.
"""

import dataclasses
import datetime
import hashlib
import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..images.files import exists, replacing
from ..pde.backend import keras
from .hubs import fetched, on_a_hub
from .model_card import ModelCard
from .model_files import CONFIG, LIMITS, METADATA, WEIGHTS, in_one_line, opened
from .preset_page import page_of
from .zoo_model import ZooModel

CARD, PAGE = "card.json", "README.md"
FILES = (CONFIG, METADATA, WEIGHTS, CARD, PAGE)
_SUMMED = (CONFIG, WEIGHTS, CARD)


@dataclasses.dataclass(frozen=True)
class Preset:
    """The files of a preset, read and compared with their checksums.

    Attributes:
        name: As it was given.
        content: What is needed to build the model, by the names of the files.
        card: The card, `None` for a model without one.
    """

    name: str
    content: dict[str, bytes]
    card: ModelCard | None


def read_preset(name: str) -> Preset:
    """Reads a preset and compares its files with their checksums, and the weights with the card.

    Args:
        name: A folder, `hf://OWNER/NAME[@REVISION]` or
            `kaggle://OWNER/MODEL/FRAMEWORK/VARIATION[/VERSION]`.

    Raises:
        InputError: for a folder that is no preset, or whose files are damaged or do not belong
            together; for a hub as `hubs.fetched` has it.
    """
    folder = fetched(name, FILES) if on_a_hub(name) else Path(name)
    if not on_a_hub(name) and not exists(folder):
        raise InputError(f"There is no folder {name!r}; check the path.")
    with in_one_line(name):
        content = {METADATA: _part(folder, METADATA)}
        sums = _checksums(content[METADATA])
        for part, expected in sums.items():
            content[part] = _part(folder, part)
            if _digest(content[part]) != expected:
                raise InputError(f"its {part} is not what its {METADATA} says; get it again.")
        card = ModelCard.from_json(content.pop(CARD).decode()) if CARD in sums else None
        if card is not None and (card.weights, card.sha256) != (WEIGHTS, sums[WEIGHTS]):
            raise InputError(f"its {WEIGHTS} are not the weights of its {CARD}.")
    return Preset(name, content, card)


def open_preset(name: str) -> ZooModel:
    """The model of a preset, with its weights and its card.

    Raises:
        InputError: as `read_preset`, and for what is no model of imagepde.
    """
    preset = read_preset(name)
    with in_one_line(name):
        model = opened(preset.content)
        if not isinstance(model, ZooModel):
            raise InputError("it is no model of imagepde, but of Keras alone.")
        if model.card != preset.card:
            raise InputError(f"its {CARD} is not the card of the model in its {CONFIG}.")
    return model


def write_preset(
    model: ZooModel, folder: str | os.PathLike[str], card: ModelCard | None, shown: str | None = None
) -> None:
    """Writes a preset as a whole; one that is there is replaced.

    Args:
        model: The model, which is left as it is.
        folder: The folder. Those above it are made.
        card: Its card; weights and checksum are filled in.
        shown: The name that the page says; the folder beside the reader when `None`.

    Raises:
        InputError: if there is a file of this name, or a folder with something else in it.
    """
    folder = Path(folder)
    check_preset_folder(folder)
    plain = _plain(model)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with replacing(folder) as temporary:
        temporary.mkdir()
        digest = _save_weights(plain, temporary / WEIGHTS)
        if card is not None:
            card = dataclasses.replace(card, weights=WEIGHTS, sha256=digest)
            (temporary / CARD).write_text(card.to_json(), encoding="utf-8")
            plain.card = card
        elif plain.card is not None:
            plain.card = None
        config = json.dumps(keras.saving.serialize_keras_object(plain))
        (temporary / CONFIG).write_text(config, encoding="utf-8")
        metadata = {
            "keras_version": keras.__version__,
            "imagepde_version": version("imagepde"),
            "parameter_count": plain.count_params(),
            "date_saved": datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S"),
            "sha256": {
                part: _digest((temporary / part).read_bytes())
                for part in _SUMMED
                if (temporary / part).exists()
            },
        }
        (temporary / METADATA).write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
        page = page_of(shown or f"./{folder.name}", card, licence_of(card))
        (temporary / PAGE).write_text(page, encoding="utf-8")


def licence_of(card: ModelCard | None) -> str:
    """The licence of the weights alone, without what is said of the pictures."""
    return "not stated" if card is None else card.licence.partition(";")[0].strip()


def check_preset_folder(folder: Path) -> None:
    """Refuses a place for a preset that something else has taken.

    Raises:
        InputError: if there is a file, or a folder that is neither empty nor a preset of ours.
    """
    if not exists(folder):
        return
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file; choose a folder for the preset.")
    if any(folder.iterdir()):
        try:
            _checksums(_part(folder, METADATA))
        except (OSError, ValueError) as error:
            raise InputError(
                f"{str(folder)!r} holds something else than a preset; choose another folder."
            ) from error


def card_to_keep(model: ZooModel) -> ModelCard | None:
    """The card of a model for what is saved of it: results are those of the very weights measured."""
    card = model.card
    if card is None or not card.results or _measured(model, card):
        return card
    return dataclasses.replace(card, results=[])


def _measured(model, card):
    """Whether a model still has the weights that its card is about."""
    from .catalogue import list_models
    from .registry import load

    if card.weights == WEIGHTS:
        with tempfile.TemporaryDirectory() as folder:
            return _save_weights(_plain(model), Path(folder, WEIGHTS)) == card.sha256
    if card.name not in list_models():
        return False
    pairs = zip(model.get_weights(), load(card.name).get_weights(), strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


def _plain(model):
    """The same model without what it was compiled with, which would hand its optimiser on."""
    plain = ZooModel.from_config(model.get_config())
    plain.set_weights(model.get_weights())
    return plain


def _save_weights(model, file):
    """Saves weights such that the same ones give the same file; returns its SHA-256."""
    name, model.name = model.name, "model"  # Keras writes it into the file.
    model.save_weights(file)
    model.name = name
    return _digest(file.read_bytes())


def _part(folder: Path, part: str) -> bytes:
    """What a file of a preset holds, if it is there and not too large."""
    file, most = folder / part, LIMITS.get(part, LIMITS[CONFIG])
    if not file.is_file():
        raise InputError(f"it holds no {part!r}, as a preset of imagepde does.")
    size = file.stat().st_size
    if size > most:
        raise InputError(f"its {part} has {size} bytes, more than the {most} that are read.")
    return file.read_bytes()


def _checksums(metadata: bytes) -> dict[str, str]:
    """The SHA-256 of each file, by its name."""
    found: Any = json.loads(metadata)
    sums = found.get("sha256") if isinstance(found, dict) else None
    needed = {CONFIG, WEIGHTS}
    if not isinstance(sums, dict) or not needed <= set(sums) <= set(_SUMMED):
        raise InputError(f"its {METADATA} has no checksums, as that of a preset of imagepde does.")
    return sums


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
