"""The model card: what a pretrained model is, what it was made from and what was measured."""

import dataclasses
import json
import re
from typing import Any


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """All there is to know about a pretrained model; `zoo/cards/NAME.json` holds one each.

    Attributes:
        name: `architecture.tag`.
        architecture: Name for `zoo.create`.
        config: Arguments for `zoo.create`, with learned contrasts and time steps.
        task: What the model is for, in words.
        paper: The paper that it comes from.
        equation: The equation that it solves.
        parameters: Number of trainable parameters.
        flops: Floating-point operations for 256×256 pixels, as TensorFlow's profiler counts them.
        weights: File in `zoo/weights`, `None` for a model without weights.
        sha256: Checksum of this file.
        training: How the weights came about: data, recipe, time; empty for a model without weights.
        results: What `imagepde evaluate` measured, one entry a data set.
        licence: Licence of the weights, and of what they were trained on.
        made_by: Versions of what trained the model.
        guarantees: The properties that `zoo.certificate` proves of it, in short: "mean", "range",
            "known", "norm" or "distance", see `layers.traits.PROPERTIES`.
    """

    name: str
    architecture: str
    config: dict[str, Any]
    task: str
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

    @property
    def recipe(self):
        """The recipe as the training recorded it, `None` for a model without weights."""
        return self.training.get("recipe")

    @classmethod
    def from_dict(cls, fields: dict) -> "ModelCard":
        """The card with these fields, as `to_dict` returns them."""
        return cls(**fields)

    @classmethod
    def from_json(cls, text: str) -> "ModelCard":
        """Reads what `to_json` wrote."""
        return cls.from_dict(json.loads(text))

    def to_dict(self) -> dict:
        """The fields as plain data."""
        return dataclasses.asdict(self)

    def to_json(self):
        """The card as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def with_result(self, result):
        """The card with one more result, or a newer one for the same data set and noise."""

        def key(entry):
            return entry["data"], entry["degradation"]

        def in_order(entry):
            # The numbers in a text count as numbers: σ=5/255 comes before σ=15/255.
            parts = re.split(r"(\d+)", entry["degradation"])
            return entry["data"], [int(p) if p.isdigit() else p for p in parts]

        kept = [entry for entry in self.results if key(entry) != key(result)]
        return dataclasses.replace(self, results=sorted([*kept, result], key=in_order))
