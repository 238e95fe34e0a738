"""Displaced copies of photographs: what BLADE resampling is trained and measured on (Fig. 20)."""

import dataclasses
from typing import Any

import numpy as np
from scipy import ndimage

from ..errors import InputError
from ..zoo.resampling import warp
from .task import Task, register

_SMOOTHNESS, _SPEED = 10.0, 2.0
"""Standard deviation in px of the Gaussian that smooths a random flow, and of the flow itself."""


@register("displacement")
@dataclasses.dataclass(frozen=True)
class Displacement(Task):
    """A photograph seen by a coarse camera, u(m) = (φ ∗ U)(m), which then moves (eqs. 5.1, 5.2).

    The picture as it is stands for U. It is blurred, and read at the pixels of the coarse grid, where
    they are and where they are displaced to: between its own pixels by cubic splines.

    Attributes:
        blur: Standard deviation of the Gaussian φ in coarse px.
        factor: Side of a coarse pixel in pixels of the picture.
        times: How often in a row it moves.
        smooth: Whether it moves by smooth random flows of about 2 px, or by shifts of up to half a
            pixel.

    Example:
        >>> task = Displacement(times=2)
        >>> str(task)
        'shift of up to half a pixel, 2 times in a row'
        >>> task.motions((16, 24), seed=0).shape
        (2, 16, 24, 2)
    """

    blur: float = 0.5
    factor: int = 4
    times: int = 1
    smooth: bool = False

    def __str__(self) -> str:
        motion = "smooth random flow" if self.smooth else "shift of up to half a pixel"
        return motion if self.times == 1 else f"{motion}, {self.times} times in a row"

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        return "Resamples pictures at displaced positions"

    def motions(self, sides: tuple[int, ...], seed: Any) -> np.ndarray:
        """The displacement fields of a picture, float64 `(times, height, width, 2)`."""
        rng = np.random.default_rng([*np.atleast_1d(seed), 3])
        if not self.smooth:
            shifts = rng.uniform(-0.5, 0.5, (self.times, 1, 1, 2))
            return np.broadcast_to(shifts, (self.times, *sides, 2))
        noise = rng.standard_normal((self.times, *sides, 2))
        flow = ndimage.gaussian_filter(noise, (0, _SMOOTHNESS, _SMOOTHNESS, 0))
        return _SPEED * flow / flow.std()

    def pair(self, clean: np.ndarray, seed: Any) -> tuple[np.ndarray, np.ndarray]:
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

    def solution(self, model: Any, given: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """What resampling with a model, or by a method of `warp`, makes of it."""
        picture = given[..., 0]
        for k in range(self.times):
            picture = warp(picture, given[..., 1 + 2 * k : 3 + 2 * k], model)
        return picture

    def shown(self, given: np.ndarray) -> np.ndarray:
        """Bicubic resampling, to compare with."""
        return self.solution("bicubic", given)


class Scene:
    """A blurred picture that can be read at any position of a coarse grid.

    Args:
        picture: Array `(height, width)`.
        blur: Standard deviation of the Gaussian in coarse px.
        factor: Side of a coarse pixel.
    """

    def __init__(self, picture: np.ndarray, blur: float, factor: int) -> None:
        blurred = ndimage.gaussian_filter(picture.astype(np.float64), blur * factor, mode="reflect")
        self._spline = ndimage.spline_filter(blurred, 3, mode="mirror")
        self._factor = factor
        self.sides = tuple(side // factor for side in picture.shape)

    def at(self, displacement: np.ndarray) -> np.ndarray:
        """The picture at displaced positions, those beyond the border pixels moved onto them."""
        rows, columns = np.indices(self.sides)
        moved = rows + displacement[..., 1], columns + displacement[..., 0]
        places = [np.clip(m, 0, side - 1) for m, side in zip(moved, self.sides, strict=True)]
        # Pixel n of the coarse grid has its centre in the middle of the fine ones that it covers.
        fine = [self._factor * place + (self._factor - 1) / 2 for place in places]
        return ndimage.map_coordinates(self._spline, fine, order=3, mode="mirror", prefilter=False)


def composed(field: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    """A field read at displaced positions, `(height, width, 2)`."""
    rows, columns = np.indices(field.shape[:2])
    places = rows + displacement[..., 1], columns + displacement[..., 0]
    parts = [ndimage.map_coordinates(field[..., k], places, order=3, mode="nearest") for k in range(2)]
    return np.stack(parts, axis=-1)
