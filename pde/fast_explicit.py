"""Fast explicit diffusion: cycles of explicit steps, some of them far too large, stable together."""

import math
from collections.abc import Callable

import numpy as np

from ..errors import InputError
from .backend import Tensor, ops
from .loops import repeat


def fed_time_steps(length: int, bound: float) -> np.ndarray:
    """The time steps of a cycle of fast explicit diffusion (Weickert et al. 2016, FED).

        τ_i = τ_max / (2 cos²(π (2i + 1)/(4n + 2))),   i = 0 … n − 1

    They sum up to τ_max (n² + n)/3, where n steps of τ_max reach n τ_max. Applied to a linear operator
    with a real spectrum in [−2/τ_max, 0], the cycle is a box filter in disguise: its norm is at most
    one, though that of most of its steps is larger. They are ordered so that rounding does not grow:
    each step is the one that keeps the product of all so far smallest over the spectrum (Leja).

    Args:
        length: n ≥ 1.
        bound: τ_max, the largest stable step in px².

    Returns:
        float64 array `(n,)`.

    Raises:
        InputError: if `length` is not a whole number ≥ 1.

    Example:
        >>> fed_time_steps(3, 0.25).round(3)
        array([0.132, 0.664, 0.204])
    """
    if not isinstance(length, int) or length < 1:
        raise InputError(f"`length` must be a whole number ≥ 1. Received: length={length!r}.")
    index = np.arange(length)
    steps = bound / (2 * np.cos(math.pi * (2 * index + 1) / (4 * length + 2)) ** 2)
    return steps[_leja(1 / steps)]


def _leja(points):
    """The order in which each point is the farthest from all before it, as a product of distances."""
    order, left = [int(np.argmax(points))], set(range(len(points)))
    left.discard(order[0])
    logarithm = np.zeros(len(points))
    while left:
        with np.errstate(divide="ignore"):
            logarithm += np.log(np.abs(points - points[order[-1]]))
        order.append(max(left, key=lambda i: logarithm[i]))
        left.discard(order[-1])
    return np.array(order)


def cycle_time(length: int, bound: float | Tensor) -> float | Tensor:
    """The time of a cycle: τ_max (n² + n)/3, or τ_max itself for a single, plain step.

    Args:
        length: n ≥ 1.
        bound: τ_max, the largest stable step in px², a number or a scalar tensor.

    Returns:
        The time in px², of the type of `bound`.

    Example:
        >>> cycle_time(3, 0.25)
        1.0
    """
    return bound if length == 1 else bound * (length**2 + length) / 3


def fed_cycle(
    rate: Callable[[Tensor], Tensor], u: Tensor, bound: float | Tensor, length: int
) -> Tensor:
    """One cycle of fast explicit diffusion; a plain explicit step for n = 1.

    Args:
        rate: Function A of the image; linear, symmetric, the same during the cycle.
        u: The image, a tensor of any shape.
        bound: τ_max, the largest stable step in px², a number or a scalar tensor.
        length: n.

    Returns:
        The image at a time later by `cycle_time`.

    Example:
        >>> round(float(fed_cycle(lambda u: -u, ops.array(1.0), 0.25, 3)), 3)
        0.232
    """
    if length == 1:
        return u + bound * rate(u)
    steps = ops.convert_to_tensor(fed_time_steps(length, 1.0), dtype=u.dtype)

    def step(state):
        index, u = state
        return index + 1, u + (bound * steps[index]) * rate(u)

    return repeat(step, (ops.convert_to_tensor(0, dtype="int32"), u), length)[1]


def fsi_cycle(
    rate: Callable[[Tensor], Tensor], u: Tensor, bound: float | Tensor, length: int
) -> Tensor:
    """One cycle of fast semi-iteration (Hafner et al. 2016, FSI).

        u_{k+1} = α_k (u_k + τ A u_k) + (1 − α_k) u_{k−1},   α_k = (4k + 2)/(2k + 3),   u_{−1} = u_0

    It reaches the same time as a cycle of `fed_cycle` and is stable after every step, not only at its
    end, for one more image in memory.

    Args:
        rate: Function A of the image; linear, symmetric, the same during the cycle.
        u: The image, a tensor of any shape.
        bound: τ of the formula, the largest stable step in px², a number or a scalar tensor.
        length: n, the number of steps.

    Returns:
        The image at a time later by `cycle_time`.

    Example:
        >>> round(float(fsi_cycle(lambda u: -u, ops.array(1.0), 0.25, 3)), 3)
        0.232
    """

    def step(state):
        index, before, u = state
        k = ops.cast(index, u.dtype)
        weight = (4 * k + 2) / (2 * k + 3)
        return index + 1, u, weight * (u + bound * rate(u)) + (1 - weight) * before

    return repeat(step, (ops.convert_to_tensor(0, dtype="int32"), u, u), length)[2]
