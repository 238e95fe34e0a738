"""An equation as a task: a model is its surrogate (BLADE, 2.3)."""

import dataclasses
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..errors import InputError
from .flow_targets import FlowTargets, TargetCache
from .task import Task, check_keys, register


@register("flow")
@dataclasses.dataclass(frozen=True)
class FlowTask(Task):
    """An equation as a task: from a coarse picture to the solution at a stopping time.

    Attributes:
        targets: The `FlowTargets`.
        steps: Steps of the model until the stopping time, each from one frame to the next.
        cache: Folder of target sequences; nothing is kept when `None`.

    Raises:
        InputError: if `steps` is not from 1 to the number of frames of the targets.

    Example:
        >>> str(FlowTask(FlowTargets("tv_flow", {}, time_step=0.1, steps=20, frames=8), steps=5))
        'tv_flow, T = 0.5 in 5 steps'
    """

    targets: FlowTargets
    steps: int
    cache: Path | str | None = dataclasses.field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= self.targets.frames:
            raise InputError(
                f"The targets of this surrogate have {self.targets.frames} frames, so `steps` must be "
                f"from 1 to that. Received: steps={self.steps}."
            )

    def __str__(self) -> str:
        time = self.steps * self.targets.time_step
        return f"{self.targets.flow}, T = {time:g} in {self.steps} steps"

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        parameters = ", ".join(f"{key} = {value:g}" for key, value in self.targets.parameters.items())
        time = f"T = {self.steps * self.targets.time_step:g} in {self.steps} steps"
        return f"Solves {self.targets.equation.title} up to {time} ({parameters})"

    def sequence(self, picture: np.ndarray) -> np.ndarray:
        """The coarse frames of a picture, see `FlowTargets.sequence`."""
        source = self.targets if self.cache is None else TargetCache(self.cache, self.targets)
        return source.sequence(picture)

    def pair(self, clean: np.ndarray, seed: Any) -> tuple[np.ndarray, np.ndarray]:
        """The coarse picture, and the solution."""
        frames = self.sequence(clean)
        return frames[0], frames[self.steps]

    def with_steps(self, steps: int) -> Self:
        """The same equation up to another time, with as many frames as that needs."""
        frames = max(steps, self.targets.frames)
        targets = dataclasses.replace(self.targets, frames=frames)
        return dataclasses.replace(self, targets=targets, steps=steps)

    def for_model(self, model: Any) -> Self:
        """The same equation up to the time that this model reaches."""
        return self.with_steps(model.get_layer("evolution").steps)

    def get_config(self) -> dict[str, Any]:
        """The targets as a dictionary; where they are kept does not belong to the task."""
        return {**super().get_config(), "targets": dataclasses.asdict(self.targets), "cache": None}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The task with these attributes."""
        targets = config["targets"]
        check_keys(targets, FlowTargets, "The `targets` of a surrogate")
        return cls(**{**config, "targets": FlowTargets(**targets)})
