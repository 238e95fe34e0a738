"""Diffusion as a task: to undo it, with noise or without, or to do it (DiffNet, section 5)."""

import dataclasses
from typing import Any

import numpy as np

from ..errors import InputError
from ..pde import (
    diffusion_rate,
    explicit_euler,
    gradient_magnitude_squared,
    greens_operator,
    perona_malik_rational,
)
from .degradations import checked_sigma, sigma_text
from .draws import Draw
from .task import Degradation, register


@register("perona_malik_diffusion")
@dataclasses.dataclass(frozen=True)
class PeronaMalikDiffusion(Degradation):
    """A few explicit steps of Perona–Malik diffusion, then noise.

    ∂u/∂t = div(g ∇u), g = 1/(1 + |∇u|²/λ²) averaged to the edges, reflecting boundary (eq. 5.1).

    Attributes:
        sigma: Standard deviation of the noise on the scale of 0 to 255, which is 2.55 for 1 % of the
            range; 0 for none. For a pair `(low, high)` it is drawn for each picture, evenly on a
            logarithmic scale.
        forward: Whether the task is to diffuse, instead of to undo it.
        steps: Number of steps.
        time_step: δt in px².
        contrast: λ in grey value per px.

    Example:
        >>> task = PeronaMalikDiffusion(sigma=2.55)
        >>> given, clean = task.pair(np.ones((16, 24), "float32"), seed=0)
        >>> round(255 * float(given.std()), 1)
        2.5
    """

    sigma: float | tuple[float, float] = 0.0
    forward: bool = False
    steps: int = 4
    time_step: float = 0.1
    contrast: float = 0.2

    def __post_init__(self) -> None:
        object.__setattr__(self, "sigma", checked_sigma(self.sigma))

    def __str__(self) -> str:
        noise = f", noise {sigma_text(self.sigma)}" if self.sigma else ""
        process = f"Perona–Malik diffusion, {self.steps} steps of {self.time_step:g} px²"
        return f"{process}, λ = {self.contrast:g}{noise}"

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        return f"{'Computes' if self.forward else 'Inverts'} {self}"

    def diffuse(self, images: Any) -> Any:
        """The diffused images, a tensor `(batch, height, width, channels)`."""
        for _ in range(self.steps):
            images = explicit_euler(self._rate, images, self.time_step)
        return images

    def _rate(self, images: Any) -> Any:
        squared = gradient_magnitude_squared(images)
        return diffusion_rate(images, perona_malik_rational(squared, self.contrast))

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The picture, diffused and noisy."""
        diffused = draw.apply(self.diffuse, clean)
        if not self.sigma:
            return diffused
        strength, noise = draw.split()
        if isinstance(self.sigma, tuple):
            level = strength.level(*self.sigma, logarithmic=True)
        else:
            level = np.float32(self.sigma / 255)
        return diffused + level * noise.normal(clean)


@register("heat_flow")
@dataclasses.dataclass(frozen=True)
class HeatFlow(Degradation):
    """The heat equation ∂u/∂t = Δu up to the time T, a convolution with a Gaussian of σ = √(2T) (5.1).

    Attributes:
        time: T in px².

    Raises:
        InputError: for a time that is not positive.

    Example:
        >>> blurred, clean = HeatFlow(2.0).pair(np.eye(16, dtype="float32"), seed=0)
        >>> bool(blurred.max() < clean.max())
        True
    """

    time: float = 1.0

    def __post_init__(self) -> None:
        if not self.time > 0:
            raise InputError(f"`time` must be positive. Received: time={self.time}.")

    def __str__(self) -> str:
        return f"heat flow, T = {self.time:g} px²"

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        return f"Inverts {self}"

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The picture, blurred; in a pipeline it must have a known size."""
        return draw.apply(lambda images: greens_operator(images, self.time), clean)
