"""Inverse problems, segmentation and resampling with NumPy and SciPy alone."""

import numpy as np
from imagepde import layers
from scipy import ndimage

from .blade_reference import blade, blade_reference, index


def deblurring():
    """A reconstruction with a data term, of few steps."""
    step = layers.TimeStep(blade(footprint=3), 0.1)
    return layers.Reconstruction(step, layers.Blur(0.6), weight=2.0, steps=3)


def upscaling():
    """A projected reconstruction at twice the resolution."""
    step = layers.TimeStep(blade(footprint=3), 0.1)
    observation = layers.Chain([layers.Blur(0.4), layers.Subsample(2)])
    return layers.Reconstruction(step, observation, weight=None, steps=1)


def segmentation():
    return layers.ChanVese(blade(footprint=3), 0.3, 0.01, 1.5, 0.8, 0.9, 0.0, steps=4, side=2.7)


def resampling():
    layer = layers.BladeResampling(
        layers.FilterSelection(4, [0.1], [0.5], [0.4], rho=0.5), footprint=3, order=2
    )
    layer.build((None, None, None, 3))
    layer.filters.assign(np.random.default_rng(2).normal(0, 0.1, layer.filters.shape))
    return layer


def folded():
    kernel = np.outer([1.0, 2.0, 1.0], [1.0, 3.0, 1.0]) / 20
    return layers.FoldedDeconvolution(blade(footprint=3), layers.Blur(kernel), 1.5, 0.2, steps=3)


def _blur(u, sigma=0.6):
    """`Blur(sigma)`, whose kernel ends at four standard deviations."""
    radius = int(np.ceil(4 * sigma))
    sides = (0, radius, radius, 0)
    return ndimage.gaussian_filter(u, (0, sigma, sigma, 0), mode="reflect", radius=sides)


def deblurring_reference(layer, f):
    u = f.astype(float)
    for _ in range(layer.steps):
        # The kernel is symmetric, and so is the mirrored blur: it is its own adjoint.
        pull = _blur(f - _blur(u))
        u = u + 0.1 * (blade_reference(layer.step.rate, u) + 2.0 * pull)
    return u


def upscaling_reference(layer, f):
    """With matrices: P₀ = I − Aᵀ(A Aᵀ)⁻¹ A."""
    u = np.asarray(layer.observation.start(f), float)
    sides = u.shape[1:3]
    units = np.eye(np.prod(sides)).reshape(-1, *sides, 1)
    matrix = _blur(units, 0.4)[:, ::2, ::2].reshape(len(units), -1).T
    inverse = matrix.T @ np.linalg.inv(matrix @ matrix.T)

    def flat(image):
        return image.reshape(len(image), -1)

    u = flat(u) + (flat(f.astype(float)) - flat(u) @ matrix.T) @ inverse.T
    for _ in range(layer.steps):
        change = flat(0.1 * blade_reference(layer.step.rate, u.reshape(-1, *sides, 1)))
        u = u + change - change @ matrix.T @ inverse.T
    return u.reshape(-1, *sides, 1)


def segmentation_reference(layer, f):
    height, width = f.shape[1:3]
    rows, columns = (np.sin(np.pi / layer.side * np.arange(n)) for n in (height, width))
    result = []
    for image in f.astype(float):
        phi = np.outer(rows, columns)
        for _ in range(layer.steps):
            region = phi >= 0
            first, second = image[region].mean(0), image[~region].mean(0)
            inside, outside = (((image - mean) ** 2).mean(-1) for mean in (first, second))
            level = 0.5 + np.arctan(phi) / np.pi
            bend = blade_reference(layer.rate, level[None, ..., None])[0, ..., 0]
            force = layer.length * bend - layer.area - layer.inside * inside + layer.outside * outside
            phi = phi + layer.time_step / (np.pi * (1 + phi**2)) * force
        result.append(0.5 + np.arctan(phi) / np.pi)
    return np.stack(result)[..., None]


def resampling_reference(layer, inputs):
    side, result = layer.footprint, np.empty((*inputs.shape[:-1], 1))
    r, banks = side // 2, np.asarray(layer.banks(), float).reshape(len(layer.powers), -1, side, side)
    for b, (image, field) in enumerate(zip(inputs[..., :1], inputs[..., 1:], strict=True)):
        where = index(layer.selection, image)
        padded = np.pad(image[..., 0].astype(float), r, mode="edge")
        for i, j in np.ndindex(*where.shape):
            y = np.clip(i + field[i, j, 1], 0, where.shape[0] - 1)
            x = np.clip(j + field[i, j, 0], 0, where.shape[1] - 1)
            k, m = int(np.floor(y + 0.5)), int(np.floor(x + 0.5))
            patch = padded[k : k + side, m : m + side]
            result[b, i, j, 0] = image[k, m, 0] + sum(
                (x - m) ** p * (y - k) ** q * (patch * bank[where[k, m]]).sum()
                for (p, q), bank in zip(layer.powers, banks, strict=True)
            )
    return result


def folded_reference(layer, f):
    kernel = layer.observation.kernel
    source = ndimage.correlate(f.astype(float), kernel[None, ..., None], mode="reflect")
    filters = np.asarray(layer.rate.bank(), float).reshape(-1, 3, 3)
    own = ndimage.correlate(np.pad(kernel, 1), kernel, mode="constant")
    filters = np.pad(filters, ((0, 0), (1, 1), (1, 1))) - layer.weight * own
    u = f.astype(float)
    for _ in range(layer.steps):
        rate = np.empty(u.shape)
        for b, image in enumerate(u):
            where = index(layer.rate.selection, image)
            padded = np.pad(image[..., 0], 2, mode="edge")
            for i, j in np.ndindex(*where.shape):
                rate[b, i, j, 0] = (padded[i : i + 5, j : j + 5] * filters[where[i, j]]).sum()
        u = u + layer.time_step * (rate + layer.weight * source)
    return u
