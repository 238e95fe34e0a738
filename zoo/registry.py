"""The registry: architectures by name, pretrained models by `architecture.tag`."""

import dataclasses
import difflib
import fnmatch
import hashlib
import inspect
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from ..errors import InputError
from .model_card import ModelCard

CARDS = resources.files("imagepde.zoo.cards")
WEIGHTS = resources.files("imagepde.zoo.weights")
"""Where the pretrained models are kept: a card and a weights file each."""


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A function that builds a model, and where its equation comes from."""

    build: Callable
    paper: str
    equation: str

    def defaults(self):
        """The configuration arguments with their defaults."""
        parameters = inspect.signature(self.build).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}


_ARCHITECTURES: dict[str, Architecture] = {}


def architecture(name, paper, equation):
    """Registers a builder under a name: a function of keyword arguments that returns a model.

    Every argument must have a default that JSON can hold, since cards store them.
    """

    def register(build):
        _ARCHITECTURES[name] = Architecture(build, paper, equation)
        return build

    return register


def list_architectures():
    """The names that `create` knows, sorted."""
    return sorted(_ARCHITECTURES)


def list_models(pattern="*"):
    """The names of the pretrained models, sorted.

    Args:
        pattern: A filter with the shell's wildcards, for instance `"foe_s.*"`.
    """
    names = [file.name[:-5] for file in CARDS.iterdir() if file.name.endswith(".json")]
    return sorted(fnmatch.filter(names, pattern))


def _unknown(what, name, known, how_to_list):
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return InputError(f"There is no {what} {name!r}: {hint}{how_to_list} lists all.")


def find_architecture(name):
    """The `Architecture` of a name; an unknown one is answered with the nearest names."""
    if name not in _ARCHITECTURES:
        raise _unknown("architecture", name, list_architectures(), "`zoo.list_architectures()`")
    return _ARCHITECTURES[name]


def create(name, **config):
    """Builds an architecture with new weights.

    Args:
        name: Name of an architecture, as `list_architectures()` has it.
        **config: Arguments of the architecture; `zoo.find_architecture(name).defaults()` has them.

    Returns:
        A `keras.Model` for images `(batch, None, None, channels)`.

    Raises:
        InputError: for an unknown name or argument, or a value out of range.

    Example:
        >>> create("foe_s", experts=8, steps=5).input_shape
        (None, None, None, 1)
    """
    found = find_architecture(name)
    for argument in config:
        if argument not in found.defaults():
            raise _unknown(
                f"argument of {name!r} called",
                argument,
                list(found.defaults()),
                f"`zoo.find_architecture({name!r}).defaults()`",
            )
    return found.build(**config)


def card(name):
    """The `ModelCard` of a pretrained model.

    Raises:
        InputError: for an unknown name, with the nearest ones.
    """
    if name not in list_models():
        raise _unknown("model", name, list_models(), "`zoo.list_models()` or `imagepde list`")
    return ModelCard.from_json(CARDS.joinpath(f"{name}.json").read_text(encoding="utf-8"))


def load(name, **changes):
    """Loads a pretrained model; its weights are verified, and the network is never used.

    Args:
        name: `architecture.tag`, as `list_models()` has it.
        **changes: Arguments of the architecture to be other than in the card, such that the weights
            still fit: more `steps`, or `channels=3` for a `blade`.

    Returns:
        A built `keras.Model` for images `(batch, None, None, channels)` in [0, 1]; it can be called,
        compiled, fitted and exported like any other. Its attribute `card` is the `ModelCard`.

    Raises:
        InputError: for an unknown name or argument, for a weights file that is not the one in the card,
            and for changes that need other weights.

    Example:
        >>> load("foe_s.gauss25").count_params()
        1531
    """
    found = card(name)
    model = create(found.architecture, **{**found.config, **changes})
    learned = [w.name for w in model.weights if w.name in changes and len(w.shape) == 0]
    if learned:
        raise InputError(f"`{learned[0]}` is learned: it comes with the weights of {name!r}.")
    if found.weights is not None:
        if changes:
            _check_same_weights(model, found, changes)
        load_verified_weights(model, found, WEIGHTS.joinpath(found.weights))
    model.card = found
    return model


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
