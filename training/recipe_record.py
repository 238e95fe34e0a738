"""What decides about a training, as one record."""

import dataclasses
import json
import math
from typing import Any, Self

from ..errors import InputError
from ..tasks import Task, from_dict
from ..tasks.task import check_keys, nearest
from .optimizers import COMMON, POLICIES, checked_optimizer, checked_schedule


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides about a training but the pictures.

    Attributes:
        name: `architecture.tag` of the model that it makes.
        config: Arguments for `zoo.create`.
        task: What the model is for, for instance `tasks.GaussianNoise(25)`.
        epochs: Number of epochs; after each there is a validation and a checkpoint.
        start: Model of the zoo, or `.keras` file, whose weights the training starts from; new weights
            when `None`.
        steps_per_epoch: Steps of the optimiser in an epoch.
        learning_rate: Of the optimiser at the start; it falls to `final_learning_rate` as a cosine,
            unless `schedule` says otherwise.
        final_learning_rate: See there.
        batch: Patches in a step, or what a task has instead of patches.
        patch: Side of a patch in px.
        validation: Pictures held back from training, evenly spread over the source; of few pictures a
            quarter at most. There is no validation with 0.
        validation_size: Side of the center of these that is used, in px, unless the task crops them.
        jit_compile: Whether XLA compiles the training step.
        seed: Of weights, patches and noise.
        epsilon: What Adam adds to the root of the mean squared gradient. It must be small beside the
            gradients, which are small themselves where the error is.
        sampling: What else decides about the batches of some kinds of tasks: `starts` of surrogates,
            the frames at which windows start, and `steps`, how many follow, those of the task if not
            given; and `copies` of displacements, made of each picture.
        pictures: Number of pictures to take at most, evenly spread over the source; all when `None`.
        optimizer: Name and settings of another optimiser than Adam, as Keras calls them: `{"name":
            "AdamW", "weight_decay": 0.01}`. `use_ema`, `clipnorm`, `gradient_accumulation_steps` and
            what else Keras has for all of them stand here, too.
        schedule: Name and settings of another schedule of the learning rate than the cosine, likewise:
            `{"name": "constant"}`, `{"name": "ExponentialDecay"}`. It ends at `final_learning_rate`
            with the last step unless its settings say otherwise.
        dtype_policy: Precision of the training, `"mixed_bfloat16"` or `"mixed_float16"`; float32 when
            `None`.
        bfloat16_convolutions: Whether training computes the convolutions alone in bfloat16, see
            `pde.bfloat16_convolutions`. Validation does, too; the model itself is one of float32.

    Raises:
        InputError: if `task` is no `Task`, for an unknown name or setting of Keras, with the nearest
            one, and for a value of another type or out of range.

    Example:
        >>> from imagepde.tasks import GaussianNoise
        >>> recipe = Recipe("foe_s.gauss25", {"steps": 5}, GaussianNoise(25), epochs=10, validation=4)
        >>> recipe.architecture, recipe.held_back(100)
        ('foe_s', [0, 25, 50, 75])
    """

    name: str
    config: dict[str, Any]
    task: Task
    epochs: int
    start: str | None = None
    steps_per_epoch: int = 250
    learning_rate: float = 5e-3
    final_learning_rate: float = 5e-5
    batch: int = 8
    patch: int = 64
    validation: int = 16
    validation_size: int = 256
    jit_compile: bool = True
    seed: int = 1
    epsilon: float = 1e-7
    sampling: dict[str, Any] = dataclasses.field(default_factory=dict)
    pictures: int | None = None
    optimizer: dict[str, Any] = dataclasses.field(default_factory=dict)
    schedule: dict[str, Any] = dataclasses.field(default_factory=dict)
    dtype_policy: str | None = None
    bfloat16_convolutions: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.task, Task):
            raise InputError(
                "The `task` of a recipe must be a `Task`, for instance `tasks.GaussianNoise(25)`. "
                f"Received: {self.task!r}."
            )
        for name, (kind, least) in _NUMBERS.items():
            _check_number(name, getattr(self, name), kind, least)
        if self.pictures is not None:
            _check_number("pictures", self.pictures, int, 1)
        if self.final_learning_rate > self.learning_rate:
            raise InputError(
                "`final_learning_rate` must not be larger than `learning_rate`. "
                f"Received: {self.final_learning_rate:g} and {self.learning_rate:g}."
            )
        if self.dtype_policy is not None and self.dtype_policy not in POLICIES:
            raise InputError(
                f"There is no `dtype_policy` {self.dtype_policy!r}: did you mean "
                f"{nearest(self.dtype_policy, list(POLICIES))}?"
            )
        # A frozen record: what is checked takes the place of what was given.
        object.__setattr__(self, "optimizer", checked_optimizer(self.optimizer))
        object.__setattr__(self, "schedule", checked_schedule(self.schedule))

    @property
    def architecture(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]

    def held_back(self, count: int) -> list[int]:
        """Which of so many pictures are for validation: indices, evenly spread."""
        # Of one picture nothing can be held back.
        most = min(self.validation, max(1, count // 4)) if count > 1 else 0
        return [k * count // most for k in range(most)]

    def to_dict(self) -> dict[str, Any]:
        """The recipe as data that JSON can hold; `Recipe.from_dict` reads it."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        # Cards hold recipes from before there were these.
        fields = {key: value for key, value in fields.items() if key not in _LATER or value}
        return json.loads(json.dumps({**fields, "task": self.task.to_dict()}))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The recipe of a dictionary, as run folders and cards hold it.

        Raises:
            InputError: for an unknown or missing key, or a task that is not known.
        """
        fields = [field.name for field in dataclasses.fields(cls)]
        for key in data:
            if key not in fields:
                known = fields + [f"optimizer.{setting}" for setting in COMMON]
                raise InputError(f"A recipe has no {key!r}: did you mean {nearest(key, known)}?")
        check_keys(data, cls, "A recipe")
        data = dict(data)
        if isinstance(data.get("optimizer"), dict):
            # Where Keras has them; in a recipe they stand beside the other numbers.
            optimizer = dict(data["optimizer"])
            own = {key: optimizer.pop(key) for key in ("learning_rate", "epsilon") if key in optimizer}
            data = {**data, **own, "optimizer": optimizer}
        return cls(**{**data, "task": from_dict(data["task"])})


_LATER = ("optimizer", "schedule", "dtype_policy", "bfloat16_convolutions")

_NUMBERS = {
    "epochs": (int, 1),
    "steps_per_epoch": (int, 1),
    "learning_rate": (float, 1e-12),
    "final_learning_rate": (float, 0),
    "batch": (int, 1),
    "patch": (int, 1),
    "validation": (int, 0),
    "validation_size": (int, 1),
    "seed": (int, 0),
    "epsilon": (float, 0),
}
"""Type and least value of the numbers of a recipe."""


def _check_number(name: str, value: Any, kind: type, least: float) -> None:
    """Refuses what is no number of a kind, or smaller than it can be."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    number = whole or (kind is float and isinstance(value, float) and math.isfinite(value))
    if not number or value < least:
        words = "a whole number" if kind is int else "a number"
        raise InputError(f"`{name}` must be {words} of at least {least:g}. Received: {value!r}.")
