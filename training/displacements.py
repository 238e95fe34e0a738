"""Displaced copies of photographs: what BLADE resampling is trained and measured on (Fig. 20)."""

import dataclasses
import itertools

import numpy as np
import tensorflow as tf
from scipy import ndimage

from ..errors import InputError
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..zoo.resampling import warp
from .degradations import Degradation

_SMOOTHNESS, _SPEED = 10.0, 2.0
"""Standard deviation in px of the Gaussian that smooths a random flow, and of the flow itself."""


@dataclasses.dataclass(frozen=True)
class Displacement(Degradation):
    """A photograph seen by a coarse camera, u(m) = (φ ∗ U)(m), which then moves (eqs. 5.1, 5.2).

    The picture as it is stands for U. It is blurred, and read at the pixels of the coarse grid, where
    they are and where they are displaced to: between its own pixels by cubic splines.

    Attributes:
        blur: Standard deviation of the Gaussian φ in coarse px.
        factor: Side of a coarse pixel in pixels of the picture.
        times: How often in a row it moves.
        smooth: Whether it moves by smooth random flows of about 2 px, or by shifts of up to half a
            pixel.
    """

    blur: float = 0.5
    factor: int = 4
    times: int = 1
    smooth: bool = False

    def __str__(self):
        motion = "smooth random flow" if self.smooth else "shift of up to half a pixel"
        return motion if self.times == 1 else f"{motion}, {self.times} times in a row"

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        return "Resamples pictures at displaced positions"

    def motions(self, sides, seed):
        """The displacement fields of a picture, float64 `(times, height, width, 2)`."""
        rng = np.random.default_rng([*np.atleast_1d(seed), 3])
        if not self.smooth:
            shifts = rng.uniform(-0.5, 0.5, (self.times, 1, 1, 2))
            return np.broadcast_to(shifts, (self.times, *sides, 2))
        noise = rng.standard_normal((self.times, *sides, 2))
        flow = ndimage.gaussian_filter(noise, (0, _SMOOTHNESS, _SMOOTHNESS, 0))
        return _SPEED * flow / flow.std()

    def pair(self, clean, seed):
        """What is seen with the motions as further channels, and what is seen after them."""
        if clean.ndim != 2 or min(clean.shape) < 16 * self.factor:
            raise InputError(
                f"A picture to displace must be grey and at least {16 * self.factor}² pixels large. "
                f"Received: shape={clean.shape}."
            )
        scene = Scene(clean, self.blur, self.factor)
        motions = self.motions(scene.sides, seed)
        total = motions[-1]
        for motion in motions[-2::-1]:
            total = total + composed(motion, total)
        seen, moved = scene.at(np.zeros_like(total)), scene.at(total)
        given = np.concatenate([seen[..., None], *motions], axis=-1)
        return given.astype(np.float32), moved.astype(np.float32)

    def solution(self, model, given, mask=None):
        """What resampling with a model, or by a method of `warp`, makes of it."""
        picture = given[..., 0]
        for k in range(self.times):
            picture = warp(picture, given[..., 1 + 2 * k : 3 + 2 * k], model)
        return picture

    def shown(self, given):
        """Bicubic resampling, to compare with."""
        return self.solution("bicubic", given)


class Scene:
    """A blurred picture that can be read at any position of a coarse grid.

    Args:
        picture: Array `(height, width)`.
        blur: Standard deviation of the Gaussian in coarse px.
        factor: Side of a coarse pixel.
    """

    def __init__(self, picture, blur, factor):
        blurred = ndimage.gaussian_filter(picture.astype(np.float64), blur * factor, mode="reflect")
        self._spline = ndimage.spline_filter(blurred, 3, mode="mirror")
        self._factor = factor
        self.sides = tuple(side // factor for side in picture.shape)

    def at(self, displacement):
        """The picture at displaced positions, those beyond the border pixels moved onto them."""
        rows, columns = np.indices(self.sides)
        moved = rows + displacement[..., 1], columns + displacement[..., 0]
        places = [np.clip(m, 0, side - 1) for m, side in zip(moved, self.sides, strict=True)]
        # Pixel n of the coarse grid has its centre in the middle of the fine ones that it covers.
        fine = [self._factor * place + (self._factor - 1) / 2 for place in places]
        return ndimage.map_coordinates(self._spline, fine, order=3, mode="mirror", prefilter=False)


def composed(field, displacement):
    """A field read at displaced positions, `(height, width, 2)`."""
    rows, columns = np.indices(field.shape[:2])
    places = rows + displacement[..., 1], columns + displacement[..., 0]
    parts = [ndimage.map_coordinates(field[..., k], places, order=3, mode="nearest") for k in range(2)]
    return np.stack(parts, axis=-1)


class Displaced:
    """Displaced copies of the pictures of a source, in memory, by their size.

    Args:
        task: A `Displacement` with one motion.
        source: Pictures, from `open_source`.
        copies: Copies of each picture.
        seed: An integer.
    """

    def __init__(self, task, source, copies, seed):
        groups = {}
        for number, picture in enumerate(source):
            grey = to_unit_range(luma(picture))
            for copy in range(copies):
                given, moved = task.pair(grey, [seed, number, copy])
                groups.setdefault(given.shape, []).append((given, moved[..., None]))
        self.groups = [tuple(map(np.stack, zip(*group, strict=True))) for group in groups.values()]

    def batches(self, batch, seed, skip=0):
        """Pairs (picture with motion, moved picture) in batches of one size, without end.

        Batch number k of a run is drawn from (seed, k), so a training that resumes sees what it would
        have seen.
        """
        counts = np.array([len(given) for given, _ in self.groups])

        def pairs():
            number = skip
            while True:
                rng = np.random.default_rng([seed, number])
                given, moved = self.groups[rng.choice(len(counts), p=counts / counts.sum())]
                chosen = rng.integers(len(given), size=batch)
                yield given[chosen], moved[chosen]
                number += 1

        return self._dataset(pairs, batch).prefetch(4)

    def one_by_one(self):
        """All of them, a data set of batches of one."""

        def pairs():
            for given, moved in self.groups:
                for k in range(len(given)):
                    yield given[k : k + 1], moved[k : k + 1]

        count = sum(len(given) for given, _ in self.groups)
        dataset = self._dataset(pairs, 1).apply(tf.data.experimental.assert_cardinality(count))
        return dataset.cache()

    @staticmethod
    def _dataset(pairs, batch):
        specs = [tf.TensorSpec((batch, None, None, n), tf.float32) for n in (3, 1)]
        return tf.data.Dataset.from_generator(pairs, output_signature=tuple(specs))


def start_from_copies(layer, displaced, ridge=1e-4):
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
