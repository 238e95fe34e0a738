"""Pictures that are in no file: the disks of DiffNet's deconvolution (section 5.1), and arrays."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np
import tensorflow as tf

SIZE = 64
"""Side of the pictures in px, as in the paper."""


@dataclasses.dataclass(frozen=True)
class Disks:
    """Disks of varying place, radius and contrast on black, 64×64; the same interface as `Folder`.

    A disk has a sharp border: a pixel belongs to it if its centre does. Picture number k is drawn from
    (seed, k) alone.

    Attributes:
        indices: Numbers of the pictures.
        seed: Another one gives other disks.
        name: What results are filed under.
        first: If only so many from the start were taken.
    """

    indices: tuple[int, ...] = tuple(range(1024))
    seed: int = 0
    name: str = "disks"
    first: int | None = None

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def record(self) -> dict[str, Any]:
        """How cards call these pictures."""
        return recorded(self.name, self.first)

    def __iter__(self) -> Iterator[np.ndarray]:
        return map(self._draw, self.indices)

    def _draw(self, number: int) -> np.ndarray:
        rng = np.random.default_rng([self.seed, number])
        radius = rng.uniform(4.0, 20.0)
        y, x = rng.uniform(radius + 2, SIZE - radius - 2, 2)
        rows, columns = np.indices((SIZE, SIZE)) + 0.5
        inside = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        return np.rint(65535 * rng.uniform(0.2, 1.0) * inside).astype(np.uint16)

    def part(self, indices: Iterable[int]) -> Self:
        """The same source with some of its pictures only."""
        return dataclasses.replace(self, indices=tuple(self.indices[i] for i in indices))

    def dataset(self, channels: int) -> tf.data.Dataset:
        """A `tf.data.Dataset` of uint16 pictures `(64, 64, channels)`."""

        def pictures():
            for picture in self:
                yield np.repeat(picture[..., None], channels, axis=-1)

        spec = tf.TensorSpec((None, None, channels), tf.uint16)
        return tf.data.Dataset.from_generator(pictures, output_signature=spec)


@dataclasses.dataclass(frozen=True)
class Arrays:
    """Pictures in memory; a source to measure on.

    Attributes:
        name: What results are filed under.
        pictures: Arrays.
    """

    name: str
    pictures: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self.pictures)

    @property
    def record(self) -> dict[str, Any]:
        """How cards call these pictures."""
        return recorded(self.name, None)


def recorded(name: str, first: int | None) -> dict[str, Any]:
    """The name of pictures and, if only some were taken, how many from the start."""
    return {"name": name} if first is None else {"name": name, "first": first}
