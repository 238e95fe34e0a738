"""Measures a model on a set of pictures by the project's protocol."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..errors import InputError
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..images.preparation import prepare
from ..pde.backend import keras
from ..zoo.deprecated import formerly
from .metrics import psnr, ssim
from .no_reference import metric_q
from .task import Task


@formerly("evaluate(model, source, task)", names={"degradation": "task"})
def evaluate(
    model: Any,
    source: Any,
    task: Task,
    progress: Callable[[Any], Iterable[np.ndarray]] | None = None,
    crop: int | None = None,
    scale: float | None = None,
    normalise: bool | None = None,
    color: bool = False,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Makes a pair of every picture, applies the model and compares with what it should return.

    Where the task is to degrade, the degraded picture takes the place of the original. The noise of a
    picture is seeded by its index in the source and is not clipped. PSNR, SSIM and Q (of the grey
    values, see `metric_q`) are the means over the pictures of each picture's value, on results clipped
    to [0, 1].

    Args:
        model: A model of the zoo.
        source: Pictures, from `training.open_source`.
        task: What is done to them, for instance `GaussianNoise(25)`; `task_of` knows that of a model.
        progress: Function around the iterable of pictures that shows progress.
        crop: Take only the centre `crop`×`crop` px of each picture; as the task says when `None`.
        scale: Factor by which pictures are shrunk first, likewise; see `prepare`.
        normalise: Whether each is divided by its largest value, likewise.
        color: Whether a grey model restores colour pictures, one channel after the other; it is given
            grey ones otherwise.

    Returns:
        `(result, rows)`: a record for the model card, with the pictures under `data`, the task as a
        dictionary under `task`, and the means; and one dictionary a picture.

    Raises:
        InputError: for a task that is not registered, and for pictures that are grey or too small.

    Example:
        model = zoo.load("foe_s.gauss25")
        pictures = training.open_source("photographs")
        result, rows = tasks.evaluate(model, pictures, tasks.task_of(model))
        print(result["psnr"])
    """
    changes = {"crop": crop, "scale": scale, "normalise": normalise}
    task = task.prepared(**{key: value for key, value in changes.items() if value is not None})
    preparation, record = task.preparation, task.to_dict()
    crop = preparation.crop
    # A wrapper of its own, since compiling changes a model; compiled programs take half the time.
    compiled = keras.Model(model.inputs, model.outputs)
    compiled.compile()
    rows = []
    for index, picture in enumerate((progress or iter)(source)):
        grey = model.output_shape[-1] == 1 and not color
        if not grey and picture.ndim == 2:
            raise InputError(f"Pictures must be in colour here. Received: a grey one, number {index}.")
        clean = to_unit_range(luma(picture) if grey else picture[..., :3])
        clean = prepare(clean, scale=preparation.scale)
        if crop is not None and min(clean.shape[:2]) < crop:
            raise InputError(
                f"Every picture must have at least {crop}×{crop} pixels for this crop. "
                f"Received: {clean.shape[0]}×{clean.shape[1]} for picture {index}."
            )
        clean = prepare(clean, crop, normalise=preparation.normalise)
        if min(clean.shape[:2]) < 11:
            raise InputError(
                "SSIM needs pictures of at least 11×11 pixels. "
                f"Received: {clean.shape[0]}×{clean.shape[1]} for picture {index}."
            )
        mask = task.mask(clean, index)
        given, clean = task.pair(clean, index)
        restored = task.solution(compiled, given, mask)
        noisy = task.shown(given)
        as_images = [np.reshape(x, (1, *clean.shape[:2], -1)) for x in (clean, noisy, restored)]
        rows.append(
            {
                "picture": index,
                "input_psnr": float(psnr(as_images[0], as_images[1])[0]),
                "psnr": float(psnr(as_images[0], as_images[2])[0]),
                "ssim": float(ssim(as_images[0], as_images[2])[0]),
                "input_q": _q(noisy),
                "q": _q(restored),
            }
        )
    means = {
        key: round(float(np.mean([row[key] for row in rows])), 4)
        for key in ("input_psnr", "psnr", "ssim", "input_q", "q")
    }
    result = {
        "data": {**source.record, **({"color": True} if color else {}), **preparation.to_dict()},
        "pictures": len(rows),
        "task": {key: value for key, value in record.items() if key != "preparation"},
        **means,
    }
    return result, rows


def _q(picture: np.ndarray) -> float:
    return metric_q(np.clip(luma(picture), 0.0, 1.0))
