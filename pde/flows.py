"""Four equations as records: what solvers, surrogates and their targets are told."""

import dataclasses
from collections.abc import Callable

from ..errors import InputError
from .backend import Tensor
from .cahn_hilliard import (
    cahn_hilliard_rate,
    cahn_hilliard_steps,
    stable_cahn_hilliard_time_step,
)
from .coherence_enhancing_diffusion import (
    coherence_enhancing_rate,
    stable_coherence_enhancing_time_step,
)
from .diffusion import diffusion_rate, stable_time_step
from .perona_malik import edgewise_diffusivity
from .time_stepping import integrate
from .total_variation import total_variation_diffusivity


class Flow:
    """An equation ∂u/∂t = F(u) with its parameters; a pixel is `spacing` units of length wide.

    A subclass has `rate(u, spacing)` and `stable_time_step(spacing)`; one with a diffusivity on the
    edges has `diffusivity(u, spacing)` too, so that implicit schemes can solve it.

    Attributes:
        title: Its name in words.
        compile_whole: Whether a loop over its steps is best compiled as one program; otherwise parts of
            a step are, see `compiled`.

    Raises:
        InputError: if a parameter is not positive.

    Example:
        >>> issubclass(PeronaMalikFlow, Flow), PeronaMalikFlow.title
        (True, 'Perona–Malik diffusion')
    """

    title = "a flow"
    compile_whole = True

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise InputError(f"`{field.name}` must be positive. Received: {field.name}={value}.")

    def advance(self, u: Tensor, time: float, steps: int, spacing: float = 1.0) -> Tensor:
        """The image after `time`, by the reference scheme in so many steps."""
        return integrate(lambda v: self.rate(v, spacing), u, time / steps, steps)


class DiffusivityFlow(Flow):
    """A flow div(g ∇u) with one diffusivity on each edge.

    Raises:
        InputError: if a parameter is not positive.

    Example:
        >>> from keras import ops
        >>> [tuple(g.shape) for g in PeronaMalikFlow().diffusivity(ops.ones((1, 4, 4, 1)))]
        [(1, 5, 4, 1), (1, 4, 5, 1)]
    """

    def rate(self, u: Tensor, spacing: float = 1.0) -> Tensor:
        """F(u), in grey value per unit of time."""
        return diffusion_rate(u, self.diffusivity(u, spacing)) * spacing**-2


@dataclasses.dataclass(frozen=True)
class TotalVariationFlow(DiffusivityFlow):
    """∂u/∂t = div(∇u/|∇u|) (BLADE, eq. 3.1), see `total_variation_diffusivity`.

    Attributes:
        epsilon: ε in grey value per unit of length.

    Raises:
        InputError: if ε is not positive.

    Example:
        >>> TotalVariationFlow(epsilon=0.5).stable_time_step()
        0.125
    """

    epsilon: float = 0.01

    title = "TV flow"

    def diffusivity(self, u: Tensor, spacing: float = 1.0) -> tuple[Tensor, Tensor]:
        """1/|∇u| on the edges."""
        return total_variation_diffusivity(u, self.epsilon, spacing)

    def stable_time_step(self, spacing: float = 1.0) -> float:
        """The largest stable explicit step: that of the heat equation with diffusivity 1/ε."""
        return stable_time_step(1.0 / self.epsilon) * spacing**2


@dataclasses.dataclass(frozen=True)
class PeronaMalikFlow(DiffusivityFlow):
    """∂u/∂t = ∂_x(g(u_x²) u_x) + ∂_y(g(u_y²) u_y), g(s) = 1/(1 + s/c²) (BLADE, eq. 3.3).

    Attributes:
        contrast: c in grey value per unit of length.

    Raises:
        InputError: if c is not positive.

    Example:
        >>> from keras import ops
        >>> flow, u = PeronaMalikFlow(contrast=1.0), ops.reshape(ops.array([0.0, 1.0]), (1, 1, 2, 1))
        >>> ops.convert_to_numpy(flow.rate(u)).ravel()
        array([ 0.5, -0.5], dtype=float32)
    """

    contrast: float = 0.05

    title = "Perona–Malik diffusion"

    def diffusivity(self, u: Tensor, spacing: float = 1.0) -> tuple[Tensor, Tensor]:
        """g on the edges."""
        return edgewise_diffusivity(u, self.contrast, spacing=spacing)

    def stable_time_step(self, spacing: float = 1.0) -> float:
        """The largest stable explicit step, for g ≤ 1."""
        return stable_time_step() * spacing**2


