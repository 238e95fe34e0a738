"""Images of measurements that are no pictures: sinograms, frequencies."""

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.noise_base import NoiseModel
from ..images.noise_models import WhiteNoise
from ..images.scale import Scale, find_scale
from ..layers.measurements import Measurement
from ..pde.backend import keras
from .choice import as_noise, noise_of_plane
from .plug_and_play import LEAST, denoising_solver


def solve_measurement(
    measured: ArrayLike,
    operator: Measurement,
    model: keras.Model,
    solver: str,
    noise: float | NoiseModel | None,
    level: float | None,
    steps: int | None,
    value_range: tuple[float, float] | Scale | None,
) -> np.ndarray:
    """The image of which something else than a picture was measured.

    Args:
        measured: A sinogram or complex frequencies, `(height, width)`.
        operator: A `Measurement`.
        model: The denoiser.
        solver: As for `iterates`.
        noise: σ of the measurement, where white of the image is 255; measured when `None`.
        level: As for `denoising_solver`.
        steps: As for `iterates`.
        value_range: The values of black and white of the image; 0 and 1 when `None`.

    Returns:
        float32 array `(height, width)`.

    Raises:
        InputError: for numbers that are not finite, another shape, and what `denoising_solver` refuses.
    """
    measured = np.asarray(measured)
    if measured.ndim != 2 or not np.isfinite(measured).all():
        raise InputError(
            f"A measurement must be two-dimensional and finite. Received: shape={measured.shape}."
        )
    scale = Scale(0.0, 1.0) if value_range is None else find_scale(np.zeros((8, 8)), value_range)
    black, span = scale.low, scale.high - scale.low
    parts = [measured.real, measured.imag] if measured.dtype.kind == "c" else [measured]
    f = np.stack(parts, axis=-1)[None].astype(np.float32)
    sides = operator.image_sides(f)
    # A (low + span u) = f for an image u in [0, 1].
    ground = np.full((1, *sides, 1), black, np.float32)
    f = (f - np.asarray(operator.apply(ground))) / span
    known = _measured(f, operator) if noise is None else as_noise(noise, scale)
    function, _, _ = denoising_solver(model, operator, solver, known, level, steps, LEAST)
    return (black + span * function(f)[0, ..., 0]).astype(np.float32)


def _measured(f, operator):
    """The noise of a measurement: what its operator says, or that of its numbers as a picture."""
    sigma = operator.noise_of(f)
    if sigma is None:
        span = max(float(np.ptp(f)), 1e-9)
        sigma = span * noise_of_plane((f[0] - f.min()) / span).sigma / 255
    return WhiteNoise(sigma)
