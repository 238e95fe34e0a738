"""How blurred a picture is, measured from the picture alone."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .arrays import unit_picture
from .noise_measuring import measure_noise
from .scale import Scale

_FALL, _FALL_SPREAD = 2.2, 0.3
"""Power spectra of sharp photographs fall as k^−β: the mean of β, and how much it differs."""

_SPREAD = 0.25
"""How much the logarithm of a spectrum differs from its law, at each of the radii."""

_SHARP = 0.5
"""A width in px that no eye sees, and that sharp photographs have, too."""

_RADII = np.arange(1.0, 15.0, 0.05)
"""Radii of a disk that are tried, in px."""

_BETTER = 12.0
"""So much smaller must the squared error of a disk be than that of a Gaussian."""


@dataclasses.dataclass(frozen=True)
class MeasuredBlur:
    """What `measure_blur` found.

    Attributes:
        kind: `"gaussian"`, `"disk"` (out of focus), or `"none"`.
        size: Standard deviation of the Gaussian, or radius of the disk, in px.
        uncertainty: Standard error of the size in px, if the picture is like other photographs.

    Example:
        >>> MeasuredBlur("gaussian", 1.5, 0.1).describe()
        'Gaussian blur: σ = 1.50 ± 0.10 px.'
    """

    kind: str
    size: float
    uncertainty: float

    def describe(self) -> str:
        """It in words."""
        if self.kind == "none":
            return "The picture is sharp, as far as can be seen."
        name = {"gaussian": "Gaussian blur: σ", "disk": "Out of focus, a disk: radius"}[self.kind]
        return f"{name} = {self.size:.2f} ± {self.uncertainty:.2f} px."

    @property
    def kernel(self) -> float | np.ndarray | None:
        """The kernel for `layers.Blur`, a standard deviation or a disk; `None` for a sharp picture."""
        if self.kind == "none":
            return None
        if self.kind == "disk":
            return disk_kernel(self.size)
        return self.size


def disk_kernel(radius: float) -> np.ndarray:
    """A disk whose border pixels have the share of their area that it covers, `(rows, columns)`.

    Args:
        radius: In px, at least ½.

    Returns:
        float64 array `(side, side)` with an odd side and the sum 1.

    Raises:
        InputError: for a radius outside of ½ to 500 px.

    Example:
        >>> disk_kernel(1.0).shape
        (3, 3)
    """
    if not 0.5 <= radius < 500:
        raise InputError(f"`radius` must be from 0.5 to 500 px. Received: radius={radius!r}.")
    half, parts = int(np.ceil(radius - 0.5)), 9
    fine = (np.arange((2 * half + 1) * parts) + 0.5) / parts - half - 0.5
    inside = np.hypot(fine[:, None], fine) <= radius
    shares = inside.reshape(2 * half + 1, parts, 2 * half + 1, parts).mean((1, 3))
    return shares / shares.sum()


def measure_blur(
    image: ArrayLike, value_range: tuple[float, float] | Scale | None = None
) -> MeasuredBlur:
    """The width of the blur of a photograph.

    The power spectra of sharp photographs fall as k^−β with β near 2. A Gaussian of standard deviation
    w multiplies them by exp(−w² k²), a disk of radius r by (2 J₁(r k)/(r k))². Both are fitted to the
    mean spectrum at each frequency k, where it is well above that of the noise, which is measured; the
    kind that fits better is taken. The width is wrong for drawings and textures, whose spectra follow
    another law.

    Args:
        image: As for `restore`, one picture. Of colours the mean is taken.
        value_range: The values of black and white; found when `None`.

    Returns:
        A `MeasuredBlur`.

    Raises:
        InputError: for what `restore` does not take, and for pictures of fewer than 32 pixels a side.

    Example:
        >>> from scipy.ndimage import gaussian_filter
        >>> from skimage import data
        >>> print(measure_blur(gaussian_filter(data.coins() / 255, 2.0)).kind)
        gaussian
    """
    unit, _ = unit_picture(image, value_range)
    plane = unit if unit.ndim == 2 else unit[..., :3].mean(-1) if unit.shape[-1] > 2 else unit[..., 0]
    if min(plane.shape) < 32:
        raise InputError(
            f"The blur of a picture is measured from 32×32 pixels on. Received: {plane.shape}."
        )
    found = measure_noise(plane.astype(np.float32), (0, 1))
    noise = max(found.sigma / 255, 2e-5)
    frequencies, power, counts = _spectrum(plane)
    signal = power - noise**2
    seen = (signal > 4 * noise**2 * np.sqrt(2 / counts)) & (signal > 0.5 * noise**2) & (signal > 1e-13)
    last = np.argmin(seen) if not seen.all() else len(seen)
    if last < 6:
        return MeasuredBlur("none", 0.0, np.inf)
    k, signal = frequencies[:last], signal[:last]
    weights = 1 / (_SPREAD**2 + 2 / counts[:last] * (power[:last] / signal) ** 2)
    (squared, variance), error = _gaussian(k, np.log(signal), weights)
    width = float(np.sqrt(max(squared, 0.0)))
    errors = np.array([_disk(k, np.log(signal), weights, radius) for radius in _RADII])
    if errors.min() < error - _BETTER:
        radius = float(_RADII[errors.argmin()])
        near = _RADII[errors < errors.min() + 1]
        return MeasuredBlur("disk", radius, float(max(np.ptp(near) / 2, 0.05)))
    if width < _SHARP:
        return MeasuredBlur("none", width, float(np.sqrt(variance)))
    # The errors of neighbouring frequencies are alike, so that there are fewer of them.
    return MeasuredBlur("gaussian", width, float(1.5 * np.sqrt(variance) / (2 * width)))


def _spectrum(plane):
    """Frequencies in radians per px, the mean power there, and of how many cosines."""
    from scipy.fft import dctn

    power = dctn(plane - plane.mean(dtype=np.float64), norm="ortho") ** 2
    rows, columns = (np.pi * np.arange(n) / n for n in plane.shape)
    radius = np.hypot(rows[:, None], columns)
    edges = np.geomspace(0.08, np.pi, 40)
    place = np.digitize(radius.ravel(), edges)
    counts, powers, radii = (
        np.bincount(place, values, minlength=41)[1:40]
        for values in (None, power.ravel(), radius.ravel())
    )
    many = counts > 8
    return radii[many] / counts[many], powers[many] / counts[many], counts[many]


def _fitted(columns, values, weights):
    """Least squares with what is known of β, the second coefficient: coefficients, errors, error."""
    matrix = columns.T @ (columns * weights[:, None])
    right = columns.T @ (values * weights)
    matrix[1, 1] += _FALL_SPREAD**-2
    right[1] += _FALL * _FALL_SPREAD**-2
    found = np.linalg.solve(matrix, right)
    error = np.sum(weights * (values - columns @ found) ** 2)
    error += ((found[1] - _FALL) / _FALL_SPREAD) ** 2
    return found, np.linalg.inv(matrix), float(error)


def _gaussian(k, logarithm, weights):
    columns = np.stack([np.ones_like(k), -np.log(k), -(k**2)], axis=1)
    found, covariance, error = _fitted(columns, logarithm, weights)
    return (found[2], covariance[2, 2]), error


def _disk(k, logarithm, weights, radius):
    from scipy.special import j1

    # Rings of frequencies are wide, and fill the zeros of the disk.
    spread = 1 + np.linspace(-0.045, 0.045, 7)
    x = radius * k[:, None] * spread
    response = np.mean((2 * j1(x) / x) ** 2, axis=1)
    columns = np.stack([np.ones_like(k), -np.log(k)], axis=1)
    return _fitted(columns, logarithm - np.log(response + 1e-6), weights)[2]
