"""A smaller picture of an image, made as programs make one."""

import numpy as np

from ..errors import InputError
from ..pde.backend import ops
from ..pde.resizing import SAMPLINGS, resize, resizing_matrix
from .observation import Observation
from .serialization import register


@register
class Downscale(Observation):
    """A u: the image made smaller, with the outer edges of both pixel grids upon each other.

    Args:
        factor: How much smaller, a number > 1; an image of n pixels becomes one of n/factor, rounded.
        sampling: How a pixel is made: `"area"`, `"bicubic"`, `"lanczos"` or `"point"`, see
            `pde.resizing_matrix`.

    Raises:
        InputError: for another factor or sampling.

    Example:
        >>> tuple(Downscale(2).apply(ops.ones((1, 8, 6, 1))).shape)
        (1, 4, 3, 1)
    """

    radius = None

    def __init__(self, factor=2, sampling="area"):
        real = isinstance(factor, int | float | np.number) and not isinstance(factor, bool)
        if not real or not 1 < factor < 1000:
            raise InputError(f"`factor` must be a number > 1. Received: factor={factor!r}.")
        if sampling not in SAMPLINGS:
            raise InputError(
                f"`sampling` must be one of {', '.join(SAMPLINGS)}. Received: sampling={sampling!r}."
            )
        self.factor = int(factor) if float(factor).is_integer() else float(factor)
        self.sampling = sampling
        self.smallest_side = int(np.ceil(factor))
        # ‖R‖² is at most the largest row sum times the largest column sum. They depend on the length
        # of an axis while it is short, as that is no multiple of the factor.
        matrices = [resizing_matrix(round(n * self.factor), n, sampling) for n in range(1, 33)]
        bound = max(np.abs(m).sum(0).max() * np.abs(m).sum(1).max() for m in matrices)
        self.squared_norm = float(bound**2) * (1 + 1e-3)

    def __str__(self):
        return f"{self.factor:g} times smaller ({self.sampling})"

    def _matrices(self, image, larger, interpolated=False):
        """Those of both axes, from an image to the smaller one, or `interpolated` the other way."""
        found = []
        for axis in (1, 2):
            side = image.shape[axis]
            xp = np if isinstance(side, int) else ops
            side = side if xp is np else ops.shape(image)[axis]
            other = _rounded(side * self.factor if larger else side / self.factor, xp)
            large, small = (other, side) if larger else (side, other)
            if interpolated:
                found.append(resizing_matrix(small, large, "bicubic", xp))
            else:
                found.append(resizing_matrix(large, small, self.sampling, xp))
        return found

    def apply(self, u):
        return resize(u, *self._matrices(u, larger=False))

    def adjoint(self, f):
        return resize(f, *map(ops.transpose, self._matrices(f, larger=True)))

    def start(self, f):
        """Bicubic interpolation."""
        return resize(f, *self._matrices(f, larger=True, interpolated=True))

    def proximal(self, z, f, ridge, iterations=40, tolerance=1e-4):
        """As for any observation; exact where means over whole blocks of pixels are taken."""
        z, f = (np.asarray(ops.convert_to_numpy(x), np.float32) for x in (z, f))
        blocks = self._blocks(z.shape)
        if blocks is None or z.shape[1:3] != tuple(n * self.factor for n in f.shape[1:3]):
            return super().proximal(z, f, ridge, iterations, tolerance)
        # A Aᵀ is 1/factor² times the identity, and Aᵀ hands each pixel its share of the change.
        means = z.reshape(blocks).mean((2, 4))
        change = (f - means) / (1 + ridge * self.factor**2)
        return (z.reshape(blocks) + change[:, :, None, :, None]).reshape(z.shape)

    def _blocks(self, shape):
        """A shape in which axes 2 and 4 are those within blocks, if all of them are whole."""
        batch, height, width, channels = shape
        n = self.factor
        if self.sampling != "area" or not isinstance(n, int) or height % n or width % n:
            return None
        return batch, height // n, n, width // n, n, channels

    def get_config(self):
        return {"factor": self.factor, "sampling": self.sampling}


def _rounded(side, xp):
    return round(side) if xp is np else ops.cast(ops.round(ops.cast(side, "float32")), "int32")
