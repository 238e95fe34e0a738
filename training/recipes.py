"""Recipes as data: a TOML file each, and single settings that are changed by name."""

import dataclasses
import json
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..tasks.task import nearest
from ..zoo.catalogue import CARDS, unknown
from .recipe_record import Recipe
from .run_folder import RunFolder

FOLDER = Path(str(CARDS))
"""Where the recipes of the zoo are, `NAME.toml` beside `NAME.json`, the card."""


def list_recipes() -> list[str]:
    """The names of all recipes of the zoo, sorted."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def recipe(name: str, **changes: Any) -> Recipe:
    """The recipe of a model, with some of its attributes changed.

    Raises:
        InputError: if there is none of this name, or no such attribute.

    Example:
        >>> recipe("trd.gauss25", epochs=2).epochs
        2
    """
    if name not in list_recipes():
        raise unknown("recipe", name, list_recipes(), "`training.list_recipes()`")
    attributes = [field.name for field in dataclasses.fields(Recipe)]
    for key in changes:
        if key not in attributes:
            raise InputError(
                f"A recipe has no {key!r}: did you mean {nearest(key, attributes)}? What the model is "
                "for is its `task`."
            )
    return dataclasses.replace(read_recipe(FOLDER / f"{name}.toml"), **changes)


def read_recipe(file: str | os.PathLike[str]) -> Recipe:
    """The recipe in a TOML file, or of a training run.

    `base` names a recipe of the zoo, or another file, relative to this one; what the file says stands
    in the place of what the base says, key by key in tables such as `[task]`. A task of another kind
    takes the place of the whole one.

    Args:
        file: Path of the file, or of the folder of a run.

    Returns:
        The `Recipe`; its name is that of the base where the file gives none.

    Raises:
        InputError: if there is no such file, it is no TOML, a key is unknown (with the nearest one),
            or a value has another type than the recipe has there.

    Example:
        A file with

            base = "trd.gauss25"
            epochs = 20

            [task]
            sigma = 33

        is the recipe of `trd.gauss25`, for other noise and in fewer epochs.
    """
    if Path(file).is_dir():
        return Recipe.from_dict(RunFolder(file).record()["recipe"])
    return Recipe.from_dict(_content(Path(file), ()))


def _content(file, above):
    """What a file says, with what its base says below it."""
    if file.resolve() in above:
        raise InputError(f"The recipe {str(file)!r} has itself as a `base`.")
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"There is no recipe in {str(file)!r} ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{str(file)!r} is no TOML file: {error}.") from error
    base = data.pop("base", None)
    if base is None:
        return data
    if not isinstance(base, str):
        raise InputError(f"`base` must be the name of a recipe or a file. Received: {base!r}.")
    if base.endswith(".toml"):
        below = _content(file.parent / base, (*above, file.resolve()))
    else:
        below = _tables(recipe(base))
    for key, value in data.items():
        _set(below, key.split("."), value, key)
    return below


def recipe_text(given: Recipe) -> str:
    """A recipe as a TOML file, which `read_recipe` reads; what is nothing or empty is left out.

    Args:
        given: The `Recipe`.

    Returns:
        The text of the file.

    Example:
        >>> recipe_text(recipe("trd.gauss25")).splitlines()[:2]
        ['name = "trd.gauss25"', 'epochs = 180']
    """
    data = given.to_dict()
    tables = {key: value for key, value in data.items() if isinstance(value, dict)}
    lines = [
        f"{key} = {_toml(value)}"
        for key, value in data.items()
        if key not in tables and value is not None
    ]
    for name, table in tables.items():
        if table or name == "config":
            lines += ["", f"[{name}]", *(f"{_toml_key(k)} = {_toml(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML writes it; tables and lists on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # Words, numbers and truth values are written as JSON has them.
    return json.dumps(value, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() else json.dumps(key)


def with_settings(given: Recipe, settings: Iterable[str]) -> Recipe:
    """A recipe with some settings changed, as `imagepde train --set` takes them.

    Args:
        given: The `Recipe`.
        settings: `key=value`, the value as TOML writes it: `"learning_rate=1e-3"`, `"task.sigma=33"`,
            `"config.filters=32"`. A word needs no quotes.

    Returns:
        The changed `Recipe`.

    Raises:
        InputError: for what is no `key=value`, an unknown key (with the nearest one), and a value of
            another type than the recipe has there.

    Example:
        >>> with_settings(recipe("trd.gauss25"), ["epochs=3", "task.sigma=33"]).task.sigma
        33
    """
    data = _tables(given)
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise InputError(f"A setting is KEY=VALUE, as epochs=20. Received: {setting!r}.")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        _set(data, key.strip().split("."), value, key.strip())
    return Recipe.from_dict(data)


def _tables(given: Recipe) -> dict[str, Any]:
    """A recipe as data, also with those tables that say nothing."""
    return {"optimizer": {}, "schedule": {}, **given.to_dict()}


def _set(data: dict[str, Any], path: list[str], value: Any, name: str) -> None:
    """Sets an entry of nested dictionaries; dictionaries are merged, but for a task of another kind."""
    *outer, last = path
    if not outer and last in ("optimizer", "schedule") and isinstance(value, str):
        # A name alone: its settings are those by default.
        data[last] = {"name": value}
        return
    for key in outer:
        if not isinstance(data.get(key), dict):
            raise InputError(f"A recipe has no settings within {key!r}. Received: {name!r}.")
        data = data[key]
    old = data.get(last)
    if isinstance(old, dict) and isinstance(value, dict):
        if value.get("kind", old.get("kind")) != old.get("kind"):
            data[last] = value
            return
        for key, inner in value.items():
            _set(old, [key], inner, f"{name}.{key}")
        return
    # What a task wants it checks itself: noise, for instance, is of one strength or of a range.
    numbers = {int, float, list} if "." in name else {int, float}
    same = old is None or type(old) is type(value) or {type(old), type(value)} <= numbers
    whole = isinstance(old, int) and isinstance(value, float) and not outer and last in _COUNTS
    if not same or whole:
        number = isinstance(old, int | float) and isinstance(value, str)
        raise InputError(
            f"{name!r} must be like {old!r} ({type(old).__name__})"
            f"{', a number without a unit' if number else ''}. "
            f"Received: {value!r} ({type(value).__name__})."
        )
    data[last] = value


_COUNTS = frozenset(f.name for f in dataclasses.fields(Recipe) if f.type in (int, "int"))
