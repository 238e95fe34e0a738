"""How the filters of DiffNet answer to noise (section 6.2)."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import InputError
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..tasks import PeronaMalikDiffusion, Task
from .states import filtering_states, smoothing_levels

SIGMAS = tuple((255 * np.geomspace(1e-4, 0.1, 13)).tolist())
"""0.01 % to 10 % of the range of the picture, as in the paper's Fig. 13, on the scale of 0 to 255."""


def smoothing_of_noise(
    model: Any, task: Task, source: Iterable[np.ndarray], sigmas: tuple[float, ...] = SIGMAS
) -> tuple[tuple[float, ...], np.ndarray]:
    """The smoothing level α of each block, for each picture with each strength of noise.

    Pictures are prepared as the task says. The noise of a picture is seeded by its index, so it differs
    from level to level in its strength alone.

    Args:
        model: A grey model made of `FilteringStep` layers.
        task: What it is for, a `PeronaMalikDiffusion`; see `tasks.task_of`.
        source: Pictures, from `open_source`.
        sigmas: Standard deviations of the noise on the scale of 0 to 255.

    Returns:
        `(sigmas, levels)`: the strengths, and an array `(strengths, pictures, blocks)`.

    Raises:
        InputError: for another task, and a model without filtering steps.

    Example:
        model = zoo.load("diffnet.pm_inverse")
        source = training.open_source("photographs", first=8)
        sigmas, levels = explain.smoothing_of_noise(model, tasks.task_of(model), source)
        explain.draw_smoothing(sigmas, levels).savefig("smoothing.png")
    """
    if not isinstance(task, PeronaMalikDiffusion):
        raise InputError(
            f"The answer to noise is measured for models of Perona–Malik diffusion. Received: {task!r}."
        )
    clean = [task.preparation.of(to_unit_range(luma(picture))) for picture in source]
    levels = []
    for sigma in sigmas:
        noisy = dataclasses.replace(task, sigma=sigma, forward=False)
        given = [noisy.pair(picture, index)[0] for index, picture in enumerate(clean)]
        levels.append([smoothing_levels(filtering_states(model, u)[1]) for u in given])
    return sigmas, np.array(levels)
