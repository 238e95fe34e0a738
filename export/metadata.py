"""What an exported file says of itself: model, version, range, layout, licence."""

import json

import numpy as np

from .. import __version__
from ..pde.backend import keras
from ..zoo import traits
from ..zoo.registry import card, list_models, load
from .forms import FORMS, form_of


def describe(model, report):
    """The metadata of an exported model, as JSON.

    Args:
        model: The `keras.Model`.
        report: The `Report` of its verification.

    Returns:
        A text; `metadata` gives what it holds.
    """
    _, *size, channels = model.input_shape
    found = getattr(model, "card", None)
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
        for key in ("architecture", "task", "equation", "paper"):
            about[key] = getattr(found, key)
        if published:
            about["config"], about["sha256"] = found.config, found.sha256
    return json.dumps(about, indent=1, ensure_ascii=False)


def named(model):
    """The name of a model: that of its card, if it has one."""
    found = getattr(model, "card", None)
    return model.name if found is None else found.name


def _channels(model, channels):
    """What the channels of the input are, one word each."""
    if traits(model).takes == "displacement":
        return [*_colours(channels - 2), "displacement to the right", "displacement down"]
    if traits(model).takes == "mask":
        return [*_colours(channels - 1), "known"]
    return _colours(channels)


def _colours(channels):
    return {1: ["grey"], 3: ["red", "green", "blue"]}.get(channels, ["any"] * channels)


def metadata(path):
    """What an exported file says of itself.

    Args:
        path: A SavedModel folder, a `.tflite` file or an `.onnx` file.

    Returns:
        A dictionary; empty for a file that `export` did not write.

    Raises:
        InputError: if there is no exported model.
    """
    text = FORMS[form_of(path)].attached(path)
    return {} if text is None else json.loads(text)


def has_published_weights(model):
    """Whether a model has the weights and the configuration of the card that it was loaded by."""
    found = getattr(model, "card", None)
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
