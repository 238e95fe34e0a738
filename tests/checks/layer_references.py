"""Layers with random weights, and what they compute in plain NumPy."""

import numpy as np
from imagepde import layers, pde

from . import reference

SHAPE = (2, 9, 8, 1)


def experts(count=6, size=3, location="pixels"):
    """A Fields-of-Experts diffusivity whose weights are all random."""
    return layers.FieldsOfExperts(
        experts=count,
        kernel_size=size,
        location=location,
        activation=layers.LinearSpline(7, "random_normal", "random_normal"),
    )


def product():
    """A product of Roth–Black experts whose weights are all random."""
    return layers.FieldsOfExperts(
        experts=5,
        kernel_size=3,
        activation=layers.RothBlack("random_normal"),
        kernel_initializer="random_normal",
        combination="product",
    )


def classical(**changes):
    return layers.ClassicalDiffusivity("weickert", contrast=0.3, sigma=0.7, **changes)


def spline_reference(layer, x):
    return reference.spline(x, np.asarray(layer.slopes), np.asarray(layer.offset))


def experts_reference(layer, u):
    weights = [np.asarray(w) for w in (layer.kernel, layer.activation.slopes, layer.activation.offset)]
    return np.stack([reference.fields_of_experts(one[..., 0], *weights) for one in u])[..., None]


def classical_reference(layer, u):
    from scipy.ndimage import gaussian_filter

    def one(v):
        v = gaussian_filter(v, layer.sigma, mode="reflect", truncate=4.0)
        squared = sum(
            0.5
            * (
                np.diff(v, axis=axis, append=np.take(v, [-1], axis)) ** 2
                + np.diff(v, axis=axis, prepend=np.take(v, [0], axis)) ** 2
            )
            for axis in (0, 1)
        )
        with np.errstate(divide="ignore"):
            return 1 - np.exp(-3.31488 / (squared / layer.contrast**2) ** 4)

    return np.stack([one(v[..., 0]) for v in u])[..., None]


def step_reference(layer, u):
    experts = layer.diffusivity
    spline = experts.activation
    weights = [np.asarray(w) for w in (experts.kernel, spline.slopes, spline.offset)]
    at_edges = experts.location == "edges"
    g = reference.fields_of_experts_on_edges if at_edges else reference.fields_of_experts
    rates = [reference.diffusion_rate(one[..., 0], g(one[..., 0], *weights)) for one in u]
    return u + layer.time_step * np.stack(rates)[..., None]


def evolution_reference(layer, u):
    for _ in range(layer.steps):
        u = step_reference(layer.step, u)
    return u


def decreasing_reference(layer, x):
    return reference.spline(x, -reference.softplus(np.asarray(layer.slopes)), np.asarray(layer.offset))


def monomial_reference(layer, x):
    return np.asarray(layer.coefficients) * x ** np.array([1, 2, 3, 1, 2])


def roth_black_reference(layer, x):
    return (1 + x**2 / 2) ** -reference.softplus(np.asarray(layer.exponents))


def convolution_reference(layer, u):
    weights = np.asarray(layer.kernel), np.asarray(layer.bias)
    return np.stack([reference.convolution(one, *weights, layer.zero_mean) for one in u])


def estimator_reference(layer, u):
    def one(x):
        for i, c in enumerate(layer.convolutions):
            x = reference.halve(x, np.mean) if i else x
            x = reference.convolution(x, np.asarray(c.kernel), np.asarray(c.bias), c.zero_mean)
            x = np.maximum(x, 0)
        exponent = x.mean((0, 1)) @ np.asarray(layer.direction)[:, 0] + float(layer.offset)
        return layer.contrast * np.exp(exponent)

    return np.array([one(image) for image in u]).reshape(-1, 1, 1, 1)


def noise_reference(layer, u):
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    windows = np.lib.stride_tricks.sliding_window_view(u, (3, 3), axis=(1, 2))
    response = np.abs(np.einsum("bijcxy,xy->bijc", windows, mask)) + 1e-4
    level = np.exp(np.log(response).mean((1, 2, 3)) + (np.euler_gamma + np.log(2)) / 2) / 6
    return level.reshape(-1, 1, 1, 1)


def unet_step_reference(layer, u):
    def one(v):
        g = reference.sigmoid(reference.unet(v, layer.diffusivity.unet))
        rows, columns = np.pad(g[..., 0], ((1, 0), (0, 0))), np.pad(g[..., 1], ((0, 0), (1, 0)))
        return v + layer.time_step * reference.diffusion_rate(v[..., 0], (rows, columns))[..., None]

    return np.stack([one(image) for image in u])


def product_step_reference(layer, u):
    experts = layer.diffusivity
    kernel = np.asarray(experts.kernel)
    alpha = reference.softplus(np.asarray(experts.activation.exponents))

    def one(v):
        response = reference.convolution(v, kernel, 0.0, zero_mean=True)
        g = np.prod((1 + response**2 / 2) ** -alpha, axis=-1)
        return v + layer.time_step * reference.diffusion_rate(v[..., 0], g)[..., None]

    return np.stack([one(image) for image in u])


def contrast_step_reference(layer, u):
    def one(v, contrast):
        x = v[..., 0]
        squared = sum(
            0.5
            * (
                np.diff(x, axis=axis, append=np.take(x, [-1], axis)) ** 2
                + np.diff(x, axis=axis, prepend=np.take(x, [0], axis)) ** 2
            )
            for axis in (0, 1)
        )
        g = 1 / (1 + squared / contrast**2)
        return v + layer.time_step * reference.diffusion_rate(x, g)[..., None]

    contrasts = estimator_reference(layer.diffusivity.contrast, u).ravel()
    return np.stack([one(*pair) for pair in zip(u, contrasts, strict=True)])


def filtering_reference(layer, u):
    """With the paper's own filters, as sparse matrices."""

    def one(image):
        x = image
        for i, c in enumerate(layer.estimator):
            x = reference.convolution(x, np.asarray(c.kernel), np.asarray(c.bias))
            x = x if i == layer.layers - 1 else np.maximum(x, 0)
        channels = image.shape[-1]
        fields = x.reshape(*x.shape[:2], 5, -1)
        fields = np.repeat(fields, channels // fields.shape[-1], axis=-1)
        fields[..., 4, :] = fields[..., :4, :].sum(-2) - fields[..., 4, :]
        rates = [pde.five_point_matrix(fields[..., c]) @ image[..., c].ravel() for c in range(channels)]
        return image + layer.time_step * np.stack(rates, -1).reshape(image.shape)

    return np.stack([one(image) for image in u])
