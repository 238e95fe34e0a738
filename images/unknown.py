"""Pixels that are not known: filled in smoothly, so that a filter is not misled by them."""

import numpy as np


def fill(plane: np.ndarray, known: np.ndarray) -> np.ndarray:
    """One plane whose unknown pixels are weighted means of the known ones around.

    Means with Gaussians of 1, 2, 4, … px, until one reaches something that is known.

    Args:
        plane: Array `(height, width)`.
        known: Array of bool of the same shape.

    Returns:
        Array of the type of the plane. What is known is what it was; a plane of which nothing is known
        is zero.
    """
    from scipy.ndimage import gaussian_filter

    values = np.where(known, plane, 0).astype(np.float64)
    if not known.any():
        return np.zeros_like(plane)
    result, missing = values.copy(), ~known
    weight, sigma = known.astype(np.float64), 1.0
    while missing.any():
        near = gaussian_filter(weight, sigma, mode="reflect", truncate=3.0)
        mean = gaussian_filter(values, sigma, mode="reflect", truncate=3.0)
        reached = missing & (near > 1e-3)
        result[reached] = mean[reached] / near[reached]
        missing &= ~reached
        sigma *= 2
    if plane.dtype.kind in "iu":
        result = np.rint(result)
    return np.where(known, plane, result.astype(plane.dtype))
