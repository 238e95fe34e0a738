"""What an exported file says of itself: model, version, range, layout, licence."""

import json
import os

import numpy as np

from .. import __version__
from ..errors import InputError, reason
from ..pde.backend import keras
from ..zoo import traits
from ..zoo.catalogue import card, list_models
from ..zoo.registry import load
from ..zoo.zoo_model import card_of, named
from .agreement import Report
from .forms import reading
from .precision import PRECISIONS


def describe(model: keras.Model, report: Report) -> str:
    """The metadata of an exported model, as JSON.

    Args:
        model: The `keras.Model`.
        report: The `Report` of the file.

    Returns:
        A text; `metadata` gives what it holds.
    """
    _, *size, channels = model.input_shape
    found = card_of(model)
    about = {
        "imagepde": __version__,
        "model": named(model),
        "precision": report.precision,
        "input": {
            "layout": "batch, height, width, channels",
            "type": "float32",
            "range": [0, 1],
            "channels": _channels(model, channels),
            "size": report.size or (None if None in size else size),
            "smallest_side": traits(model).smallest_side,
        },
        "output": {
            "layout": "batch, height, width, channels",
            "type": "float32",
            "channels": model.output_shape[-1],
            "magnification": traits(model).magnification,
        },
        # For those who compute large pictures in windows.
        "window": {"halo": traits(model).reach, "multiple": traits(model).alignment},
        "verified": report.as_dict(),
    }
    if found is not None:
        published = has_published_weights(model)
        about["state"] = "published" if published else "changed"
        about["licence"] = found.licence
        fields = found.to_dict()
        for key in ("architecture", "task", "equation", "paper"):
            about[key] = fields[key]
        if published:
            about["config"], about["sha256"] = found.config, found.sha256
    return json.dumps(about, indent=1, ensure_ascii=False)


def _channels(model, channels):
    """What the channels of the input are, one word each."""
    if traits(model).takes == "displacement":
        return [*_colours(channels - 2), "displacement to the right", "displacement down"]
    if traits(model).takes == "mask":
        return [*_colours(channels - 1), "known"]
    if traits(model).takes == "noise":
        return [*_colours(channels - 1), "standard deviation of the noise"]
    return _colours(channels)


def _colours(channels):
    return {1: ["grey"], 3: ["red", "green", "blue"]}.get(channels, ["any"] * channels)


def metadata(path: str | os.PathLike[str]) -> dict:
    """What an exported file says of itself.

    Args:
        path: A SavedModel folder, a `.tflite` file or an `.onnx` file.

    Returns:
        A dictionary; empty for a file that `export` did not write.

    Raises:
        InputError: if there is no exported model, or it is damaged.

    Example:
        about = export.metadata("foe_s.onnx")
        print(about["model"], about["licence"])
    """
    text = reading(path, "attached")
    try:
        found = {} if text is None else json.loads(text)
    except ValueError as error:
        raise InputError(
            f"{str(path)!r} has metadata that are no JSON. Received: {reason(error)}"
        ) from error
    if not isinstance(found, dict):
        raise InputError(f"{str(path)!r} has metadata that are no dictionary.")
    return found


def contradictions(
    about: dict, model: keras.Model, precision: str, size: tuple[int, int] | None
) -> tuple[str, ...]:
    """What a file says of itself that is not so, each in words.

    Args:
        about: Its metadata; what a file without metadata is, it does not say.
        model: The model that it is compared with.
        precision: What it holds.
        size: Height and width, if it is for one size alone.
    """
    if not about:
        return ()
    parts = []

    def compare(what, stated, right, whose="is"):
        if stated != right:
            parts.append(f"it says that its {what} is {_short(stated)}, but it {whose} {_short(right)}")

    stated = about.get("precision")
    if stated not in PRECISIONS:
        parts.append(f"it says that its precision is {_short(stated)}, and there is no such precision")
    else:
        compare("precision", stated, precision)
    if None in model.input_shape[1:3]:
        given = about.get("input")
        stated = given.get("size") if isinstance(given, dict) else None
        compare("size", stated, None if size is None else list(size))
    found = card_of(model)
    if found is not None:
        compare("licence", about.get("licence"), found.licence, "is by the card")
        if about.get("state") == "published":
            compare("sha256", about.get("sha256"), found.sha256, "is by the card")
    return tuple(parts)


def _short(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:60]}…"


def has_published_weights(model: keras.Model) -> bool:
    """Whether a model has the weights and the configuration of the card that it was loaded by."""
    found = card_of(model)
    if found is None or found.name not in list_models() or found != card(found.name):
        return False
    published = load(found.name)
    return _same_layers(model, published) and all(
        np.array_equal(keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b))
        for a, b in zip(model.weights, published.weights, strict=True)
    )


def _same_layers(model, published):
    """Whether two models are of the same layers with the same arguments, whatever their names."""

    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in ("name", "inbound_nodes")}
        return [plain(v) for v in value] if isinstance(value, list | tuple) else value

    def arguments(one):
        return [plain(layer.get_config()) for layer in one.layers]

    return len(model.weights) == len(published.weights) and arguments(model) == arguments(published)
