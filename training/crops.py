"""A set of so many pictures, cut out of larger ones."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, Self

import numpy as np
import tensorflow as tf

from ..errors import InputError
from .sources import as_uint16


@dataclasses.dataclass(frozen=True)
class Crops:
    """Fixed square crops of the pictures of a source; the same interface as `Folder`.

    Crop number k is of picture k in an order that is drawn from the seed, beginning again after the
    last picture, and its place is drawn from (seed, k): a smaller set is the start of a larger one.

    Attributes:
        source: Where the pictures come from.
        indices: Numbers of the crops.
        size: Side of a crop in px.
        seed: Another one gives other crops.
    """

    source: Any
    indices: tuple[int, ...]
    size: int
    seed: int = 0

    @property
    def name(self) -> str:
        """What results are filed under."""
        return f"{self.source.name}, {len(self)} crops of {self.size}²"

    @property
    def record(self) -> dict[str, Any]:
        """How cards call these pictures."""
        return {"name": self.name}

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[np.ndarray]:
        order = np.random.default_rng(self.seed).permutation(len(self.source))
        for number in self.indices:
            (picture,) = self.source.part([order[number % len(order)]])
            height, width = picture.shape[:2]
            if min(height, width) < self.size:
                raise InputError(
                    f"Crops of {self.size}×{self.size} pixels need larger pictures. "
                    f"Received: {height}×{width}."
                )
            rng = np.random.default_rng([self.seed, number])
            top, left = (int(rng.integers(side - self.size + 1)) for side in (height, width))
            yield picture[top : top + self.size, left : left + self.size]

    def part(self, indices: Iterable[int]) -> Self:
        """The same source with some of its crops only."""
        return dataclasses.replace(self, indices=tuple(self.indices[i] for i in indices))

    def dataset(self, channels: int) -> tf.data.Dataset:
        """A `tf.data.Dataset` of uint16 pictures `(size, size, channels)`."""

        def crops():
            for crop in self:
                yield as_uint16(crop, channels)

        spec = tf.TensorSpec((self.size, self.size, channels), tf.uint16)
        return tf.data.Dataset.from_generator(crops, output_signature=spec)
