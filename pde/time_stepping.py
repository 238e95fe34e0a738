"""Time schemes for ∂u/∂t = F(u)."""

from collections.abc import Callable

from .backend import Tensor
from .loops import repeat

Rate = Callable[[Tensor], Tensor]
"""F, the right-hand side of an equation as a function of the image."""


def explicit_euler(rate: Rate, u: Tensor, time_step: float | Tensor) -> Tensor:
    """One step u + τ F(u) (BLADE, eq. 1.3): first order in τ.

    Args:
        rate: Function F of the image.
        u: The image at time t, a tensor of any shape.
        time_step: τ in px².

    Returns:
        The image at time t + τ.

    Example:
        >>> explicit_euler(lambda u: -u, 1.0, 0.5)
        0.5
    """
    return u + time_step * rate(u)


def explicit_midpoint(rate: Rate, u: Tensor, time_step: float | Tensor) -> Tensor:
    """One step u + τ F(u + τ/2 F(u)) (BLADE, eq. 2.7): second order in τ, two evaluations of F.

    On a real negative spectrum it is stable for the same
    steps as Euler's, but an extremum principle does not follow.

    Args:
        rate: Function F of the image.
        u: The image at time t, a tensor of any shape.
        time_step: τ in px².

    Returns:
        The image at time t + τ.

    Example:
        >>> explicit_midpoint(lambda u: -u, 1.0, 0.5)
        0.625
    """
    return u + time_step * rate(u + 0.5 * time_step * rate(u))


def integrate(
    rate: Rate, u: Tensor, time_step: float | Tensor, steps: int, scheme: Callable = explicit_euler
) -> Tensor:
    """Solves ∂u/∂t = F(u) from u up to the time `steps`·`time_step`.

    Equation, scheme and step size are three separate things, put together here.

    Args:
        rate: Function F of the image, for instance `lambda u: diffusion_rate(u, g(u))`.
        u: The image at time 0, a tensor of any shape.
        time_step: τ in px².
        steps: Number of steps, an integer ≥ 0.
        scheme: `explicit_euler` or `explicit_midpoint`.

    Returns:
        The image at the stopping time.

    Raises:
        InputError: if `steps` is not a whole number ≥ 0.

    Example:
        >>> from keras import ops
        >>> float(integrate(lambda u: -u, ops.array(1.0), 0.5, 2))
        0.25
    """
    return repeat(lambda state: scheme(rate, state, time_step), u, steps)
