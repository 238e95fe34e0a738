"""Diffusion with a given diffusivity: implicit steps, and the Green's operator of the heat equation."""

import math

from ..errors import InputError
from .backend import Tensor, ops
from .conjugate_gradients import solve_by_conjugate_gradients
from .diffusion import Diffusivity, diffusion_rate


def implicit_diffusion(
    u: Tensor,
    diffusivity: Diffusivity,
    time_step: float,
    tolerance: float = 1e-6,
    max_iterations: int = 500,
) -> Tensor:
    """One implicit step (Id − δt L(γ))⁻¹ u, L(γ) u = div(γ ∇u) (DiffNet, eq. 2.11).

    Stable for every δt > 0: the matrix is symmetric with eigenvalues of at least 1, and its inverse
    has entries ≥ 0 and rows that sum to one, so mean and range are kept as in the explicit step. The
    system is solved by conjugate gradients, without the matrix.

    Args:
        u: Tensor `(batch, height, width, channels)`.
        diffusivity: γ ≥ 0, as `diffusion_rate` takes it.
        time_step: δt in px².
        tolerance: Residual, relative to the norm of each image, at which the iteration ends.
        max_iterations: Where it ends at the latest.

    Returns:
        Tensor of the shape of u.

    Raises:
        InputError: if the time step is not positive.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 1.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(implicit_diffusion(u, ops.ones((1, 1, 2, 1)), 1.0)).ravel().round(3)
        array([0.333, 0.667], dtype=float32)
    """
    if not time_step > 0:
        raise InputError(f"`time_step` must be positive. Received: time_step={time_step}.")

    u = ops.convert_to_tensor(u)
    return solve_by_conjugate_gradients(
        lambda v: v - time_step * diffusion_rate(v, diffusivity), u, max_iterations, tolerance, start=u
    )


def greens_operator(u: Tensor, time: float) -> Tensor:
    """The Green's operator G_T of ∂u/∂t = Δu: convolution with a Gaussian of σ = √(2T).

    Applied exactly in the Fourier domain, as the factor e^(−k²T) (DiffNet, eq. 2.5 and Lemma 2.4), to
    the image mirrored at its border (homogeneous Neumann condition).

    Args:
        u: Tensor `(batch, height, width, channels)`; height and width must be known.
        time: T ≥ 0 in px².

    Returns:
        Tensor of the shape of u.

    Raises:
        InputError: if the time is negative.

    Example:
        >>> u = ops.reshape(ops.array([0.0, 1.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(greens_operator(u, 10.0)).ravel().round(3)
        array([0.5, 0.5], dtype=float32)
    """
    if not time >= 0:
        raise InputError(f"`time` must be ≥ 0. Received: time={time}.")
    _, height, width, _ = u.shape
    images = ops.transpose(u, (0, 3, 1, 2))
    images = ops.concatenate([images, ops.flip(images, axis=2)], axis=2)
    images = ops.concatenate([images, ops.flip(images, axis=3)], axis=3)
    decay = ops.exp(-time * _squared_frequencies(2 * height, 2 * width, u.dtype))
    real, imaginary = ops.fft2((images, ops.zeros_like(images)))
    result, _ = ops.ifft2((real * decay, imaginary * decay))
    return ops.transpose(result[:, :, :height, :width], (0, 2, 3, 1))


def _squared_frequencies(height, width, dtype):
    """|k|² in the order of the discrete Fourier transform, in radians² per px²."""

    def along(size):
        index = ops.cast(ops.arange(size), dtype)
        index = ops.where(index < (size + 1) // 2, index, index - size)
        return ops.square(2 * math.pi / size * index)

    return along(height)[:, None] + along(width)[None, :]
