"""The tf.data pipeline: random crops, turned and mirrored, with fresh noise each time."""

from typing import Any

import numpy as np
import tensorflow as tf

from ..errors import InputError
from ..images.preparation import DARKEST, prepare
from ..tasks import Task
from ..zoo.deprecated import formerly

_CACHE_LIMIT = 2 << 30
"""Pictures that need at most this many bytes are decoded once and kept in memory."""


@formerly("training_pairs(source, task, …)", names={"degradation": "task"})
def training_pairs(
    source: Any,
    task: Task,
    channels: int,
    patch: int,
    batch: int,
    seed: int,
    skip: int = 0,
    scale: float | None = None,
    normalise: bool | None = None,
) -> tf.data.Dataset:
    """Pairs (degraded, clean) of patches, in batches, without end.

    Patch number k of a run is the same whatever happened before: its crop, its symmetry and its
    noise are drawn from (seed, k). So a training that resumes after `skip` patches sees what it
    would have seen.

    Args:
        source: A source of pictures, see `open_source`.
        task: What is done to a patch, for instance `tasks.GaussianNoise(25)`.
        channels: 1 for grey, 3 for colour.
        patch: Side of a patch in px.
        batch: Patches in a batch.
        seed: An integer.
        skip: Number of patches to leave out at the start.
        scale: Factor by which pictures are shrunk first; as the task says when `None`.
        normalise: Whether each patch is divided by its largest value, likewise.

    Returns:
        `tf.data.Dataset` of float32 tensors: what is given `(batch, patch, patch, channels)`, with more
        channels if the task tells something, and what is clean, in [0, 1]. A third one, if the task
        has it, is the weight of each pair.

    Raises:
        InputError: if no picture is large enough for a patch.

    Example:
        >>> from imagepde import tasks, training
        >>> disks = training.open_source("synthetic:disks", first=2)
        >>> task = tasks.GaussianNoise(25)
        >>> pairs = training_pairs(disks, task, channels=1, patch=16, batch=4, seed=0)
        >>> [tuple(part.shape) for part in next(iter(pairs))]
        [(4, 16, 16, 1), (4, 16, 16, 1)]
    """
    scale, normalise = _preparation(task, scale, normalise)
    pictures = _shrunk(source.dataset(channels), scale).filter(
        lambda picture: tf.reduce_min(tf.shape(picture)[:2]) >= patch
    )
    first = next(iter(pictures.take(1)), None)
    if first is None:
        raise InputError(
            f"No picture of {source.name!r} is at least {patch}×{patch} pixels; choose a smaller "
            "patch or larger pictures."
        )
    white = _white(pictures)
    if len(source) * int(tf.size(first)) * first.dtype.size <= _CACHE_LIMIT:
        pictures = pictures.cache()

    def degraded_pair(number, picture):
        seeds = tf.random.split([seed, number], num=3)
        clean = tf.image.stateless_random_crop(picture, (patch, patch, channels), seeds[0])
        clean = tf.cast(clean, tf.float32) / white
        if normalise:
            clean = clean / tf.maximum(tf.reduce_max(clean), DARKEST)
        symmetry = tf.random.stateless_uniform((), seeds[1], 0, 8, tf.int32)
        clean = tf.image.rot90(clean, symmetry % 4)
        clean = tf.cond(symmetry < 4, lambda: clean, lambda: tf.reverse(clean, [1]))
        return task.pair_tensor(clean, seeds[2])

    return (
        pictures.shuffle(min(len(source), 1000), seed=seed, reshuffle_each_iteration=True)
        .repeat()
        .enumerate()
        .skip(skip)
        .map(degraded_pair, num_parallel_calls=tf.data.AUTOTUNE)
        .batch(batch, drop_remainder=True)
        .prefetch(4)
    )


@formerly("validation_pairs(source, task, …)", names={"degradation": "task"})
def validation_pairs(
    source: Any,
    task: Task,
    channels: int,
    size: int | None,
    scale: float | None = None,
    normalise: bool | None = None,
) -> tf.data.Dataset:
    """The centre of each picture, at most `size`×`size`, with noise seeded by its number.

    `scale` and `normalise` are as for `training_pairs`.

    Args:
        source: A source of pictures, see `open_source`.
        task: What is done to a picture, for instance `tasks.GaussianNoise(25)`.
        channels: 1 for grey, 3 for colour.
        size: Height and width of the centre at most, in px; all of a picture when `None`.
        scale: Factor by which pictures are shrunk first; as the task says when `None`.
        normalise: Whether each picture is divided by its largest value, likewise.

    Returns:
        `tf.data.Dataset` of pairs of float32 tensors `(1, height, width, channels)` in [0, 1]: what is
        given, with more channels if the task tells something, and what is clean.

    Example:
        >>> from imagepde import tasks, training
        >>> disks = training.open_source("synthetic:disks", first=2)
        >>> pairs = validation_pairs(disks, tasks.GaussianNoise(25), channels=1, size=32)
        >>> [tuple(part.shape) for part in next(iter(pairs))]
        [(1, 32, 32, 1), (1, 32, 32, 1)]
    """

    scale, normalise = _preparation(task, scale, normalise)

    def pairs():
        pictures = _shrunk(source.dataset(channels), scale)
        white = _white(pictures)
        for number, picture in enumerate(pictures.as_numpy_iterator()):
            clean = prepare(picture.astype("float32") / white, size, normalise=normalise)
            yield task.pair(clean, number)

    # A task may give more channels than a picture has.
    given = next((given.shape[-1] for given, _ in pairs()), channels)
    specs = tuple(tf.TensorSpec((None, None, count), tf.float32) for count in (given, channels))
    dataset = tf.data.Dataset.from_generator(pairs, output_signature=specs)
    return dataset.apply(tf.data.experimental.assert_cardinality(len(source))).batch(1).cache()


def _preparation(task: Task, scale: float | None, normalise: bool | None) -> tuple[float, bool]:
    own = task.preparation
    return own.scale if scale is None else scale, own.normalise if normalise is None else normalise


def _white(pictures: tf.data.Dataset) -> float:
    """The value of white: pictures are uint16, or float32 in [0, 1]."""
    return 65535.0 if pictures.element_spec.dtype == tf.uint16 else 1.0


def _shrunk(pictures: tf.data.Dataset, scale: float) -> tf.data.Dataset:
    if scale == 1.0:
        return pictures

    def shrink(picture):
        shrunk = prepare(picture.astype(np.float64), scale=scale)
        return (shrunk if picture.dtype.kind == "f" else np.rint(shrunk)).astype(picture.dtype)

    def map_one(picture):
        shrunk = tf.numpy_function(shrink, [picture], picture.dtype, stateful=False)
        return tf.ensure_shape(shrunk, (None, None, picture.shape[-1]))

    return pictures.map(map_one, num_parallel_calls=tf.data.AUTOTUNE)
