"""The registry: architectures by name, pretrained models by `architecture.tag`."""

import dataclasses
import hashlib
import importlib
import inspect
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import InputError
from .catalogue import card, unknown
from .dtypes import with_dtype
from .names import is_preset
from .presets import open_preset
from .zoo_model import ZooModel

WEIGHTS = resources.files("imagepde.zoo.weights")
"""Where the weights of pretrained models are kept, a file each."""


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A function that builds a model, and where its equation comes from.

    Attributes:
        build: The builder.
        paper: The paper.
        equation: The equation that a model solves.
        any_channels: Whether its weights mean the same for any number of channels, so that
            `load(name, channels=3)` makes sense for grey ones.
    """

    build: Callable
    paper: str
    equation: str
    any_channels: bool = False

    def defaults(self):
        """The configuration arguments with their defaults."""
        parameters = inspect.signature(self.build).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}


_ARCHITECTURES: dict[str, Architecture] = {}


def architecture(name: str, paper: str, equation: str, any_channels: bool = False) -> Callable:
    """Registers a builder under a name: a function of keyword arguments that returns a model.

    Every argument must have a default that JSON can hold, since cards store them.

    Args:
        name: The part of a model's name before the dot.
        paper: The paper that it comes from.
        equation: The equation that a model solves.
        any_channels: Whether its weights mean the same for any number of channels.
    """

    def register(build):
        _ARCHITECTURES[name] = Architecture(build, paper, equation, any_channels)
        return build

    return register


def _registered():
    """All architectures by name; their modules need this one, so they are imported when it is there."""
    importlib.import_module(".architectures", __package__)
    return _ARCHITECTURES


def list_architectures() -> list[str]:
    """The names that `create` knows, sorted.

    Example:
        >>> "foe_s" in list_architectures()
        True
    """
    return sorted(_registered())


def find_architecture(name: str) -> Architecture:
    """The `Architecture` of a name; an unknown one is answered with the nearest names.

    Args:
        name: As `list_architectures()` has it.

    Returns:
        The `Architecture`.

    Raises:
        InputError: for an unknown name.

    Example:
        >>> find_architecture("perona_malik").defaults()["contrast"]
        0.05
    """
    if name not in _registered():
        raise unknown("architecture", name, list_architectures(), "`zoo.list_architectures()`")
    return _ARCHITECTURES[name]


def create(architecture: str, /, **config: Any) -> ZooModel:
    """Builds an architecture with new weights.

    Args:
        architecture: Its name, as `list_architectures()` has it.
        **config: Arguments of the architecture; `zoo.find_architecture(name).defaults()` has them.

    Returns:
        A `keras.Model` for images `(batch, None, None, channels)`.

    Raises:
        InputError: for an unknown name or argument, or a value out of range.

    Example:
        >>> create("foe_s", experts=8, steps=5).input_shape
        (None, None, None, 1)
    """
    found = find_architecture(architecture)
    for argument in config:
        if argument not in found.defaults():
            raise unknown(
                f"argument of {architecture!r} called",
                argument,
                list(found.defaults()),
                f"`zoo.find_architecture({architecture!r}).defaults()`",
            )
    return found.build(**config)


def load(
    model: str,
    /,
    *,
    name: str | None = None,
    dtype: Any = None,
    trainable: bool = True,
    **changes: Any,
) -> ZooModel:
    """Loads a pretrained model or a preset; its weights are verified.

    The network is used for presets on a hub alone, by the client of the hub, which downloads them once.

    Args:
        model: `architecture.tag`, as `list_models()` has it; the folder of a preset, with a `/` in it;
            `hf://OWNER/NAME[@REVISION]`; or `kaggle://OWNER/MODEL/FRAMEWORK/VARIATION[/VERSION]`.
        name: Name of the Keras model; that of the card with `_` for the dot when `None`. Models that
            stand in one Keras model need names of their own.
        dtype: A dtype or policy of Keras for all layers, as `"mixed_bfloat16"`; float32 when `None`.
            Models that undo a blur or a diffusion without noise amplify rounding errors as they amplify
            noise: half precision is not for them.
        trainable: Whether `fit` changes the weights.
        **changes: Arguments of the architecture to be other than in the card, such that the weights
            still fit and mean the same: more `steps`, or `channels=3` for a `blade`.

    Returns:
        A built `ZooModel` for images `(batch, None, None, channels)` in [0, 1]; it can be called,
        compiled, fitted and exported like any other. Its attribute `card` is the `ModelCard`.

    Raises:
        InputError: for an unknown name or argument, for a weights file that is not the one in the card,
            for a folder that is no preset, and for changes that need other weights.
        ConnectionError: if a hub does not answer.

    Example:
        >>> load("foe_s.gauss25").count_params()
        1531
    """
    loaded = _preset_with(model, changes) if is_preset(model) else _of_the_zoo(model, changes)
    if dtype is not None:
        loaded = with_dtype(loaded, dtype)
    if name is not None or loaded.card is not None:
        loaded.name = loaded.card.name.replace(".", "_") if name is None else name
    loaded.trainable = trainable
    return loaded


def _of_the_zoo(name, changes):
    """A pretrained model with its card."""
    found = card(name)
    loaded = create(found.architecture, **{**found.config, **changes})
    _check_changes(loaded, found, changes)
    if found.weights is not None:
        load_verified_weights(loaded, found, WEIGHTS.joinpath(found.weights))
    loaded.card = found
    return loaded


def _preset_with(name, changes):
    """The model of a preset, with other arguments of its architecture if they are asked for."""
    loaded = open_preset(name)
    if not changes:
        return loaded
    found = loaded.card
    if found is None:
        raise InputError(f"The model in {name!r} has no card, so it takes no arguments.")
    changed = create(found.architecture, **{**found.config, **changes})
    _check_changes(changed, found, changes)
    changed.set_weights(loaded.get_weights())
    changed.card = found
    return changed


def _check_changes(model, found, changes):
    """Refuses changes for which the weights of the card do not fit, or mean something else."""
    learned = [w.name for w in model.weights if w.name in changes and len(w.shape) == 0]
    if learned:
        raise InputError(f"`{learned[0]}` is learned: it comes with the weights of {found.name!r}.")
    own = found.config.get("channels", 1)
    any_channels = find_architecture(found.architecture).any_channels
    if changes.get("channels", own) != own and not any_channels:
        raise InputError(
            f"The weights of {found.name!r} were learned for images of channels={own}; `zoo.restore` "
            f"takes the channels of an image one by one. Received: channels={changes['channels']!r}."
        )
    if changes and found.weights is not None:
        _check_same_weights(model, found, changes)


def _check_same_weights(model, found, changes):
    """Refuses a configuration whose weights have other shapes than those of the card."""
    unchanged = create(found.architecture, **found.config)
    if [w.shape for w in model.weights] != [w.shape for w in unchanged.weights]:
        raise InputError(
            f"The weights of {found.name!r} do not fit a model with these changes. Received: "
            f"{', '.join(f'{key}={value!r}' for key, value in changes.items())}."
        )


def load_verified_weights(model, found, file):
    """Loads a weights file whose SHA-256 is the card's; nothing is loaded otherwise."""
    content = file.read_bytes() if file.is_file() else b""
    digest = hashlib.sha256(content).hexdigest()
    if digest != found.sha256:
        raise InputError(
            f"The weights of {found.name!r} are damaged or missing; install imagepde again. "
            f"Expected SHA-256 {found.sha256}, received {digest} for {file.name}."
        )
    # What is loaded is what was verified: a copy of these very bytes, not the file once more.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "verified.weights.h5")
        copy.write_bytes(content)
        model.load_weights(copy)
