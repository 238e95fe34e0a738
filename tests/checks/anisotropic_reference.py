"""Anisotropic diffusion in plain NumPy and SciPy, with the sparse matrix of the paper."""

import numpy as np
from imagepde import layers, pde

from . import reference


def structure_at_corners(u, sigma, rho):
    """J_ρ of an image `(height, width, channels)`, by SciPy on the mirrored image."""
    from scipy.ndimage import gaussian_filter

    height, width, _ = u.shape
    margin = min(height, width)
    wide = np.pad(u.astype("float64"), [(margin, margin)] * 2 + [(0, 0)], mode="symmetric")
    smooth = gaussian_filter(wide, (sigma, sigma, 0), truncate=4.0)
    p, q, r, s = smooth[:-1, :-1], smooth[:-1, 1:], smooth[1:, :-1], smooth[1:, 1:]
    x, y = (q - p + s - r) / 2, (r - p + s - q) / 2
    entries = [(e).sum(-1) for e in (x * x, x * y, y * y)]
    around = [gaussian_filter(e, rho, truncate=4.0) for e in entries]
    inner = slice(margin - 1, margin + height), slice(margin - 1, margin + width)
    return [e[inner] for e in around]


def with_eigenvalues(structure, function):
    """The same eigenvectors with other eigenvalues, matrix by matrix."""
    j = np.stack(structure, -1)[..., [0, 1, 1, 2]].reshape(*structure[0].shape, 2, 2)
    values, vectors = np.linalg.eigh(j)
    along, across = values[..., 0], values[..., 1]
    new = np.stack(function(across, along)[::-1], -1)
    d = np.einsum("...ik,...k,...jk->...ij", vectors, new, vectors)
    return d[..., 0, 0], d[..., 0, 1], d[..., 1, 1]


def tensor_reference(layer, image):
    """What a tensor layer computes, for one image `(height, width, channels)`."""
    if isinstance(layer, layers.EstimatedTensor):
        features = reference.convolution(
            image, np.asarray(layer.features.kernel), np.asarray(layer.features.bias), zero_mean=True
        )
        padded = np.pad(np.maximum(features, 0), [(2, 2)] * 2 + [(0, 0)], mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), axis=(0, 1))
        p, q, r = np.moveaxis(
            np.einsum("ijcxy,xyck->ijk", windows, np.asarray(layer.kernel)) + np.asarray(layer.bias),
            -1,
            0,
        )
        share = 1 / (1 + p * p + q * q + r * r)
        return p * p * share, p * q * share, (q * q + r * r) * share
    structure = structure_at_corners(image, layer.sigma, layer.rho)
    if isinstance(layer, layers.CoherenceEnhancingTensor):

        def both(across, along):
            coherence = np.maximum((across - along) ** 2, 1e-20)
            least = layer.least + 0 * across
            return least, layer.least + (1 - layer.least) * np.exp(-(layer.contrast**4) / coherence)

        return with_eigenvalues(structure, both)

    def g(squared):
        ratio = np.clip(squared / layer.contrast**2, 1e-2, 1e2)
        return 1 - np.exp(-3.31488 / ratio**4)

    if isinstance(layer, layers.IsotropicTensor):
        both = g(structure[0] + structure[2])
        return both, 0 * both, both
    return with_eigenvalues(structure, lambda across, along: (g(across), g(along)))


def anisotropic_reference(layer, u):
    """With the sparse matrix of eq. 9, and the steps of the cycle one after the other."""

    def one(image):
        matrix = pde.stencil_matrix(tensor_reference(layer.tensor, image), layer.alpha, layer.gamma)
        steps = [1.0] if layer.cycle == 1 else pde.fed_time_steps(layer.cycle, 1.0)
        flat = image.reshape(-1, image.shape[-1]).astype("float64")
        for step in steps:
            flat = flat + step * layer.time_step * (matrix @ flat)
        return flat.reshape(image.shape)

    return np.stack([one(image) for image in u])
