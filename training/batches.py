"""Batches drawn from pictures in memory, which are grouped by their size."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf


def drawn_batches(
    counts: Sequence[int],
    take: Callable[[int, np.ndarray, np.random.Generator], tuple[np.ndarray, ...]],
    shapes: Sequence[tuple[int | None, ...]],
    batch: int,
    seed: int,
    skip: int = 0,
) -> tf.data.Dataset:
    """Batches without end, each of members of one group.

    Batch number k of a run is drawn from (seed, k), so a training that resumes sees what it would have
    seen.

    Args:
        counts: Members of each group; a group is drawn as often as it has members.
        take: Function of the number of a group, of the numbers of its members and of the generator of
            the batch, that returns float32 arrays.
        shapes: The shape of each array, without the axis of the batch.
        batch: Members in a batch.
        seed: An integer.
        skip: Number of batches to leave out at the start.
    """
    numbers = np.array(counts)

    def batches():
        for number in itertools.count(skip):
            rng = np.random.default_rng([seed, number])
            group = rng.choice(len(numbers), p=numbers / numbers.sum())
            yield take(group, rng.integers(numbers[group], size=batch), rng)

    return _dataset(batches, shapes, batch).prefetch(4)


def one_by_one(
    members: Sequence[tuple[np.ndarray, ...]], shapes: Sequence[tuple[int | None, ...]]
) -> tf.data.Dataset:
    """All members in their order, in batches of one, kept in memory.

    Args:
        members: Tuples of float32 arrays.
        shapes: The shape of each array.
    """

    def batches():
        for arrays in members:
            yield tuple(array[None] for array in arrays)

    count = tf.data.experimental.assert_cardinality(len(members))
    return _dataset(batches, shapes, 1).apply(count).cache()


def _dataset(batches: Callable[[], Any], shapes: Sequence[Any], batch: int) -> tf.data.Dataset:
    specs = tuple(tf.TensorSpec((batch, *shape), tf.float32) for shape in shapes)
    return tf.data.Dataset.from_generator(batches, output_signature=specs)
