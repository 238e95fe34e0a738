"""Displaced copies of photographs in memory, and the start of resampling from them in closed form."""

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from ..images.arrays import to_unit_range
from ..images.color import luma
from ..tasks import Displacement
from .batches import drawn_batches, one_by_one

_SPECS = tuple((None, None, channels) for channels in (3, 1))


class Displaced:
    """Displaced copies of the pictures of a source, in memory, by their size.

    Args:
        task: A `Displacement` with one motion.
        source: Pictures, from `open_source`.
        copies: Copies of each picture.
        seed: An integer.
    """

    def __init__(
        self, task: Displacement, source: Iterable[np.ndarray], copies: int, seed: int
    ) -> None:
        groups: dict[tuple[int, ...], list[Any]] = {}
        for number, picture in enumerate(source):
            grey = to_unit_range(luma(picture))
            for copy in range(copies):
                given, moved = task.pair(grey, [seed, number, copy])
                groups.setdefault(given.shape, []).append((given, moved[..., None]))
        self.groups = [tuple(map(np.stack, zip(*group, strict=True))) for group in groups.values()]

    def batches(self, batch: int, seed: int, skip: int = 0) -> tf.data.Dataset:
        """Pairs (picture with motion, moved picture) in batches of one size, without end.

        See `drawn_batches` for the arguments.
        """

        def take(group, chosen, _):
            given, moved = self.groups[group]
            return given[chosen], moved[chosen]

        counts = [len(given) for given, _ in self.groups]
        return drawn_batches(counts, take, _SPECS, batch, seed, skip)

    def one_by_one(self) -> tf.data.Dataset:
        """All of them, a data set of batches of one."""
        pairs = [pair for group in self.groups for pair in zip(*group, strict=True)]
        return one_by_one(pairs, _SPECS)


def start_from_copies(layer: Any, displaced: Displaced, ridge: float = 1e-4) -> None:
    """Sets the thresholds and the filters of a new `BladeResampling`, in closed form.

    In each bucket the filters of all banks are the solution of a least-squares problem, as RAISR has
    it (Romano, Isidoro and Milanfar 2017): ũ − u is linear in them.

    Args:
        layer: The layer, built for grey pictures.
        displaced: A `Displaced`.
        ridge: Weight of the norm relative to the mean squared data, which decides in empty buckets.
    """
    layer.adapt([given[..., :1] for given, _ in displaced.groups])
    count, side = layer.selection.count, layer.footprint
    size = len(layer.powers) * side * side
    matrix, right = np.zeros((count, size, size)), np.zeros((count, size))
    for given, moved in displaced.groups:
        for start in range(0, len(given), 16):
            _accumulate(layer, given[start : start + 16], moved[start : start + 16], matrix, right)
    scale = np.maximum(np.trace(matrix, axis1=1, axis2=2) / size, 1e-3)
    matrix += ridge * scale[:, None, None] * np.eye(size)
    filters = np.linalg.solve(matrix, right[..., None])[..., 0]
    filters = filters.reshape(count, len(layer.powers), side * side)
    # The pixel in the middle, of which they saw nothing, takes what they do not sum to zero.
    filters[..., side * side // 2] -= filters.sum(-1)
    layer.filters.assign(np.moveaxis(filters, 1, 0).reshape(layer.filters.shape))


def _accumulate(layer, given, moved, matrix, right):
    """Adds the normal equations of some pictures, bucket by bucket."""
    image, motion = given[..., :1], given[..., 1:].astype(np.float64)
    index = np.asarray(layer.selection(image)).ravel()
    order = np.argsort(index, kind="stable")
    ends = np.searchsorted(index[order], np.arange(len(matrix) + 1))
    radius = layer.footprint // 2
    padded = np.pad(image[..., 0], ((0, 0), (radius, radius), (radius, radius)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (layer.footprint,) * 2, axis=(1, 2))
    # Filters sum to zero: they see differences to the pixel in the middle.
    patches = (windows - image[..., None]).reshape(len(index), -1).astype(np.float64)
    change = (moved - image).ravel().astype(np.float64)
    x, y = motion[..., 0].ravel(), motion[..., 1].ravel()
    powers = np.stack([x**a * y**b for a, b in layer.powers], axis=-1)
    for bucket, (first, last) in enumerate(itertools.pairwise(ends)):
        chosen = order[first:last]
        if not len(chosen):
            continue
        rows = (powers[chosen][:, :, None] * patches[chosen][:, None, :]).reshape(len(chosen), -1)
        matrix[bucket] += rows.T @ rows
        right[bucket] += rows.T @ change[chosen]
