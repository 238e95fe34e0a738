"""Noisy pictures with clean ones of the same scenes, as they were taken."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .task import Task, register


@register("pairs")
@dataclasses.dataclass(frozen=True)
class TakenPairs(Task):
    """Noise as a camera made it: the noisy pictures are given, and nothing is drawn.

    It measures models, by `evaluate` on the clean pictures. As a dictionary it holds no pictures, and
    such a task can only say what it is.

    Attributes:
        noisy: Arrays `(height, width)` in [0, 1], in the order of the clean pictures.

    Raises:
        InputError: from `pair`, if there is no noisy picture of this number and size.

    Example:
        >>> clean = np.zeros((32, 32), "float32")
        >>> task = TakenPairs([clean + 0.1])
        >>> given, wanted = task.pair(clean, 0)
        >>> float(given[0, 0]), task.to_dict()
        (0.10000000149011612, {'kind': 'pairs'})
    """

    noisy: Sequence[np.ndarray] = dataclasses.field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        return "noise as it was taken"

    def pair(self, clean: np.ndarray, seed: Any) -> tuple[np.ndarray, np.ndarray]:
        """The noisy picture of this number, prepared like the clean one, and the clean one."""
        given = self.preparation.of(self.noisy[seed]) if seed < len(self.noisy) else None
        if given is None or given.shape != clean.shape:
            raise InputError(
                "Each clean picture needs a noisy one of its size. "
                f"Received: {clean.shape} and {None if given is None else given.shape}."
            )
        return given, clean

    def get_config(self) -> dict[str, Any]:
        """Without the pictures."""
        config = super().get_config()
        del config["noisy"]
        return config
