"""Diffusion as a task: to undo it, with noise or without, or to do it (DiffNet, section 5)."""

import dataclasses
import math

import numpy as np
import tensorflow as tf

from ..errors import InputError
from ..pde import (
    COLUMNS,
    ROWS,
    diffusion_rate,
    edge_average,
    explicit_euler,
    gradient_magnitude_squared,
    greens_operator,
    perona_malik_rational,
)
from ..pde.backend import ops
from .degradations import Degradation
from .synthetic import SIZE, known_diffusivity


@dataclasses.dataclass(frozen=True)
class PeronaMalikDiffusion(Degradation):
    """A few explicit steps of Perona–Malik diffusion, then noise.

    ∂u/∂t = div(g ∇u), g = 1/(1 + |∇u|²/λ²) averaged to the edges, reflecting boundary (eq. 5.1).

    Attributes:
        noise: Standard deviation of the noise in the range of the picture, 0.01 for 1 %; or a pair
            `(low, high)`, then it is drawn for each picture, evenly on a logarithmic scale.
        forward: Whether the task is to diffuse, instead of to undo it.
        steps: Number of steps.
        time_step: δt in px².
        contrast: λ in grey value per px.
    """

    noise: float | tuple[float, float] = 0.0
    forward: bool = False
    steps: int = 4
    time_step: float = 0.1
    contrast: float = 0.2

    def __post_init__(self):
        low, high = self._range
        if not 0 <= low <= high <= 1 or (low == 0 and high > 0):
            raise InputError(
                "`noise` must be a number from 0 to 1, or a range of positive ones from low to high. "
                f"Received: noise={self.noise}."
            )

    @property
    def _range(self):
        return (self.noise, self.noise) if isinstance(self.noise, int | float) else self.noise

    def __str__(self):
        low, high = (f"{100 * value:g}" for value in self._range)
        noise = f"{low} %" if low == high else f"{low} % to {high} %"
        process = f"Perona–Malik diffusion, {self.steps} steps of {self.time_step:g} px²"
        with_noise = "" if low == high == "0" else f", noise of {noise}"
        return f"{process}, λ = {self.contrast:g}{with_noise}"

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        return f"{'Computes' if self.forward else 'Inverts'} {self}"

    def diffuse(self, images):
        """The diffused images, a tensor `(batch, height, width, channels)`."""
        for _ in range(self.steps):
            images = explicit_euler(self._rate, images, self.time_step)
        return images

    def _rate(self, images):
        squared = gradient_magnitude_squared(images)
        return diffusion_rate(images, perona_malik_rational(squared, self.contrast))

    def degrade(self, clean, seed):
        """A NumPy picture `(height, width)` or `(height, width, channels)`, diffused and noisy."""
        shape = clean.shape
        images = np.asarray(clean, np.float32).reshape(1, *shape[:2], -1)
        diffused = np.asarray(self.diffuse(ops.convert_to_tensor(images))).reshape(shape)
        low, high = self._range
        if high == 0:
            return diffused
        strength = low * (high / low) ** np.random.default_rng([seed, 1]).uniform()
        noise = np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
        return diffused + np.float32(strength) * noise

    def degrade_tensor(self, clean, seed):
        """The same in a tf.data pipeline."""
        diffused = self.diffuse(clean[None])[0]
        low, high = self._range
        if high == 0:
            return diffused
        seeds = tf.random.split(seed, num=2)
        exponent = tf.random.stateless_uniform((), seeds[0], 0.0, math.log(high / low))
        noise = tf.random.stateless_normal(tf.shape(clean), seeds[1])
        return diffused + low * tf.exp(exponent) * noise

    def pair(self, clean, seed):
        """Diffused and clean picture, or the other way round for the forward task."""
        degraded = self.degrade(clean, seed)
        return (clean, degraded) if self.forward else (degraded, clean)

    def pair_tensor(self, clean, seed):
        """The same in a tf.data pipeline."""
        degraded = self.degrade_tensor(clean, seed)
        return (clean, degraded) if self.forward else (degraded, clean)


@dataclasses.dataclass(frozen=True)
class HeatFlow(Degradation):
    """The heat equation ∂u/∂t = Δu up to the time T, a convolution with a Gaussian of σ = √(2T) (5.1).

    Attributes:
        time: T in px².
    """

    time: float = 1.0

    def __post_init__(self):
        if not self.time > 0:
            raise InputError(f"`time` must be positive. Received: time={self.time}.")

    def __str__(self):
        return f"heat flow, T = {self.time:g} px²"

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        return f"Inverts {self}"

    def degrade(self, clean, seed):
        """A NumPy picture `(height, width)` or `(height, width, channels)`, blurred."""
        images = np.asarray(clean, np.float32).reshape(1, *clean.shape[:2], -1)
        return np.asarray(greens_operator(ops.convert_to_tensor(images), self.time)).reshape(
            clean.shape
        )

    def degrade_tensor(self, clean, seed):
        """The same in a tf.data pipeline, for patches of a known size."""
        return greens_operator(clean[None], self.time)[0]


@dataclasses.dataclass(frozen=True)
class KnownDiffusion(Degradation):
    """Linear diffusion with a diffusivity that varies over the picture, as a task to be learned.

    u ← u + δt div(γ ∇u), explicit steps; γ is `known_diffusivity`, averaged to the edges. For pictures
    of 64×64 px.

    Attributes:
        steps: Number of steps.
        time_step: δt in px².
    """

    steps: int = 3
    time_step: float = 0.2

    def __str__(self):
        return f"linear diffusion by a known γ, {self.steps} steps of {self.time_step:g} px²"

    @property
    def purpose(self):
        """What a model trained for it does, in words."""
        return f"Computes {self}"

    @property
    def diffusivity(self):
        """γ on the edges between rows `(63, 64)` and between columns `(64, 63)`."""
        rows, columns = (np.asarray(edge)[0, ..., 0] for edge in self._edges())
        return rows[1:-1], columns[:, 1:-1]

    def _edges(self):
        gamma = ops.convert_to_tensor(known_diffusivity()[None, ..., None])
        return tuple(edge_average(gamma, axis) for axis in (ROWS, COLUMNS))

    def degrade_tensor(self, clean, seed):
        """The diffused picture `(64, 64, channels)` in a tf.data pipeline."""
        edges, u = self._edges(), clean[None]
        for _ in range(self.steps):
            u = explicit_euler(lambda v: diffusion_rate(v, edges), u, self.time_step)
        return u[0]

    def degrade(self, clean, seed):
        """The same of a NumPy picture `(64, 64)` or `(64, 64, channels)`."""
        if clean.shape[:2] != (SIZE, SIZE):
            raise InputError(
                f"The known diffusivity is for pictures of {SIZE}×{SIZE} pixels. "
                f"Received: {clean.shape[0]}×{clean.shape[1]}."
            )
        images = ops.convert_to_tensor(np.asarray(clean, np.float32).reshape(SIZE, SIZE, -1))
        return np.asarray(self.degrade_tensor(images, seed)).reshape(clean.shape)

    def pair(self, clean, seed):
        """Clean and diffused picture."""
        return clean, self.degrade(clean, seed)

    def pair_tensor(self, clean, seed):
        """The same in a tf.data pipeline."""
        return clean, self.degrade_tensor(clean, seed)
