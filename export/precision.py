"""Other arithmetic than float32: what there is, and what it costs on the task of a model."""

from typing import Any

import numpy as np

from ..errors import InputError
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..images.preparation import prepare
from ..images.samples import read_sample
from ..layers.selected_filters import SelectedFilters
from ..tasks import FlowTask, GaussianNoise, Observed, Task, UnknownPixels, psnr, task_of
from ..zoo import traits
from ..zoo.method import method_of
from ..zoo.zoo_model import card_of
from .agreement import plain

PRECISIONS = ("float32", "float16", "dynamic_int8", "int8")
"""How weights are stored and what is computed with.

- `"float32"`: as the model has it.
- `"float16"`: weights are stored in float16, all arithmetic is in float32.
- `"dynamic_int8"`: weights are stored in int8; convolutions are computed with them, on activations
  that are brought to int8 by the range they have at run time.
- `"int8"`: convolutions are computed in int8, by ranges of the activations that were found on
  calibration images.
"""

_MEASURED = ("camera", "coffee", "rocket", "astronaut")
_CALIBRATED = ("chelsea", "coins", "moon", "stereo_motorcycle")
_SIDE, _SIDE_OF_SLOW = 192, 64
"""Sides of these photographs, the smaller one where a solution takes hundreds of steps."""


def measured_on(model: Any, degradation: Task | None = None) -> Task | None:
    """The task on which the loss of a model is measured; `None` for one that decides.

    Args:
        model: A `keras.Model`.
        degradation: A task, for a model without a card.

    Raises:
        InputError: if it cannot be known.
    """
    if degradation is not None:
        return degradation
    if traits(model).gives == "region":
        return None
    task = task_of(model)
    if task is not None:
        return task
    if card_of(model) is not None:
        # Classical filters that do not restore; the cards of others are measured on this noise.
        return GaussianNoise(15)
    raise InputError(
        "What a precision other than float32 costs is measured on the task of the model, and this one "
        "has no card: give `degradation`, for instance `tasks.GaussianNoise(25)`."
    )


def task_pairs(model, names, size=None, degradation=None):
    """What the model is given and should return, on photographs that come with scikit-image.

    Args:
        model: A `keras.Model`.
        names: Names in `skimage.data`.
        size: Height and width of what the model is given; large enough ones if `None`.
        degradation: See `measured_on`.

    Yields:
        `(given, clean, mask)`, as NumPy pictures.
    """
    task = measured_on(model, degradation)
    side = task.preparation.crop or (
        _SIDE_OF_SLOW if isinstance(task, FlowTask | Observed | UnknownPixels) else _SIDE
    )
    own = model.input_shape[1:3]
    sides = size or (own if None not in own else (side, side))
    factor = traits(model).magnification
    sides = [int(n * factor) for n in sides]
    colour = model.output_shape[-1] > 1
    for seed, picture in enumerate(map(read_sample, names)):
        clean = to_unit_range(picture[..., :3] if colour and picture.ndim == 3 else luma(picture))
        if colour and clean.ndim == 2:
            clean = np.repeat(clean[..., None], 3, -1)
        clean = prepare(clean, scale=task.preparation.scale)
        clean = _of_size(clean, sides)
        clean = prepare(clean, normalise=task.preparation.normalise)
        mask = task.mask(clean, seed)
        yield (*task.pair(clean, seed), mask)


def _of_size(picture, sides):
    """The centre of a picture, continued by mirrors where it is too small."""
    short = [max(0, n - m) for n, m in zip(sides, picture.shape, strict=False)]
    margins = [(n // 2, n - n // 2) for n in short] + [(0, 0)] * (picture.ndim - 2)
    picture = np.pad(picture, margins, mode="symmetric")
    top, left = ((m - n) // 2 for n, m in zip(sides, picture.shape, strict=False))
    return picture[top : top + sides[0], left : left + sides[1]]


class Loss:
    """How much worse a file is than its model, on what the model is for.

    The task is that of the card: the noise it was trained for, the equation that it solves. Photographs
    are four that come with scikit-image, by which no model was trained and no file calibrated.

    Args:
        model: A `keras.Model`.
        size: Height and width, if the file is for one size alone.
        degradation: A task, for a model without a card.

    Attributes:
        task: The task in words; `None` for a model that decides, of which no loss is known.
        psnr: The mean PSNR of the model, in dB.
    """

    def __init__(self, model, size=None, degradation=None):
        self._model, self._task = model, measured_on(model, degradation)
        self.task = None if self._task is None else str(self._task)
        if self.task is not None:
            names = _MEASURED[:2] if isinstance(self._task, FlowTask) else _MEASURED
            self._pairs = list(task_pairs(model, names, size, degradation))
            self.psnr = self._psnr(lambda images: plain(model, images))

    def of(self, run):
        """How many dB are lost by a function that applies the file to an array of images."""
        return self.psnr - self._psnr(run)

    def _psnr(self, run):
        method, values = method_of(self._model).applied_by(run), []
        for given, clean, mask in self._pairs:
            shape = (1, *clean.shape[:2], -1)
            restored = self._task.solution(method, given, mask)
            values.append(float(psnr(clean.reshape(shape), restored.reshape(shape))[0]))
        return float(np.mean(values))


def calibration_images(model, size=None, degradation=None):
    """What a model is given on its task, on photographs other than those of `Loss`.

    Args:
        model: A `keras.Model` without masks and displacements.
        size: Height and width.
        degradation: See `Loss`.

    Returns:
        List of arrays `(1, height, width, channels)`.
    """
    channels = model.input_shape[-1]
    pairs = task_pairs(model, _CALIBRATED, size, degradation)
    return [np.asarray(given, np.float32).reshape(1, *given.shape[:2], channels) for given, *_ in pairs]


def check_precision(model, precision, calibration=None):
    """Refuses a precision that a model cannot have.

    Raises:
        InputError: with the reason.
    """
    if precision not in PRECISIONS:
        raise InputError(
            f"`precision` must be one of {', '.join(PRECISIONS)}. Received: {precision!r}."
        )
    if calibration is not None and precision != "int8":
        raise InputError(f"`calibration` goes with precision='int8'. Received: {precision!r}.")
    if precision != "int8":
        return
    if calibration is not None and len(calibration) == 0:
        raise InputError("`calibration` needs images. Received: none.")
    if any(isinstance(part, SelectedFilters) for part in _parts(model)):
        raise InputError(
            "precision='int8' is for convolutional models: what selects a filter must stay in float32. "
            "Take 'float16'."
        )
    if traits(model).takes != "picture" or traits(model).gives != "picture":
        raise InputError(
            "precision='int8' is for models from a picture to a picture; take another one."
        )


def _parts(model):
    """All layers of a model, those within others too."""
    return model._flatten_layers(include_self=False)