@dataclasses.dataclass(frozen=True)
class CoherenceEnhancingFlow(Flow):
    """∂u/∂t = div(D ∇u) along flow-like structures (BLADE, eq. 3.5), see `coherence_enhancing_rate`.

    Attributes:
        rho: ρ in units of length.
        least: α.
        contrast: C in (grey value per unit of length)⁴.

    Raises:
        InputError: if a parameter is not positive.

    Example:
        >>> round(CoherenceEnhancingFlow().stable_time_step(spacing=2.0), 2)
        7.93
    """

    rho: float = 1.0
    least: float = 0.01
    contrast: float = 1e-5

    title = "coherence-enhancing diffusion"
    compile_whole = False

    def rate(self, u: Tensor, spacing: float = 1.0) -> Tensor:
        """F(u), in grey value per unit of time."""
        return coherence_enhancing_rate(u, self.rho, self.least, self.contrast, spacing)

    def stable_time_step(self, spacing: float = 1.0) -> float:
        """The largest stable explicit step, for D ≤ 1."""
        return stable_coherence_enhancing_time_step(spacing)


@dataclasses.dataclass(frozen=True)
class CahnHilliardFlow(Flow):
    """∂u/∂t = Δ(W′(u) − γ Δu) (BLADE, eq. 3.10), see `cahn_hilliard_steps`.

    Attributes:
        gamma: γ in squared units of length.

    Raises:
        InputError: if γ is not positive.

    Example:
        >>> from keras import ops
        >>> u = CahnHilliardFlow(gamma=0.25).advance(ops.ones((1, 4, 4, 1)), time=1.0, steps=2)
        >>> round(float(ops.mean(u)), 4)
        1.0
    """

    gamma: float = 0.5

    title = "the Cahn–Hilliard equation"

    def rate(self, u: Tensor, spacing: float = 1.0) -> Tensor:
        """F(u), in grey value per unit of time."""
        return cahn_hilliard_rate(u, self.gamma, spacing)

    def stable_time_step(self, spacing: float = 1.0) -> float:
        """The largest stable explicit step; semi-implicit ones are stable far beyond."""
        return stable_cahn_hilliard_time_step(self.gamma, spacing)

    def advance(self, u: Tensor, time: float, steps: int, spacing: float = 1.0) -> Tensor:
        """The image after `time`, by semi-implicit steps in cosine space."""
        return cahn_hilliard_steps(u, steps, time / steps, self.gamma, spacing)


FLOWS: dict[str, type[Flow]] = {
    "tv_flow": TotalVariationFlow,
    "perona_malik": PeronaMalikFlow,
    "ced": CoherenceEnhancingFlow,
    "cahn_hilliard": CahnHilliardFlow,
}
"""The flows by name."""


def register_flow(name: str) -> Callable[[type[Flow]], type[Flow]]:
    """Class decorator that makes an equation of one's own known by a name, for targets and surrogates.

    Args:
        name: Its name in `FLOWS`.

    Returns:
        A decorator of a frozen dataclass, a subclass of `Flow` or `DiffusivityFlow`.

    Raises:
        InputError: if another class has this name, or the class is no `Flow`.

    Example:
        >>> @register_flow("heat")
        ... @dataclasses.dataclass(frozen=True)
        ... class HeatFlow(Flow):
        ...     def rate(self, u, spacing=1.0):
        ...         return diffusion_rate(u, (1.0, 1.0)) * spacing**-2
        >>> FLOWS.pop("heat")().title
        'a flow'
    """

    def register(flow: type[Flow]) -> type[Flow]:
        if not (isinstance(flow, type) and issubclass(flow, Flow)):
            raise InputError(f"A flow must be a subclass of `Flow`. Received: {flow!r}.")
        known = FLOWS.get(name)
        # A notebook's cell may be run again.
        if known is not None and (known.__module__, known.__qualname__) != (
            flow.__module__,
            flow.__qualname__,
        ):
            raise InputError(f"There is another flow of the name {name!r}: {known.__name__}.")
        FLOWS[name] = flow
        return flow

    return register
