"""What cameras and damage do to an image: blur, subsampling, masks."""

import functools

import numpy as np

from ..errors import InputError
from ..pde import (
    correlate_reflected,
    correlate_reflected_adjoint,
    finer_grid,
    gaussian_kernel,
    is_large_kernel,
    separated,
    upsample,
)
from ..pde.backend import ops
from .inpainting import SEEN_BY_FILL, fill
from .observation import Observation
from .serialization import check_positive_integer, register


@register
class Blur(Observation):
    """(φ ∗ u)_i = Σ_j φ_j u_{i−j}, a convolution of the image mirrored at its border.

    BLADE has it in section 4.1.

    Args:
        kernel: Standard deviation of a Gaussian in px, or φ as an array `(rows, columns)` with odd
            sides. A small kernel is applied by shifts of the image, a large one by matrices, see
            `pde.is_large_kernel`; that one may be larger than the image.
        sides: Height and width of the images, if they are known and smaller than twice the kernel: then
            `squared_norm` is a bound for them. Where it is `None` it is one for larger images, and for
            images of any size if the kernel is the same upside down and from right to left.

    Raises:
        InputError: if the sides of the kernel are not odd, or its entries not finite or all zero.

    Example:
        >>> blur = Blur(0.5)
        >>> str(blur), round(float(blur.apply(ops.ones((1, 8, 8, 1)))[0, 0, 0, 0]), 4)
        ('Gaussian blur σ=0.5', 1.0)
    """

    def __init__(self, kernel=1.0, sides=None):
        self._title = f"blur by a kernel of {'×'.join(map(str, np.shape(kernel)))}"
        self._given = np.asarray(kernel, np.float64).tolist()
        if np.ndim(kernel) == 0:
            self._title = f"Gaussian blur σ={kernel:g}"
            weights = gaussian_kernel(float(kernel))
            kernel = np.outer(weights, weights)
        kernel = np.asarray(kernel, np.float64)
        if kernel.ndim != 2 or not all(side % 2 for side in kernel.shape):
            raise InputError(
                "`kernel` must be a standard deviation in px or an array (rows, columns), both odd. "
                f"Received: shape={kernel.shape}."
            )
        if not np.isfinite(kernel).all() or not kernel.any():
            raise InputError("`kernel` must hold finite numbers, not all of them zero.")
        self.kernel = kernel
        turned = kernel[::-1, ::-1]
        self._passes = separated(turned)
        self.radius = max(kernel.shape) // 2
        shifted = [max(part.shape) // 2 for part in self._passes if not is_large_kernel(part)]
        self.smallest_side = max(shifted, default=1)
        self._sides = None if sides is None else tuple(int(side) for side in sides)
        largest = _largest_column_sum(np.abs(turned), self._sides)
        self.squared_norm = float(np.abs(kernel).sum() * largest)

    def __str__(self):
        return self._title

    def apply(self, u):
        for kernel in self._passes:
            u = correlate_reflected(u, kernel)
        return u

    def adjoint(self, f):
        for kernel in reversed(self._passes):
            f = correlate_reflected_adjoint(f, kernel)
        return f

    def proximal(self, z, f, ridge, iterations=40, tolerance=1e-4):
        """As for any observation; exact for a kernel that is the same in every mirror.

        The cosines of an image (DCT-II) are the eigenvectors of such a blur.
        """
        if not np.allclose(self.kernel, self.kernel[::-1]) or not np.allclose(
            self.kernel, self.kernel[:, ::-1]
        ):
            return super().proximal(z, f, ridge, iterations, tolerance)
        from scipy.fft import dctn, idctn

        options = {"axes": (1, 2), "norm": "ortho", "workers": -1}
        z, f = (np.asarray(x, np.float32) for x in (z, f))
        response = self._response(*z.shape[1:3])[..., None]
        cosines = response * dctn(f, **options) + ridge * dctn(z, **options)
        return idctn(cosines / (response**2 + ridge), **options)

    def fastest(self):
        """By Fourier transforms of the image that is continued by its mirror images."""
        rows, columns = (taps // 2 for taps in self.kernel.shape)
        inner = np.s_[:, rows : -rows or None, columns : -columns or None]
        margins = ((0, 0), (2 * rows, 2 * rows), (2 * columns, 2 * columns), (0, 0))

        def apply(u):
            u = np.asarray(ops.convert_to_numpy(u))
            down, across = _mirrored(u.shape[1], rows), _mirrored(u.shape[2], columns)
            return ops.convert_to_tensor(_convolved(u[:, down][:, :, across], self.kernel)[inner])

        def adjoint(f):
            f = np.asarray(ops.convert_to_numpy(f))
            found = _convolved(np.pad(f, margins), self.kernel[::-1, ::-1])[inner]
            for axis, radius in ((1, rows), (2, columns)):
                found = _folded(found, _mirrored(f.shape[axis], radius), f.shape[axis], axis)
            return ops.convert_to_tensor(found)

        return apply, adjoint

    @functools.lru_cache(maxsize=4)  # noqa: B019 - operators are few, and kept by their solvers
    def _response(self, height, width):
        """The eigenvalues of a symmetric blur, `(height, width)`."""
        rows, columns = (
            np.cos(np.pi / n * np.outer(np.arange(n), np.arange(taps) - taps // 2))
            for n, taps in zip((height, width), self.kernel.shape, strict=True)
        )
        return (rows @ self.kernel @ columns.T).astype(np.float32)

    def get_config(self):
        return {"kernel": self._given, **({} if self._sides is None else {"sides": self._sides})}


def _mirrored(count, radius):
    """The pixel that stands at each place of an axis that is continued by its mirror images."""
    return _inside(np.arange(-radius, count + radius), count)


def _inside(place, count):
    """Places on an axis that is continued by its mirror images, as pixels of the axis."""
    place = place % (2 * count)
    return np.minimum(place, 2 * count - 1 - place)


def _convolved(u, kernel):
    """φ ∗ u for images that are periodic."""
    from scipy.fft import irfft2, rfft2

    sides = u.shape[1:3]
    moved = np.zeros(sides, np.float32)
    rows, columns = (np.arange(taps) - taps // 2 for taps in kernel.shape)
    np.add.at(moved, np.ix_(rows % sides[0], columns % sides[1]), kernel)
    response = rfft2(moved)[None, ..., None]
    spectrum = response * rfft2(u, axes=(1, 2), workers=-1)
    return irfft2(spectrum, sides, axes=(1, 2), workers=-1).astype(np.float32)


def _folded(image, place, count, axis):
    """The sum of all pixels of an axis that stand for the same one: the adjoint of `_mirrored`."""
    moved = np.moveaxis(image, axis, 0)
    found = np.zeros((count, *moved.shape[1:]), image.dtype)
    np.add.at(found, place, moved)
    return np.moveaxis(found, 0, axis)


def _largest_column_sum(kernel, sides):
    """The largest entry of Aᵀ1 for a kernel without signs: ‖A‖² is at most this times Σ φ.

    It is Σ φ for a kernel that is symmetric along both axes, since the mirrored matrix is symmetric
    then for every size of image. It is more for another, where mirrored pixels count twice.
    """
    counts = [2 * side for side in kernel.shape] if sides is None else sides
    rows, columns = (_seen(taps, n) for taps, n in zip(kernel.shape, counts, strict=True))
    return (rows.T @ kernel @ columns).max()


def _seen(taps, count):
    """How often each of `count` pixels is seen by each entry of a kernel on one axis."""
    place = _inside(np.arange(taps)[:, None] - taps // 2 + np.arange(count), count)
    seen = np.zeros((taps, count), np.int64)
    np.add.at(seen, (np.arange(taps)[:, None], place), 1)
    return seen


@register
class Subsample(Observation):
    """Every `factor`-th pixel along both axes, from pixel (factor − 1) // 2 on.

    So coarse pixels lie in the middle of the fine ones that they stand for: exactly if `factor` is odd,
    half a fine pixel to the upper left otherwise.

    Args:
        factor: A whole number ≥ 1. Height and width of the image must be multiples of it.

    Raises:
        InputError: if `factor` is no whole number ≥ 1, or a side of an image is no multiple of it.

    Example:
        >>> tuple(Subsample(4).apply(ops.ones((1, 8, 12, 1))).shape)
        (1, 2, 3, 1)
    """

    def __init__(self, factor=2):
        self.factor = check_positive_integer(factor, "factor")
        self.radius = None if factor > 1 else 0
        self.smallest_side = 3 * factor  # so far Lanczos interpolation sees

    def __str__(self):
        return f"one pixel of {self.factor}×{self.factor}"

    @property
    def phase(self):
        """The first row and column that is observed."""
        return (self.factor - 1) // 2

    def apply(self, u):
        if any(isinstance(side, int) and side % self.factor for side in u.shape[1:3]):
            raise InputError(
                f"Height and width must be multiples of {self.factor}; crop the image. "
                f"Received: {u.shape[1]}×{u.shape[2]} pixels."
            )
        return u[:, self.phase :: self.factor, self.phase :: self.factor]

    def adjoint(self, f):
        # Each pixel is repeated, and all but one of them are zero.
        for axis, shape in ((1, (1, -1, 1, 1)), (2, (1, 1, -1, 1))):
            coarse, place = finer_grid(ops.shape(f)[axis], self.factor)
            observed = ops.reshape(ops.cast(place == self.phase, f.dtype), shape)
            f = observed * ops.take(f, coarse, axis=axis)
        return f

    def start(self, f):
        """Lanczos interpolation."""
        return upsample(f, self.factor, self.phase)

    def get_config(self):
        return {"factor": self.factor}


@register
class Mask(Observation):
    """Only some pixels are observed: A u = m u.

    Args:
        known: m, array `(height, width)`, not zero where the image is known; when `None` it is the last
            channel of what a model is given, above ½ where known.
        started: Whether unknown pixels hold an image to start from, instead of a smooth filling-in.

    Raises:
        InputError: if `known` is not `(height, width)`, or no pixel is known.

    Example:
        >>> u = ops.reshape(ops.array([2.0, 3.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(Mask([[True, False]]).apply(u)).ravel()
        array([2., 0.], dtype=float32)
    """

    radius = None
    smallest_side = SEEN_BY_FILL

    def __init__(self, known=None, started=False):
        self.known, self.started = None, bool(started)
        self.takes_mask = known is None
        if self.started:
            self.smallest_side = 1
        seen = 0 if self.started else SEEN_BY_FILL
        self.start_radius = seen if self.takes_mask else None
        if known is None:
            return
        known = np.asarray(known)
        if known.ndim != 2 or not known.any():
            raise InputError(
                "`known` must be (height, width) and true somewhere. "
                f"Received: shape={known.shape}, {int(np.count_nonzero(known))} known pixels."
            )
        self.known = (known != 0).astype("float32")[None, ..., None]

    def __str__(self):
        return "known pixels"

    def bind(self, inputs):
        if not self.takes_mask:
            return inputs, self
        known = ops.cast(inputs[..., -1:] > 0.5, inputs.dtype)
        bound = Mask.__new__(Mask)
        bound.known, bound.takes_mask, bound.start_radius = known, False, None
        bound.started = self.started
        if self.started:
            return inputs[..., :-1], bound
        # Not times zero: what is unknown may be anything, infinity too.
        return ops.where(known > 0, inputs[..., :-1], 0.0), bound

    def apply(self, u):
        return u * ops.cast(self.known, u.dtype)

    def adjoint(self, f):
        return self.apply(f)

    def start(self, f, mean=None):
        """A smooth filling-in, see `fill`; with the mean of a larger image, if f is part of one."""
        if self.started:
            return f
        return fill(self.apply(f), ops.cast(self.known, f.dtype) + ops.zeros_like(f[..., :1]), mean)

    def least_change(self, f, iterations=10):
        return self.apply(f)

    def get_config(self):
        config = {} if self.takes_mask else {"known": self.known[0, ..., 0].tolist()}
        return {**config, "started": True} if self.started else config
