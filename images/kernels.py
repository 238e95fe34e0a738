"""Kernels of a blur, as people have them: any sum, odd or even sides."""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError


def normalised_kernel(kernel: ArrayLike) -> np.ndarray:
    """A kernel `(rows, columns)` with a sum of one and odd sides; warns if it was another.

    Raises:
        InputError: for numbers that are not finite, and for a sum that is not positive.
    """
    kernel = np.asarray(kernel, np.float64)
    if not np.isfinite(kernel).all() or not kernel.sum() > 0:
        raise InputError("`kernel` must hold finite numbers with a positive sum.")
    total = kernel.sum()
    if abs(total - 1) > 1e-3:
        warnings.warn(f"The kernel was divided by its sum, {total:g}.", stacklevel=4)
    even = [n % 2 == 0 for n in kernel.shape]
    if any(even):
        warnings.warn(
            "A kernel of an even size has no pixel in its middle; the one after it was taken, which "
            "shifts the picture by half a pixel.",
            stacklevel=4,
        )
    # With zeros after it, the pixel after the middle is in the middle.
    return np.pad(kernel / total, [(0, int(one)) for one in even])
