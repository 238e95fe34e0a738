"""What an inverse problem starts from: a picture as it is observed, with noise."""

import dataclasses

import numpy as np

from ..layers import Observation
from ..pde.backend import ops
from .degradations import Degradation, GaussianNoise


@dataclasses.dataclass(frozen=True)
class Observed(Degradation):
    """f = A u + n with n ~ N(0, (σ/255)²), not clipped.

    Attributes:
        observation: A, an `Observation`.
        sigma: Standard deviation of the noise on the scale of 0 to 255; 0 for none.
    """

    observation: Observation
    sigma: float = 0.0

    def __post_init__(self):
        if self.sigma:
            GaussianNoise(self.sigma)

    def __str__(self):
        return f"{self.observation}, noise {self.sigma:g}/255" if self.sigma else f"{self.observation}"

    def degrade(self, clean, seed):
        """A NumPy picture as it is observed; the seed fixes the noise."""
        grey = clean.ndim == 2
        u = ops.convert_to_tensor(clean[None, ..., None] if grey else clean[None])
        observed = ops.convert_to_numpy(self.observation.apply(u))[0]
        observed = observed[..., 0] if grey else observed
        return GaussianNoise(self.sigma).degrade(observed, seed) if self.sigma else observed

    def pair(self, clean, seed):
        """What is observed, and the picture, cropped to a multiple of the factor."""
        factor = self.observation.factor
        height, width = (side // factor * factor for side in clean.shape[:2])
        clean = clean[:height, :width]
        return self.degrade(clean, seed), clean

    def shown(self, given):
        """Where the reconstruction starts, to compare with."""
        grey = given.ndim == 2
        f = ops.convert_to_tensor(np.asarray(given[None, ..., None] if grey else given[None]))
        start = ops.convert_to_numpy(self.observation.start(f))[0]
        return start[..., 0] if grey else start
