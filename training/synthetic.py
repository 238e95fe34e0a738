"""Pictures that are computed instead of read: the disks of DiffNet's deconvolution (section 5.1), and
a diffusivity to be found again."""

import dataclasses
from collections.abc import Iterator

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
    """

    indices: tuple[int, ...] = tuple(range(1024))
    seed: int = 0
    name: str = "disks"

    def __len__(self):
        return len(self.indices)

    def __iter__(self) -> Iterator[np.ndarray]:
        return map(self._draw, self.indices)

    def _draw(self, number):
        rng = np.random.default_rng([self.seed, number])
        radius = rng.uniform(4.0, 20.0)
        y, x = rng.uniform(radius + 2, SIZE - radius - 2, 2)
        rows, columns = np.indices((SIZE, SIZE)) + 0.5
        inside = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
        return np.rint(65535 * rng.uniform(0.2, 1.0) * inside).astype(np.uint16)

    def part(self, indices):
        """The same source with some of its pictures only."""
        return dataclasses.replace(self, indices=tuple(self.indices[i] for i in indices))

    def dataset(self, channels):
        """A `tf.data.Dataset` of uint16 pictures `(64, 64, channels)`."""

        def pictures():
            for picture in self:
                yield np.repeat(picture[..., None], channels, axis=-1)

        spec = tf.TensorSpec((None, None, channels), tf.uint16)
        return tf.data.Dataset.from_generator(pictures, output_signature=spec)


def known_diffusivity():
    """γ at the pixels, float32 `(64, 64)` in [0.05, 1]: a hill, and a ring and a bar that insulate."""
    y, x = (np.indices((SIZE, SIZE)) + 0.5) / SIZE
    gamma = 0.3 + 0.7 * np.exp(-((y - 0.7) ** 2 + (x - 0.7) ** 2) / 0.06)
    radius = np.hypot(y - 0.32, x - 0.34)
    gamma[(radius > 0.14) & (radius < 0.22)] = 0.05
    gamma[radius <= 0.14] = 0.9
    gamma[(abs(y - 0.82) < 0.04) & (abs(x - 0.28) < 0.2)] = 0.05
    return gamma.astype(np.float32)
