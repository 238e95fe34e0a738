"""The Cahn–Hilliard equation ∂u/∂t = Δ(W′(u) − γ Δu), which separates dark from bright."""

import math

import numpy as np

from .backend import Tensor, ops
from .diffusion import diffusion_rate
from .loops import repeat


def double_well(u: Tensor) -> Tensor:
    """The potential W(u) = u² (u − 1)², lowest at black and at white."""
    return ops.square(u * (u - 1.0))


def double_well_derivative(u: Tensor) -> Tensor:
    """W′(u) = 2u (u − 1)(2u − 1)."""
    return 2.0 * u * (u - 1.0) * (2.0 * u - 1.0)


def laplacian(u: Tensor, spacing: float = 1.0) -> Tensor:
    """Five-point Laplacian with the reflecting boundary."""
    return diffusion_rate(u, (1.0, 1.0)) * spacing**-2


def cahn_hilliard_rate(u: Tensor, gamma: float = 0.5, spacing: float = 1.0) -> Tensor:
    """The right-hand side Δ(W′(u) − γ Δu) with five-point Laplacians (BLADE, eq. 3.10).

    Args:
        u: Tensor `(batch, height, width, channels)`; each channel by itself.
        gamma: γ > 0 in squared units of length: the width of the transitions.
        spacing: h, the side of a pixel; 1 unless lengths have another unit than px.

    Returns:
        Tensor of the shape of u. Its mean is zero: the mass is kept.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 0.5, 1.0, 0.0]), (1, 2, 2, 1))
        >>> abs(round(float(ops.sum(cahn_hilliard_rate(u))), 4))
        0.0
    """
    return laplacian(double_well_derivative(u) - gamma * laplacian(u, spacing), spacing)


def cahn_hilliard_energy(u: Tensor, gamma: float = 0.5, spacing: float = 1.0) -> Tensor:
    """∫ W(u) + γ/2 |∇u|², which falls along the flow.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        gamma: γ, as for `cahn_hilliard_rate`.
        spacing: h, likewise.

    Returns:
        Tensor `(batch,)`, the sum over the channels.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 1.0]), (1, 1, 2, 1))
        >>> float(cahn_hilliard_energy(u, gamma=0.5)[0])
        0.25
    """
    gradient = -0.5 * gamma * u * laplacian(u, spacing)
    return spacing**2 * ops.sum(double_well(u) + gradient, axis=(1, 2, 3))


def stable_cahn_hilliard_time_step(gamma: float = 0.5, spacing: float = 1.0) -> float:
    """The largest stable explicit step, h⁴/(32 γ): ‖γ Δ²‖ = 64 γ/h⁴.

    W″ ≤ 2 for grey values in [0, 1] adds at most 16/h², which counts where h² ≫ γ.

    Args:
        gamma: γ > 0 in squared units of length.
        spacing: h, the side of a pixel in units of length.

    Returns:
        A float, in units of time.

    Example:
        >>> round(stable_cahn_hilliard_time_step(gamma=0.25), 4)
        0.0625
    """
    return 2.0 / (64.0 * gamma * spacing**-4 + 16.0 * spacing**-2)


def cosine_matrix(size: int, dtype: str = "float32") -> Tensor:
    """The orthogonal matrix of the discrete cosine transform (DCT-II), whose rows are the modes.

    They are the eigenvectors of the second difference with the reflecting boundary.
    """
    k, x = np.arange(size)[:, None], np.arange(size)[None, :]
    matrix = np.cos(math.pi * k * (2 * x + 1) / (2 * size)) * math.sqrt(2 / size)
    matrix[0] *= math.sqrt(0.5)
    return ops.convert_to_tensor(matrix.astype(dtype))


def _transform(rows, columns, u):
    """rows · u · columnsᵀ for every image and channel; the spatial axes are the last two."""
    return ops.matmul(ops.matmul(rows, u), ops.transpose(columns))


def cahn_hilliard_steps(
    u: Tensor, times: int, time_step: float, gamma: float = 0.5, spacing: float = 1.0
) -> Tensor:
    """Semi-implicit steps in cosine space (BLADE, eq. 3.11; Bertozzi, Esedoğlu and Gillette 2007).

        (I + τ γ Δ²) u⁽ᵏ⁺¹⁾ = u⁽ᵏ⁾ + τ Δ W′(u⁽ᵏ⁾)

    The cosine transform diagonalises the five-point Laplacian with the reflecting boundary, so that
    each step solves this exactly. First order in τ.

    Args:
        u: Tensor `(batch, height, width, channels)`; height and width must be known.
        times: Number of steps.
        time_step: τ in units of time.
        gamma: γ, as for `cahn_hilliard_rate`.
        spacing: h, likewise.

    Returns:
        Tensor of the shape of u.

    Example:
        >>> u = ops.reshape(ops.array([0.4, 0.6]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(cahn_hilliard_steps(u, 100, 0.1, gamma=0.1)).ravel().round(2)
        array([0.05, 0.95], dtype=float32)
    """
    _, height, width, _ = u.shape
    dtype = "float64" if str(u.dtype).endswith("float64") else "float32"
    rows, columns = cosine_matrix(height, dtype), cosine_matrix(width, dtype)
    squared = [
        np.square(2.0 / spacing * np.sin(0.5 * math.pi * np.arange(size) / size))
        for size in (height, width)
    ]
    eigenvalue = squared[0][:, None] + squared[1][None, :]
    keep = 1.0 / (1.0 + time_step * gamma * eigenvalue**2)
    drive = ops.convert_to_tensor((-time_step * eigenvalue * keep).astype(dtype))
    keep = ops.convert_to_tensor(keep.astype(dtype))

    def step(spectrum):
        image = _transform(ops.transpose(rows), ops.transpose(columns), spectrum)
        force = _transform(rows, columns, double_well_derivative(image))
        return keep * spectrum + drive * force

    spectrum = _transform(rows, columns, ops.transpose(u, (0, 3, 1, 2)))
    spectrum = repeat(step, spectrum, times)
    image = _transform(ops.transpose(rows), ops.transpose(columns), spectrum)
    return ops.transpose(image, (0, 2, 3, 1))
