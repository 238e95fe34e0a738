"""Observations that are no pictures: projections of a tomograph, frequencies of an MRI scanner."""

import functools

import numpy as np

from ..errors import InputError
from ..pde.backend import ops
from .observation import Observation
from .serialization import register


class Measurement(Observation):
    """A linear operator whose observation is no picture, so that its values have units of their own.

    Such operators compute with NumPy and cannot be part of a program.
    """

    radius = None
    is_picture = False

    def image_sides(self, f):
        """Height and width of the image that was observed as f."""
        raise NotImplementedError

    def noise_of(self, f):
        """The standard deviation of the noise of f; `None` to measure it as that of pictures."""
        return


@register
class Radon(Measurement):
    """Sums along parallel rays, as a tomograph measures them (the Radon transform).

    The sinogram `(detectors, views)` is that of `skimage.transform.radon(image, angles)`: the image is
    turned about its pixel n // 2 with bilinear interpolation, zero outside, and summed over its rows.
    The matrix of these sums is kept as a sparse one, and its transpose is the exact adjoint. It takes
    about 32 bytes for each pixel and view.

    Args:
        angles: Those of the views in degrees.
        size: Height and width n of the image, in px.

    Raises:
        InputError: for no angles, and a size below 8.

    Example:
        >>> Radon(range(0, 180, 30), 16).apply(np.ones((1, 16, 16, 1), "float32")).shape
        TensorShape([1, 16, 6, 1])
    """

    def __init__(self, angles, size):
        self.angles = [float(a) for a in np.atleast_1d(np.asarray(list(angles), np.float64))]
        self.size = int(size)
        if not self.angles or not np.isfinite(self.angles).all() or self.size < 8:
            raise InputError(
                "`angles` must be numbers, one at least, and `size` at least 8. "
                f"Received: {len(self.angles)} angles, size={size!r}."
            )
        self.smallest_side = self.size
        rows, columns = (abs(self._matrix).sum(axis).max() for axis in (1, 0))
        self.squared_norm = float(rows * columns)

    def __str__(self):
        return f"{len(self.angles)} views of {self.size}×{self.size} pixels"

    @functools.cached_property
    def _matrix(self):
        from scipy.sparse import csr_matrix, vstack

        n, center = self.size, self.size // 2
        y, x = np.mgrid[:n, :n]
        parts = []
        for angle in np.deg2rad(self.angles):
            cos, sin = np.cos(angle), np.sin(angle)
            column = cos * (x - center) + sin * (y - center) + center
            row = -sin * (x - center) + cos * (y - center) + center
            left, top = np.floor(column), np.floor(row)
            detectors, pixels, weights = [], [], []
            for down in (0, 1):
                for right in (0, 1):
                    i, j = top + down, left + right
                    weight = (1 - abs(row - i)) * (1 - abs(column - j))
                    inside = (i >= 0) & (i < n) & (j >= 0) & (j < n) & (weight > 0)
                    detectors.append(x[inside])
                    pixels.append((i * n + j)[inside].astype(np.int32))
                    weights.append(weight[inside].astype(np.float32))
            values = tuple(map(np.concatenate, (weights, detectors, pixels)))
            parts.append(csr_matrix((values[0], values[1:]), shape=(n, n * n)))
        return vstack(parts).tocsr()

    @functools.cached_property
    def _transposed(self):
        return self._matrix.T.tocsr()

    def image_sides(self, f):
        if f.shape[1:3] != (self.size, len(self.angles)):
            raise InputError(
                f"A sinogram of {self.size}×{len(self.angles)} (detectors × views) is needed. "
                f"Received: {f.shape[1]}×{f.shape[2]}."
            )
        return self.size, self.size

    def apply(self, u):
        u = np.asarray(ops.convert_to_numpy(u))
        n, batch, channels = self.size, len(u), u.shape[-1]
        columns = u.transpose(1, 2, 0, 3).reshape(n * n, -1)
        sums = (self._matrix @ columns).reshape(len(self.angles), n, batch, channels)
        return ops.convert_to_tensor(sums.transpose(2, 1, 0, 3))

    def adjoint(self, f):
        f = np.asarray(ops.convert_to_numpy(f))
        n, batch, channels = self.size, len(f), f.shape[-1]
        columns = f.transpose(2, 1, 0, 3).reshape(-1, batch * channels)
        image = (self._transposed @ columns).reshape(n, n, batch, channels)
        return ops.convert_to_tensor(image.transpose(2, 0, 1, 3))

    def start(self, f):
        """Filtered back-projection with a ramp."""
        f = ops.convert_to_numpy(f).astype(np.float64)
        n = f.shape[1]
        length = max(64, 2 ** int(np.ceil(np.log2(2 * n))))
        ramp = 2 * np.abs(np.fft.rfftfreq(length))[:, None, None]
        filtered = np.fft.irfft(np.fft.rfft(f, length, axis=1) * ramp, axis=1)[:, :n]
        image = self.adjoint(filtered.astype(np.float32))
        return image * (np.pi / 2 / len(self.angles))

    def get_config(self):
        return {"angles": self.angles, "size": self.size}


