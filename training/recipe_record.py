"""What decides about a training, as one record."""

import dataclasses
import json
from typing import Any, Self

from ..errors import InputError
from ..tasks import Task, from_dict
from ..tasks.task import check_keys


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
        learning_rate: Of Adam at the start; it falls to `final_learning_rate` as a cosine.
        final_learning_rate: See there.
        batch: Patches in a step, or what a task has instead of patches.
        patch: Side of a patch in px.
        validation: Pictures held back from training, evenly spread over the source.
        validation_size: Side of the center of these that is used, in px, unless the task crops them.
        jit_compile: Whether XLA compiles the training step.
        seed: Of weights, patches and noise.
        epsilon: What Adam adds to the root of the mean squared gradient. It must be small beside the
            gradients, which are small themselves where the error is.
        sampling: What else decides about the batches of some kinds of tasks: `starts` of surrogates,
            the frames at which windows start, and `copies` of displacements, made of each picture.
        pictures: Number of pictures to take at most, evenly spread over the source; all when `None`.

    Raises:
        InputError: if `task` is no `Task`.

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

    def __post_init__(self) -> None:
        if not isinstance(self.task, Task):
            raise InputError(
                "The `task` of a recipe must be a `Task`, for instance `tasks.GaussianNoise(25)`. "
                f"Received: {self.task!r}."
            )

    @property
    def architecture(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]

    def held_back(self, count: int) -> list[int]:
        """Which of so many pictures are for validation: indices, evenly spread."""
        return [k * count // self.validation for k in range(self.validation)]

    def to_dict(self) -> dict[str, Any]:
        """The recipe as data that JSON can hold; `Recipe.from_dict` reads it."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return json.loads(json.dumps({**fields, "task": self.task.to_dict()}))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The recipe of a dictionary, as run folders and cards hold it.

        Raises:
            InputError: for an unknown or missing key, or a task that is not known.
        """
        check_keys(data, cls, "A recipe")
        return cls(**{**data, "task": from_dict(data["task"])})
