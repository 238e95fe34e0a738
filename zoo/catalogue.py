"""Which pretrained models there are, and their cards: files that are read without Keras."""

import difflib
import fnmatch
from importlib import resources
from typing import Any

from ..errors import InputError
from ..properties import PROPERTIES
from .kinds import KINDS, kind_of
from .model_card import ModelCard
from .names import is_preset

CARDS = resources.files("imagepde.zoo.cards")
"""Where the cards of pretrained models are kept, a file each."""


def list_models(
    pattern: str = "*",
    *,
    task: str | None = None,
    channels: int | None = None,
    guarantee: str | None = None,
) -> list[str]:
    """The names of the pretrained models, sorted; with several filters those that pass all.

    Args:
        pattern: A filter with the shell's wildcards, for instance `"foe_s.*"`.
        task: What a model is for: `"denoise"`, `"deblock"`, `"deblur"`, `"upscale"`, `"inpaint"`,
            `"enhance"`, `"segment"`, `"resample"`, `"surrogate"`, `"diffuse"` or `"invert"`.
        channels: 1 for models that see one channel at a time, 3 for those that see colours together.
        guarantee: What `certificate` proves of a model: `"mean"`, `"range"`, `"known"`, `"norm"` or
            `"distance"`.

    Returns:
        List of names; empty if no model passes.

    Raises:
        InputError: for a `task` or a `guarantee` that is none of these.

    Example:
        >>> list_models("trd*", task="denoise", guarantee="distance")
        ['trd_certified.gauss25_contractive']
    """
    for what, value, known in (("task", task, KINDS), ("guarantee", guarantee, PROPERTIES)):
        if value is not None and value not in known:
            raise InputError(f"`{what}` must be one of {', '.join(known)}. Received: {what}={value!r}.")
    names = [file.name[:-5] for file in CARDS.iterdir() if file.name.endswith(".json")]
    found = sorted(fnmatch.filter(names, pattern))
    if task is not None:
        found = [name for name in found if kind_of(card(name)) == task]
    if channels is not None:
        found = [name for name in found if card(name).config.get("channels", 1) == channels]
    if guarantee is not None:
        found = [name for name in found if guarantee in card(name).guarantees]
    return found


def unknown(what: str, name: Any, known: list[str], how_to_list: str) -> InputError:
    """The error for a name that is none of those that are known, with the nearest ones."""
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return InputError(f"There is no {what} {name!r}: {hint}{how_to_list} lists all.")


def card(name: str) -> ModelCard:
    """The `ModelCard` of a pretrained model.

    Args:
        name: `architecture.tag`, as `list_models()` has it, or a preset as `load` takes it.

    Returns:
        The `ModelCard`.

    Raises:
        InputError: for an unknown name, with the nearest ones, and for a preset without a card.

    Example:
        >>> card("foe_s.gauss25").parameters
        1531
    """
    if is_preset(name):
        from .presets import read_preset  # Presets are models of Keras.

        found = read_preset(name).card
        if found is None:
            raise InputError(f"The model in {name!r} has no card.")
        return found
    if name not in list_models():
        raise unknown("model", name, list_models(), "`zoo.list_models()` or `imagepde list`")
    return ModelCard.from_json(CARDS.joinpath(f"{name}.json").read_text(encoding="utf-8"))
