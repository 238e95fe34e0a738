"""Trains a surrogate of an equation on windows of target sequences, unrolled in time (BLADE, 2.3)."""

import dataclasses

import numpy as np
import tensorflow as tf

from ..errors import InputError
from ..pde import trajectory
from ..pde.backend import keras, ops
from .degradations import Degradation
from .flow_targets import FlowTargets, TargetCache
from .least_squares import fit_by_least_squares
from .metrics import psnr

_STATES = 100
"""So many pictures set the thresholds and the start of the filters."""


@dataclasses.dataclass(frozen=True)
class FlowTask(Degradation):
    """An equation as a task: from a coarse picture to the solution at a stopping time.

    Attributes:
        targets: The `FlowTargets`.
        steps: Steps of the model until the stopping time, each from one frame to the next.
        cache: Folder of target sequences; nothing is kept when `None`.
    """

    targets: FlowTargets
    steps: int
    cache: object = None

    def __post_init__(self):
        if not 1 <= self.steps <= self.targets.frames:
            raise InputError(
                f"The targets of this surrogate have {self.targets.frames} frames, so `steps` must be "
                f"from 1 to that. Received: steps={self.steps}."
            )

    def __str__(self):
        time = self.steps * self.targets.time_step
        return f"{self.targets.flow}, T = {time:g} in {self.steps} steps"

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        parameters = ", ".join(f"{key} = {value:g}" for key, value in self.targets.parameters.items())
        time = f"T = {self.steps * self.targets.time_step:g} in {self.steps} steps"
        return f"Solves {self.targets.equation.title} up to {time} ({parameters})"

    def sequence(self, picture):
        """The coarse frames of a picture, see `FlowTargets.sequence`."""
        source = self.targets if self.cache is None else TargetCache(self.cache, self.targets)
        return source.sequence(picture)

    def pair(self, clean, seed):
        """The coarse picture, and the solution."""
        frames = self.sequence(clean)
        return frames[0], frames[self.steps]


class Sequences:
    """Target sequences of the pictures of a source, in memory, by their size.

    Args:
        task: A `FlowTask`.
        source: Pictures, from `open_source`.
        progress: Function around an iterable that shows progress.
    """

    def __init__(self, task, source, progress=iter):
        groups = {}
        for picture in progress(source):
            frames = task.sequence(picture)
            # Upright pictures are turned over, which the equations allow: there are fewer sizes.
            frames = frames if frames.shape[1] <= frames.shape[2] else frames.transpose(0, 2, 1)
            groups.setdefault(frames.shape, []).append(frames)
        self.groups = [np.stack(group) for group in groups.values()]

    def windows(self, length, starts, batch, seed, skip=0):
        """Windows of `length` + 1 frames as pairs (first frame, later frames), in batches, without end.

        Batch number k of a run is drawn from (seed, k), so a training that resumes sees what it would
        have seen.

        Args:
            length: Frames after the first.
            starts: Where windows may start; one that is named twice is drawn twice as often.
            batch: Windows in a batch, all of one size.
            seed: An integer.
            skip: Number of batches to leave out at the start.
        """
        counts = np.array([len(group) for group in self.groups])

        def pairs():
            number = skip
            while True:
                rng = np.random.default_rng([seed, number])
                group = self.groups[rng.choice(len(counts), p=counts / counts.sum())]
                chosen = rng.integers(len(group), size=batch)
                begins = rng.choice(starts, size=batch)
                frames = np.stack(
                    [group[i, k : k + length + 1] for i, k in zip(chosen, begins, strict=True)]
                )[..., None]
                yield frames[:, 0], frames[:, 1:]
                number += 1

        frame = tf.TensorSpec((batch, None, None, 1), tf.float32)
        later = tf.TensorSpec((batch, length, None, None, 1), tf.float32)
        return tf.data.Dataset.from_generator(pairs, output_signature=(frame, later)).prefetch(4)

    def first_windows(self, length):
        """For each picture the window that starts at its first frame, a data set of batches of one."""

        def pairs():
            for group in self.groups:
                for frames in group:
                    yield frames[:1, ..., None], frames[None, 1 : length + 1, ..., None]

        frame = tf.TensorSpec((1, None, None, 1), tf.float32)
        later = tf.TensorSpec((1, length, None, None, 1), tf.float32)
        dataset = tf.data.Dataset.from_generator(pairs, output_signature=(frame, later))
        count = sum(len(group) for group in self.groups)
        return dataset.apply(tf.data.experimental.assert_cardinality(count)).cache()

    def states_and_rates(self, time_step, seed):
        """States of some pictures and how fast they change: a pair of arrays of one size."""
        group = max(self.groups, key=len)
        rng = np.random.default_rng([seed, 2])
        chosen = rng.permutation(len(group))[:_STATES]
        moments = np.resize([0, 0, 3, 9, 19], len(chosen)) % (group.shape[1] - 1)
        states = np.stack([group[i, k] for i, k in zip(chosen, moments, strict=True)])
        after = np.stack([group[i, k + 1] for i, k in zip(chosen, moments, strict=True)])
        return states[..., None], ((after - states) / time_step)[..., None]


class Trajectory(keras.layers.Layer):
    """The states of all steps of an `Evolution`, `(batch, steps, height, width, channels)`."""

    def __init__(self, evolution, **kwargs):
        super().__init__(**kwargs)
        self.evolution = evolution

    def call(self, inputs):
        states = trajectory(self.evolution.step, inputs, self.evolution.steps)
        return ops.moveaxis(states, 0, 1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.evolution.steps, *input_shape[1:])


def final_psnr(frames, states):
    """PSNR of the last frame."""
    return psnr(frames[:, -1], states[:, -1])


def unrolled(model):
    """A model that shares its weights with a surrogate and returns the states of all of its steps."""
    image = keras.Input(model.input_shape[1:])
    return keras.Model(image, Trajectory(model.get_layer("evolution"))(image))


def start_from_data(model, sequences, time_step, seed):
    """Sets the thresholds of the features and the filters of a new surrogate, without training.

    Thresholds are quantiles of the pictures, filters fit the rate of change by least squares: a usable
    model in seconds.

    Returns:
        The relative error of the fit, see `fit_by_least_squares`.
    """
    rate = model.get_layer("evolution").step.rate
    states, rates = sequences.states_and_rates(time_step, seed)
    rate.adapt(states)
    return fit_by_least_squares(rate, states, rates)
