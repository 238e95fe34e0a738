"""Reaction–diffusion steps in plain NumPy, with the adjoint as the transpose of a matrix."""

import numpy as np
from imagepde import layers


def influence(**changes):
    """Influence functions that are no straight lines."""
    layer = layers.InfluenceFunctions(**{"pieces": 6, "slope": 0.7, "span": 0.6, **changes})
    build = layer.build

    def build_bent(shape):
        build(shape)
        bend(layer)

    # The check makes copies from the configuration, and copies weights: only the first is bent.
    layer.build = build_bent
    return layer


def bend(layer):
    """Gives influence functions other weights than those of a line."""
    rng = np.random.default_rng(2)
    for weight in layer.weights:
        weight.assign(np.asarray(weight) + 0.2 * rng.standard_normal(weight.shape))


def knots(layer):
    """Knots and values of φ for each filter, `(pieces + 1, filters)` both."""
    span = np.exp(np.asarray(layer.log_range, np.float64))
    t = np.linspace(-1, 1, layer.pieces + 1)[:, None]
    if layer.bound is None:
        values = np.asarray(layer.values, np.float64)
    else:
        weights = np.clip(np.asarray(layer.shape_weights, np.float64), 0, 1)
        if layer.bound == "sign":
            values = np.insert(weights, layer.pieces // 2, 0, axis=0) * t
        else:
            values = np.insert(np.cumsum(weights, 0), 0, 0, axis=0) * 2 / layer.pieces
            values = values - values[layer.pieces // 2]
    return np.tile(t * span, layer.copies), np.tile(values * span, layer.copies)


def influence_reference(layer, x):
    x_knots, y_knots = knots(layer)
    return np.stack(
        [np.interp(x[..., i], x_knots[:, i], y_knots[:, i]) for i in range(x.shape[-1])], axis=-1
    )


def extended(u, margin, rows, columns):
    """An image `(height, width, components)` mirrored at its border, with signs."""
    height, width, _ = u.shape
    index = [np.pad(np.arange(n), margin, mode="symmetric") for n in (height, width)]
    outside = [np.pad(np.zeros(n, bool), margin, constant_values=True) for n in (height, width)]
    result = u[index[0]][:, index[1]].copy()
    result[outside[0]] *= np.array(rows)
    result[:, outside[1]] *= np.array(columns)
    return result


def correlation(u, bank, rows, columns):
    """K u with the image mirrored at its border: `(height, width, filters)`."""
    size = bank.shape[0]
    padded = extended(u, size // 2, rows, columns)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(0, 1))
    return np.einsum("hwcyx,yxcn->hwn", windows, bank)


def matrix(bank, rows, columns, height, width):
    """K as a matrix, for images of this size."""
    components = bank.shape[2]
    unit = np.eye(height * width * components).reshape(-1, height, width, components)
    return np.stack([correlation(u, bank, rows, columns).ravel() for u in unit], axis=1)


def step_reference(layer, inputs):
    bank = np.asarray(layer.bank(), np.float64)
    total = bank.shape[2]
    signs = [
        [(-1.0) ** ((k >> bit) & 1) if layer.parity else 1.0 for k in range(total)] for bit in (1, 0)
    ]

    def one(u, f):
        height, width, incoming = u.shape
        outgoing = layer.components or incoming
        whole = np.zeros((height, width, total))
        whole[..., :incoming] = u
        source = np.zeros_like(whole)
        source[..., : f.shape[-1]] = f
        k = matrix(bank, *signs, height, width)
        response = (k @ whole.ravel()).reshape(height, width, -1)
        spread = k.T @ influence_reference(layer.influence, response).ravel()
        reaction = layer.rate() * (whole - source)
        return (whole - spread.reshape(whole.shape) - reaction)[..., :outgoing]

    return np.stack([one(u, f) for u, f in zip(*inputs, strict=True)])
