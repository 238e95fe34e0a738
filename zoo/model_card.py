"""The model card: what a pretrained model is, what it was made from and what was measured."""

import dataclasses
import json
from typing import Any, Self

from ..errors import InputError

_TEXT, _RECORD, _NUMBER = (str,), (dict,), (int, float)
_TYPES = {
    "name": _TEXT,
    "architecture": _TEXT,
    "config": _RECORD,
    "task": _TEXT,
    "made_for": (dict, type(None)),
    "paper": _TEXT,
    "equation": _TEXT,
    "parameters": (int,),
    "flops": (int,),
    "weights": (str, type(None)),
    "sha256": (str, type(None)),
    "training": _RECORD,
    "results": (list, tuple),
    "licence": _TEXT,
    "made_by": _RECORD,
    "guarantees": (list, tuple),
}
_WORDS = {str: "text", dict: "a dictionary", int: "a number", list: "a list", type(None): "null"}
_MEASURED = ("pictures", "input_psnr", "psnr", "ssim", "input_q", "q")


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """All there is to know about a pretrained model; `zoo/cards/NAME.json` holds one each.

    Attributes:
        name: `architecture.tag`.
        architecture: Name for `zoo.create`.
        config: Arguments for `zoo.create`, with learned contrasts and time steps.
        task: What the model is for, in words.
        made_for: The same as data, as `tasks.from_dict` takes it, for instance `{"kind":
            "gaussian_noise", "sigma": 25}`; `None` where nothing is restored or solved.
        paper: The paper that it comes from.
        equation: The equation that it solves.
        parameters: Number of trainable parameters.
        flops: Floating-point operations for 256×256 pixels, as TensorFlow's profiler counts them.
        weights: File in `zoo/weights`, `None` for a model without weights.
        sha256: Checksum of this file.
        training: How the weights came about: data, recipe, time; empty for a model without weights.
        results: What `imagepde evaluate` measured, a record for each data set and task: `data` with the
            `name` of the pictures and how they were prepared, `task` like `made_for`, `pictures`, and
            the means `input_psnr`, `psnr`, `ssim`, `input_q` and `q`.
        licence: Licence of the weights, and of what they were trained on.
        made_by: Versions of what trained the model.
        guarantees: The properties that `zoo.certificate` proves of it, in short: "mean", "range",
            "known", "norm" or "distance", see `layers.traits.PROPERTIES`.

    Raises:
        InputError: naming the field that is not as it must be.

    Example:
        >>> from imagepde import zoo
        >>> zoo.card("foe_s.gauss25").made_for
        {'kind': 'gaussian_noise', 'sigma': 25}
    """

    name: str
    architecture: str
    config: dict[str, Any]
    task: str
    made_for: dict[str, Any] | None
    paper: str
    equation: str
    parameters: int
    flops: int
    weights: str | None
    sha256: str | None
    training: dict[str, Any]
    results: list[dict[str, Any]]
    licence: str
    made_by: dict[str, str]
    guarantees: list[str]

    def __post_init__(self) -> None:
        for field, types in _TYPES.items():
            value = getattr(self, field)
            if not isinstance(value, types) or isinstance(value, bool):
                allowed = " or ".join(_WORDS[t] for t in types if t in _WORDS)
                raise _malformed(self.name, field, f"must be {allowed}", value)
        if self.weights is not None and not _is_file_name(self.weights):
            raise _malformed(
                self.name, "weights", "must be the name of a file, without a path", self.weights
            )
        if self.made_for is not None and not isinstance(self.made_for.get("kind"), str):
            raise _malformed(self.name, "made_for", "must have a `kind`", self.made_for)
        for number, result in enumerate(self.results):
            _check_result(self.name, f"results[{number}]", result)

    @property
    def recipe(self) -> dict[str, Any] | None:
        """The recipe as the training recorded it, `None` for a model without weights."""
        return self.training.get("recipe")

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what `to_json` wrote.

        Raises:
            InputError: for text that is no card, naming the field.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise InputError(f"A card must be JSON. Received: {error}.") from error
        if not isinstance(data, dict):
            raise InputError(f"A card must be a JSON object. Received: {type(data).__name__}.")
        return cls.from_dict(data)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The card with these fields, as `to_dict` returns them.

        Raises:
            InputError: naming a field that is missing, unknown or malformed.
        """
        fields = [field.name for field in dataclasses.fields(cls)]
        name = data.get("name")
        for field in fields:
            if field not in data:
                raise _malformed(name, field, "must be there", "nothing")
        for field in data:
            if field not in fields:
                raise _malformed(name, field, "is not a field of a card", data[field])
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain data."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """The card as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def with_result(self, result: dict[str, Any]) -> "ModelCard":
        """The card with one more result, or a newer one for the same pictures and task."""

        def key(entry: dict[str, Any]) -> Any:
            data = dict(entry["data"])
            return data.pop("name"), _in_order(data), _in_order(entry["task"])

        kept = [entry for entry in self.results if key(entry) != key(result)]
        return dataclasses.replace(self, results=sorted([*kept, result], key=key))


def _is_file_name(text: str) -> bool:
    return text not in ("", ".", "..") and not set(text) & set("/\\:\0")


def _check_result(name: str, field: str, result: Any) -> None:
    if not isinstance(result, dict):
        raise _malformed(name, field, "must be a dictionary", result)
    for part, key in (("data", "name"), ("task", "kind")):
        if not isinstance(result.get(part), dict) or not isinstance(result[part].get(key), str):
            raise _malformed(name, f"{field}.{part}", f"must have a `{key}`", result.get(part))
    for key in _MEASURED:
        if not isinstance(result.get(key), _NUMBER):
            raise _malformed(name, f"{field}.{key}", "must be a number", result.get(key))


def _malformed(name: Any, field: str, rule: str, value: Any) -> InputError:
    received = repr(value)
    received = received if len(received) < 100 else f"{received[:100]}…"
    return InputError(f"`{field}` {rule} in the card of {name!r}. Received: {received}.")


def _in_order(value: Any) -> Any:
    """Something that sorts for any data that JSON can hold; numbers by their size."""
    if isinstance(value, dict):
        return 3, tuple((key, _in_order(value[key])) for key in sorted(value))
    if isinstance(value, list | tuple):
        return 2, tuple(map(_in_order, value))
    if isinstance(value, str):
        return 1, value
    return 0, -1.0 if value is None else float(value)
