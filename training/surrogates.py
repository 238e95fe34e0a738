"""Trains a surrogate of an equation on windows of target sequences, unrolled in time (BLADE, 2.3)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from ..layers import EnergyStep, StableBlade
from ..pde import trajectory
from ..pde.backend import keras, ops
from ..tasks import FlowTask
from .batches import drawn_batches, one_by_one
from .least_squares import fit_by_least_squares

_STATES = 100
"""So many pictures set the thresholds and the start of the filters."""


class Sequences:
    """Target sequences of the pictures of a source, in memory, by their size.

    Args:
        task: A `FlowTask`.
        source: Pictures, from `open_source`.
        progress: Function around an iterable that shows progress.
    """

    def __init__(
        self,
        task: FlowTask,
        source: Iterable[np.ndarray],
        progress: Callable[[Any], Iterable[np.ndarray]] = iter,
    ) -> None:
        groups: dict[tuple[int, ...], list[np.ndarray]] = {}
        for picture in progress(source):
            frames = task.sequence(picture)
            # Upright pictures are turned over, which the equations allow: there are fewer sizes.
            frames = frames if frames.shape[1] <= frames.shape[2] else frames.transpose(0, 2, 1)
            groups.setdefault(frames.shape, []).append(frames)
        self.groups = [np.stack(group) for group in groups.values()]

    def windows(
        self, length: int, starts: Sequence[int], batch: int, seed: int, skip: int = 0
    ) -> tf.data.Dataset:
        """Windows of `length` + 1 frames as pairs (first frame, later frames), in batches, without end.

        Args:
            length: Frames after the first.
            starts: Where windows may start; one that is named twice is drawn twice as often.
            batch: Windows in a batch, all of one size.
            seed: An integer; see `drawn_batches` for it and `skip`.
            skip: Number of batches to leave out at the start.
        """

        def take(number, chosen, rng):
            group, begins = self.groups[number], rng.choice(starts, size=batch)
            windows = [group[i, k : k + length + 1] for i, k in zip(chosen, begins, strict=True)]
            frames = np.stack(windows)[..., None]
            return frames[:, 0], frames[:, 1:]

        counts = [len(group) for group in self.groups]
        return drawn_batches(counts, take, _shapes(length), batch, seed, skip)

    def first_windows(self, length: int) -> tf.data.Dataset:
        """For each picture the window that starts at its first frame, a data set of batches of one."""
        sequences = [frames[..., None] for group in self.groups for frames in group]
        pairs = [(frames[0], frames[1 : length + 1]) for frames in sequences]
        return one_by_one(pairs, _shapes(length))

    def states_and_rates(self, time_step: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """States of some pictures and how fast they change: a pair of arrays of one size."""
        group = max(self.groups, key=len)
        rng = np.random.default_rng([seed, 2])
        chosen = rng.permutation(len(group))[:_STATES]
        moments = np.resize([0, 0, 3, 9, 19], len(chosen)) % (group.shape[1] - 1)
        states = np.stack([group[i, k] for i, k in zip(chosen, moments, strict=True)])
        after = np.stack([group[i, k + 1] for i, k in zip(chosen, moments, strict=True)])
        return states[..., None], ((after - states) / time_step)[..., None]


def _shapes(length: int) -> tuple[tuple[int | None, ...], ...]:
    """Shapes of a frame and of so many later ones."""
    return (None, None, 1), (length, None, None, 1)


class Trajectory(keras.layers.Layer):
    """The states of so many steps of an `Evolution`, `(batch, steps, height, width, channels)`."""

    def __init__(self, evolution: Any, steps: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.evolution, self.steps = evolution, steps

    def call(self, inputs: Any) -> Any:
        return ops.moveaxis(trajectory(self.evolution.step, inputs, self.steps), 0, 1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.steps, *input_shape[1:])


def of_last_frame(metric: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A metric of images as one of sequences: that of their last frames."""
    return lambda frames, states: metric(frames[:, -1], states[:, -1])


def unrolled(model: Any, steps: int) -> Any:
    """A model that shares its weights with a surrogate and returns the states of so many steps."""
    image = keras.Input(model.input_shape[1:])
    return keras.Model(image, Trajectory(model.get_layer("evolution"), steps)(image))


def start_from_data(model: Any, sequences: Sequences, time_step: float, seed: int) -> float:
    """Sets the thresholds of the features and the filters of a new surrogate, without training.

    Thresholds are quantiles of the pictures, filters fit the rate of change by least squares: a usable
    model in seconds. Of a `StableBlade` only the thresholds are set, of an
    `EnergyStep` nothing, which starts as the classical scheme.

    Returns:
        The relative error of the fit, see `fit_by_least_squares`; 1 where nothing is fitted.
    """
    step = model.get_layer("evolution").step
    if isinstance(step, EnergyStep):
        return 1.0
    rate = step.rate
    states, rates = sequences.states_and_rates(time_step, seed)
    rate.adapt(states)
    return 1.0 if isinstance(rate, StableBlade) else fit_by_least_squares(rate, states, rates)
