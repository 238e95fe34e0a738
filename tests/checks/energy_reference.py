"""The semi-implicit step of a learned energy, with NumPy and SciPy alone."""

import numpy as np
from imagepde import layers
from scipy.fft import dctn, idctn
from scipy.ndimage import correlate


def energy_step():
    """An `EnergyStep` with random weights."""
    step = layers.EnergyStep(0.7, kernels=8, footprint=3, pieces=12, gamma=0.4, damping=1.5)
    step.build((None, None, None, 1))
    rng = np.random.default_rng(5)
    for weight in step.trainable_weights:
        weight.assign(np.asarray(weight) + 0.3 * rng.standard_normal(weight.shape))
    return step


def energy_step_reference(step, images):
    """By transforms of SciPy; the adjoint of the bank by its matrix."""
    bank, forces = np.asarray(step.bank(), float)[:, :, 0], np.asarray(step.forces(), float)
    knots = np.linspace(-0.75, 1.75, len(forces))
    height, width = images.shape[1:3]
    squared = [2 - 2 * np.cos(np.pi * np.arange(n) / n) for n in (height, width)]
    eigenvalue = squared[0][:, None] + squared[1][None]
    places = np.linspace(0, 8, len(np.asarray(step.log_mobility)))
    mobility, stiffness = (
        eigenvalue * np.exp(np.interp(eigenvalue, places, np.asarray(weight)))
        for weight in (step.log_mobility, step.log_stiffness)
    )
    damping = float(np.exp(np.asarray(step.log_damping)))
    units = np.eye(height * width).reshape(-1, height, width)
    result = np.empty(images.shape)
    for b, image in enumerate(images):
        u, force = image[..., 0].astype(float), np.zeros(height * width)
        for k in range(bank.shape[-1]):
            matrix = np.stack([correlate(e, bank[..., k], mode="reflect").ravel() for e in units], 1)
            force += matrix.T @ np.interp(matrix @ u.ravel(), knots, forces[:, k])
        spectrum, push = (dctn(x.reshape(height, width), norm="ortho") for x in (u, force))
        pull = step.time_step * mobility
        after = ((1 + pull * damping) * spectrum - pull * push) / (1 + pull * (stiffness + damping))
        result[b, ..., 0] = idctn(after, norm="ortho")
    return result
