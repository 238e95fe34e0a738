"""What was done to a clean picture: the task that a model is trained for."""

import dataclasses

import numpy as np
import tensorflow as tf

from ..pde import InputError


@dataclasses.dataclass(frozen=True)
class GaussianNoise:
    """Additive white Gaussian noise, f = u + n with n ~ N(0, (σ/255)²), not clipped.

    Attributes:
        sigma: Standard deviation on the scale of 0 to 255, in (0, 255].
    """

    sigma: float

    def __post_init__(self):
        if not 0 < self.sigma <= 255:
            raise InputError(
                "`sigma` is the standard deviation of the noise on the scale of 0 to 255 and must "
                f"be positive. Received: sigma={self.sigma}."
            )

    def __str__(self):
        return f"Gaussian noise σ={self.sigma:g}/255"

    def degrade(self, clean, seed):
        """A NumPy picture with noise that the seed fixes: `default_rng(seed).standard_normal`."""
        noise = np.random.default_rng(seed).standard_normal(clean.shape, dtype=np.float32)
        return clean + np.float32(self.sigma / 255) * noise

    def degrade_tensor(self, clean, seed):
        """The same in a tf.data pipeline; the seed is a tensor of two integers."""
        noise = tf.random.stateless_normal(tf.shape(clean), seed)
        return clean + np.float32(self.sigma / 255) * noise
