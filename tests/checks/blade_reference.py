"""BLADE in plain NumPy: features by their definitions, filters pixel by pixel."""

import numpy as np
from imagepde import layers
from scipy.ndimage import gaussian_filter


def _selection(orientations=8, colour="joint", centred=False):
    """A selection whose thresholds are met in random images."""
    return layers.FilterSelection(
        orientations, (0.05, 0.15, 0.3), (0.2, 0.5), (0.5,), rho=0.7, colour=colour, centred=centred
    )


def _random(layer, channels=1):
    """Random filters, so large as rates of change are."""
    rng = np.random.default_rng(11)
    layer.build((None, None, None, channels))
    for weight in layer.trainable_weights:
        weight.assign(0.3 * rng.normal(size=weight.shape))
    return layer


def blade(footprint=5, symmetric=True, orientations=8, channels=1):
    """A `Blade` with random filters."""
    return _random(layers.Blade(_selection(orientations), footprint, symmetric), channels)


def blade_flux(footprint=5, symmetric=True):
    """A `BladeFlux` with random filters."""
    return _random(layers.BladeFlux(_selection(), footprint, symmetric))


def stable_blade(channels=1, footprint=5, kernels=16, longest_step=0.2):
    """A `StableBlade` with random kernels and gains."""
    rate = layers.StableBlade(_selection(centred=True), footprint, kernels, longest_step)
    return _random(rate, channels)


def features(u, rho, location="pixels"):
    """Angle modulo π, strength, coherence and intensity by eqs. 2.3, 2.4; u is `(height, width, c)`."""
    radius = 16
    p = np.pad(u.astype(float), ((radius, radius), (radius, radius), (0, 0)), mode="symmetric")
    x = 0.5 * np.diff(p, axis=1)
    x = x[1:] + x[:-1]
    y = 0.5 * np.diff(p, axis=0)
    y = y[:, 1:] + y[:, :-1]

    def place(corner):
        if location != "rows":
            corner = 0.5 * (corner[1:] + corner[:-1])
        if location != "columns":
            corner = 0.5 * (corner[:, 1:] + corner[:, :-1])
        smooth = gaussian_filter(corner, rho, mode="nearest", truncate=np.ceil(4 * rho) / rho)
        # A corner array starts between the first two pixels, that of edges there too.
        first = [radius if location == name else radius - 1 for name in ("rows", "columns")]
        height, width = u.shape[0] - (location == "rows"), u.shape[1] - (location == "columns")
        return smooth[first[0] : first[0] + height, first[1] : first[1] + width]

    a, b, c = (place((one * two).mean(-1)) for one, two in ((x, x), (x, y), (y, y)))
    matrices = np.stack([np.stack([a, b], -1), np.stack([b, c], -1)], -1)
    values, vectors = np.linalg.eigh(matrices)
    angle = np.arctan2(vectors[..., 1, 1], vectors[..., 0, 1]) % np.pi
    roots = np.sqrt(np.maximum(values, 0))
    coherence = (roots[..., 1] - roots[..., 0]) / (roots[..., 1] + roots[..., 0] + 1e-12)
    grey = u.mean(-1)
    if location == "rows":
        grey = 0.5 * (grey[1:] + grey[:-1])
    elif location == "columns":
        grey = 0.5 * (grey[:, 1:] + grey[:, :-1])
    return angle, roots[..., 1], coherence, grey


def index(selection, u, location="pixels"):
    """Eq. 2.5 with a further feature."""
    angle, strength, coherence, grey = features(u, selection.rho, location)
    n = selection.orientations
    bins = np.minimum((angle / np.pi * n).astype(int), n - 1)
    if selection.centred:
        bins = np.round(angle / np.pi * n).astype(int) % n
    # Random images have a direction everywhere.
    stride = n + selection.centred
    for values, thresholds in (
        (strength, selection.strengths),
        (coherence, selection.coherences),
        (grey, selection.intensities),
    ):
        bins = bins + stride * np.searchsorted(thresholds, values, side="right")
        stride *= len(thresholds) + 1
    return bins


def blade_reference(layer, images):
    """Eq. 2.1 pixel by pixel, for batches of images."""
    side = layer.footprint
    bank = np.asarray(layer.bank(), float).reshape(-1, side, side)
    r, result = side // 2, np.empty(images.shape)
    for b, u in enumerate(images):
        where = index(layer.selection, u)
        p = np.pad(u.astype(float), ((r, r), (r, r), (0, 0)), mode="edge")
        for i, j in np.ndindex(*where.shape):
            patch = p[i : i + side, j : j + side]
            result[b, i, j] = np.einsum("ijc,ij->c", patch, bank[where[i, j]])
    return result


def stable_blade_reference(layer, images):
    """−Kᵀ C_s K u / τ₀ with the matrix of K, for images of one channel."""
    kernels, side = np.asarray(layer.bank(), float)[:, :, 0], layer.footprint
    gains, r = np.asarray(layer.table(), float), side // 2
    height, width = images.shape[1:3]
    pixels = np.pad(np.arange(height * width).reshape(height, width), r, mode="symmetric")
    matrix = np.zeros((height, width, kernels.shape[-1], height * width))
    for i, j in np.ndindex(height, width):
        for y, x in np.ndindex(side, side):
            matrix[i, j, :, pixels[i + y, j + x]] += kernels[y, x]
    result = np.empty(images.shape)
    for b, u in enumerate(images):
        where = index(layer.selection, u)
        for c in range(u.shape[-1]):
            response = gains[where] * (matrix @ u[..., c].ravel().astype(float))
            rate = np.einsum("ijkp,ijk->p", matrix, response) / -layer.longest_step
            result[b, ..., c] = rate.reshape(height, width)
    return result


def blade_flux_reference(layer, images):
    """Eqs. 3.14 to 3.16 edge by edge."""
    result = np.zeros(images.shape)
    wide, narrow = layer.footprint // 2, layer.footprint // 2 - 1
    for axis, location in ((1, "rows"), (2, "columns")):
        bank = np.asarray(layer.banks()[axis], float)
        bank = bank.reshape(-1, *bank.shape[-2:])
        margins = [(wide, wide), (wide, wide), (0, 0)]
        margins[axis - 1] = (narrow, narrow)
        for b, u in enumerate(images):
            where = index(layer.selection, u, location)
            p = np.pad(u.astype(float), margins, mode="edge")
            for i, j in np.ndindex(*where.shape):
                h = bank[where[i, j]]
                flux = np.einsum("ijc,ij->c", p[i : i + h.shape[0], j : j + h.shape[1]], h)
                result[b, i, j] += flux
                result[b, i + (axis == 1), j + (axis == 2)] -= flux
    return result
