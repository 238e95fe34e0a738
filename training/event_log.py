"""The log of a training for TensorBoard: numbers, a picture before and after, and learned filters."""

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ..errors import InputError
from ..pde.backend import keras
from .callbacks import averaged

_LARGEST = 15
"""Largest side of what counts as a filter, in px."""

_MOST = 64
"""So many filters of a layer are shown at most."""

_ENLARGED = 8
"""Side of a pixel of a filter in the picture, in px."""


def check_tensorboard() -> None:
    """Refuses to log without the package.

    Raises:
        InputError: naming the extra to be installed.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise InputError(
            "A log for TensorBoard needs an extra: pip install 'imagepde[tensorboard]' first."
        )


class LogForTensorBoard(keras.callbacks.Callback):
    """Writes loss and metrics after each epoch, and pictures of what the model does and has learned.

    Args:
        folder: Where TensorBoard finds them.
        model: The model that is trained; the one that is fitted may be another around it.
        validation: Batches of pairs; the first one is shown, given, restored and wanted.
    """

    def __init__(self, folder: Path, model: Any, validation: tf.data.Dataset | None) -> None:
        super().__init__()
        self.folder, self.trained = folder, model
        self._pair = None if validation is None else next(iter(validation), None)

    def on_train_begin(self, logs: Any = None) -> None:
        self._writer = tf.summary.create_file_writer(str(self.folder))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        with self._writer.as_default(step=epoch + 1):
            for name, value in logs.items():
                tf.summary.scalar(name, float(value))
            with averaged(self.model):
                for name, picture in self._pictures():
                    tf.summary.image(name, picture[None])
        self._writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        self._writer.close()

    def _pictures(self):
        if self._pair is not None:
            given, wanted = (np.asarray(part)[0] for part in self._pair[:2])
            restored = np.asarray(self.model.predict_on_batch(given[None]))[0]
            # Of a sequence, the last picture.
            shown = [x[-1] if x.ndim == 4 else x for x in (given, restored, wanted)]
            channels = shown[-1].shape[-1]
            shown = [x[..., :channels] for x in shown if len(x) == len(shown[-1])]
            yield "given, restored, wanted", np.clip(np.concatenate(shown, axis=1), 0, 1)
        for weight in self.trained.trainable_weights:
            filters = filters_in(weight.name, np.asarray(weight))
            if filters is not None:
                yield f"filters/{weight.path}", filters_picture(filters)


def filters_in(name: str, weight: np.ndarray) -> np.ndarray | None:
    """The filters of a weight, `(number, height, width)`; `None` if it holds none.

    Args:
        name: Of the weight: a `"kernel"` is `(height, width, inputs, outputs)` as Keras has it,
            `"filters"` that are chosen by features have their sides last, after the features.
        weight: Array of any shape.

    Example:
        >>> filters_in("kernel", np.zeros((5, 5, 3, 8))).shape
        (24, 5, 5)
    """
    if name == "kernel" and weight.ndim == 4:
        weight = weight.transpose(2, 3, 0, 1)
    elif not name.endswith("filters"):
        return None
    sides = weight.shape[-2:]
    if max(sides) > _LARGEST or min(sides) < 2:
        return None
    return weight.reshape(-1, *sides)


def filters_picture(filters: np.ndarray) -> np.ndarray:
    """Filters beside and below each other, each with a grey scale of its own where zero is grey.

    Args:
        filters: Array `(number, height, width)`.

    Returns:
        Array `(height, width, 1)` in [0, 1].

    Example:
        >>> filters_picture(np.zeros((5, 3, 3))).shape
        (64, 96, 1)
    """
    filters = filters[:_MOST]
    largest = np.abs(filters).max((1, 2), keepdims=True)
    grey = 0.5 + 0.5 * filters / np.where(largest > 0, largest, 1)
    grey = np.pad(grey, ((0, 0), (0, 1), (0, 1)), constant_values=1.0)
    columns = math.isqrt(len(grey) - 1) + 1
    rows = -(-len(grey) // columns)
    grey = np.concatenate([grey, np.ones((rows * columns - len(grey), *grey.shape[1:]))])
    wall = grey.reshape(rows, columns, *grey.shape[1:]).transpose(0, 2, 1, 3)
    wall = wall.reshape(rows * wall.shape[1], columns * wall.shape[3])
    return wall.repeat(_ENLARGED, 0).repeat(_ENLARGED, 1)[..., None].astype(np.float32)
