"""Linear diffusion whose diffusivity is known, as a task: is it found again (DiffNet, section 5)?"""

import dataclasses
from typing import Any

import numpy as np

from ..errors import InputError
from ..pde import COLUMNS, ROWS, diffusion_rate, edge_average, explicit_euler
from ..pde.backend import ops
from .draws import Draw
from .task import Degradation, register

SIZE = 64
"""Side of the pictures in px, as in the paper."""


@register("known_diffusion")
@dataclasses.dataclass(frozen=True)
class KnownDiffusion(Degradation):
    """Linear diffusion with a diffusivity that varies over the picture, as a task to be learned.

    u ← u + δt div(γ ∇u), explicit steps; γ is `known_diffusivity`, averaged to the edges. For pictures
    of 64×64 px.

    Attributes:
        steps: Number of steps.
        time_step: δt in px².

    Example:
        >>> picture = np.random.default_rng(0).random((64, 64), dtype="float32")
        >>> given, diffused = KnownDiffusion().pair(picture, seed=0)
        >>> bool(abs(diffused.mean() - picture.mean()) < 1e-6)
        True
    """

    forward = True

    steps: int = 3
    time_step: float = 0.2

    def __str__(self) -> str:
        return f"linear diffusion by a known γ, {self.steps} steps of {self.time_step:g} px²"

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        return f"Computes {self}"

    @property
    def diffusivity(self) -> tuple[np.ndarray, np.ndarray]:
        """γ on the edges between rows `(63, 64)` and between columns `(64, 63)`."""
        rows, columns = (np.asarray(edge)[0, ..., 0] for edge in self._edges())
        return rows[1:-1], columns[:, 1:-1]

    def _edges(self) -> tuple[Any, Any]:
        gamma = ops.convert_to_tensor(known_diffusivity()[None, ..., None])
        return tuple(edge_average(gamma, axis) for axis in (ROWS, COLUMNS))

    def _diffuse(self, images: Any) -> Any:
        edges = self._edges()
        for _ in range(self.steps):
            images = explicit_euler(lambda v: diffusion_rate(v, edges), images, self.time_step)
        return images

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The diffused picture."""
        if tuple(clean.shape[:2]) != (SIZE, SIZE):
            raise InputError(
                f"The known diffusivity is for pictures of {SIZE}×{SIZE} pixels. "
                f"Received: {clean.shape[0]}×{clean.shape[1]}."
            )
        return draw.apply(self._diffuse, clean)


def known_diffusivity() -> np.ndarray:
    """γ at the pixels, float32 `(64, 64)` in [0.05, 1]: a hill, and a ring and a bar that insulate."""
    y, x = (np.indices((SIZE, SIZE)) + 0.5) / SIZE
    gamma = 0.3 + 0.7 * np.exp(-((y - 0.7) ** 2 + (x - 0.7) ** 2) / 0.06)
    radius = np.hypot(y - 0.32, x - 0.34)
    gamma[(radius > 0.14) & (radius < 0.22)] = 0.05
    gamma[radius <= 0.14] = 0.9
    gamma[(abs(y - 0.82) < 0.04) & (abs(x - 0.28) < 0.2)] = 0.05
    return gamma.astype(np.float32)