@register
class MaskedFourier(Measurement):
    """Some frequencies of a real image, as an MRI scanner measures them.

    f = M F u with F the orthonormal discrete Fourier transform of a periodic image, zero frequency
    first as `numpy.fft.fft2` has it, and M zero where nothing was measured. Real and imaginary parts
    are two channels.

    Args:
        mask: Array of bool `(height, width)`, true where a frequency was measured.

    Raises:
        InputError: for a mask of another shape, or without any frequency.

    Example:
        >>> every = MaskedFourier(np.ones((8, 8), bool))
        >>> tuple(every.apply(ops.ones((1, 8, 8, 1))).shape), str(every)
        ((1, 8, 8, 2), '100 % of the frequencies')
    """

    def __init__(self, mask):
        mask = np.asarray(mask)
        if mask.ndim != 2 or not mask.any():
            raise InputError(
                "`mask` must be (height, width) and true somewhere. "
                f"Received: shape={mask.shape}, {int(np.count_nonzero(mask))} frequencies."
            )
        self.mask = mask != 0
        # A real image has each frequency twice.
        self._share = 0.5 * (self.mask + _opposite(self.mask.astype(np.float32)))[None, ..., None]

    def __str__(self):
        return f"{100 * self.mask.mean():.0f} % of the frequencies"

    def image_sides(self, f):
        if f.shape[1:3] != self.mask.shape:
            raise InputError(
                "Frequencies must have the shape of the mask. "
                f"Received: {f.shape[1]}×{f.shape[2]} for {self.mask.shape}."
            )
        return self.mask.shape

    def noise_of(self, f):
        """From the highest frequencies that were measured, where pictures have little."""
        height, width = self.mask.shape
        distance = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)) * self.mask
        high = distance >= np.quantile(distance[self.mask], 0.9)
        # Of a normal number in each part the modulus has this median.
        return float(np.median(np.abs(_complex(f)[0][high])) / np.sqrt(2 * np.log(2)))

    def apply(self, u):
        u = ops.convert_to_numpy(u)
        found = self.mask[None, ..., None] * np.fft.fft2(u, axes=(1, 2), norm="ortho")
        return ops.convert_to_tensor(np.concatenate([found.real, found.imag], -1).astype(np.float32))

    def adjoint(self, f):
        found = self.mask[None, ..., None] * _complex(ops.convert_to_numpy(f))
        image = np.fft.ifft2(found, axes=(1, 2), norm="ortho").real
        return ops.convert_to_tensor(image.astype(np.float32))

    def start(self, f):
        """Zero where nothing was measured."""
        return self.adjoint(f)

    def proximal(self, z, f, ridge, iterations=40, tolerance=1e-4):
        """Exact: a frequency at a time."""
        right = np.asarray(self.adjoint(f)) + ridge * np.asarray(z)
        found = np.fft.fft2(right, axes=(1, 2)) / (self._share + ridge)
        return np.fft.ifft2(found, axes=(1, 2)).real.astype(np.float32)

    def get_config(self):
        return {"mask": self.mask.tolist()}


def _opposite(mask):
    """The mask at the negative frequencies."""
    return np.roll(mask[::-1, ::-1], 1, (0, 1))


def _complex(f):
    channels = f.shape[-1] // 2
    return f[..., :channels] + 1j * f[..., channels:]
