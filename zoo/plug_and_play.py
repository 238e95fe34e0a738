"""Inverse problems with a denoiser in the place of a regulariser: plug and play."""

import collections
import functools
import math
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from ..errors import InputError
from ..images.measured_noise import MeasuredNoise
from ..images.noise_base import NoiseModel
from ..images.picture import Picture
from ..images.scale import Scale
from ..images.tiling import strips_of
from ..layers import Observation, Traits
from ..pde import solve_by_conjugate_gradients
from ..pde.backend import keras, ops
from .architectures.reaction_diffusion import told_once
from .certificates import certificate
from .choice import noise_of_plane
from .denoising import noise_at_least
from .evolution_solver import is_evolution
from .finite import check_finite
from .method import Function, Method, method_of
from .model_traits import sums_images_up
from .planes import applied
from .stabilised import contrast_of

SOLVERS = ("hqs", "fbs", "admm", "fista")
"""Half-quadratic splitting, forward–backward splitting, the alternating direction method of
multipliers, and forward–backward splitting with momentum."""

STEPS = {"hqs": 8, "fbs": 100, "admm": 30, "fista": 50}
"""How many steps are taken where nothing is said; twice as many for what is no picture."""

START = 49 / 255
"""The strength of the denoiser in the first step of half-quadratic splitting."""

STEPS_NOISY, START_NOISY = 5, 35 / 255
"""The same for noisy pictures: eight steps would gain 0.0 to 0.2 dB, see docs/problems.md."""

_PULL, _PULL_CLEAN, _PULL_MAGNIFIED = 0.23, 0.1, 0.02
"""λ of half-quadratic splitting, and that for pictures with almost no noise, and for enlarged ones."""

_LAST = 5 / 255
"""The strength of the denoiser in the last step, at most, where noise is not that of a picture."""

_CLEAN = 1 / 255
LEAST, _LEAST_MAGNIFIED = 0.05 / 255, 1 / 255
"""Noise that every picture is taken to have, and every small one that is to be enlarged."""

DENOISER = "trd_small.any"
"""What is taken where no model is named."""

UPSCALING_STEPS, UPSCALING_START = 5, 25.0
"""Steps for upscaling, and the strength of the denoiser in the first of them."""

_STRONG, _UNEVEN = 20 / 255, 1.5
"""Noise that is this strong, and whose variance differs by more than this factor from pixel to pixel,
gives weights to the pixels. Of weaker noise weights gained nothing, and they take time."""

_ITERATIONS = 20
"""Conjugate gradients for a data term with weights, at most."""

Denoiser = Callable[[np.ndarray, float], np.ndarray]
"""Function of images `(batch, height, width, channels)` in [0, 1] and of σ in the same units."""


def denoiser_of(method: Method, sigma: float | None) -> Denoiser:
    """A model as a function of images and of the strength of their noise.

    A model that is told the noise is told this one. One that is made for noise of σ₀ is given images
    that are brought to that noise, D(u σ₀/σ) σ/σ₀, which keeps a bound of the distance between two
    results. One that measures the noise, or whose noise is not known, is applied as it is.

    Args:
        method: The `Method` of the model.
        sigma: σ₀ on the scale of 0 to 255; `None` for another model.
    """
    told = method.traits.takes == "noise"
    once = _told_once(method.model) if told and method.model is not None else None
    sums_up = method.model is None or sums_images_up(method.model)

    def apply(piece, level):
        if once is not None:
            number = np.full((1, 1, 1, 1), level, np.float32)
            found = [np.asarray(once.predict_on_batch([one[None], number])) for one in piece]
            return check_finite(method.name, found[0] if len(found) == 1 else np.concatenate(found))
        if told:
            noise = np.full((*piece.shape[:3], 1), level, np.float32)
            return applied(method, np.concatenate([piece, noise], axis=-1))
        factor = 1.0 if sigma is None else np.float32(sigma / 255 / level)
        return applied(method, piece * factor) / factor

    def denoise(images, level):
        images = np.asarray(images, np.float32)
        # Strips stay in the cache, and take less memory.
        needs, (height, width) = method.traits, images.shape[1:3]
        aligned = height % needs.alignment == width % needs.alignment == 0
        local = needs.reach is not None and aligned and not sums_up
        strips = strips_of(height, width, needs.reach or 0, needs.alignment) if local else []
        if len(strips) < 2:
            return apply(images, level)
        result = np.empty_like(images)
        for strip in strips:
            strip.write(result, apply(strip.read(images), level))
        return result

    return denoise


_told_once = functools.lru_cache(maxsize=8)(told_once)


def iterates(
    solver: str,
    denoise: Denoiser,
    operator: Observation,
    f: np.ndarray,
    *,
    noise: float,
    level: float | None = None,
    steps: int | None = None,
    weights: np.ndarray | None = None,
    relaxation: float = 0.5,
) -> Iterator[np.ndarray]:
    """The images that a solver comes to, one after the other, for f = A u + noise.

    With D_s the denoiser for noise of s, and prox(z) the u of the smallest ½‖A u − f‖² + ½ρ‖u − z‖²,

    - `"hqs"` (Zhang et al., DPIR, PAMI 2021): u = prox(z), z = D_s(u), where s falls from 35/255
      (49/255 where there is hardly any noise) to the noise σ, ρ = λ σ²/s² with λ = 0.23, 0.1 for
      σ ≤ 1/255, 0.02 for an image that is enlarged;
    - `"fbs"`: u ← (1 − θ) u + θ D_s(u − τ Aᵀ(A u − f)), τ = 1/‖A‖²;
    - `"admm"`: u = prox(v − w), v = D_s(u + w), w ← w + u − v, with ρ = σ²/s²;
    - `"fista"`: `"fbs"` with θ = 1 and the momentum of Beck and Teboulle (2009).

    Args:
        solver: One of these.
        denoise: The `Denoiser`.
        operator: A, an `Observation` that was bound to f.
        f: What was observed, `(batch, height, width, channels)`.
        noise: σ, in the units of f.
        level: s of the other solvers; for `"hqs"` that of the first step.
        steps: Their number.
        weights: σ²/Var of the noise of each number in f, for `"hqs"`: of noise that is not equally
            strong everywhere.
        relaxation: θ in (0, 1).

    Yields:
        float32 arrays `(batch, height, width, channels)`.
    """
    if solver not in SOLVERS:
        raise InputError(f"`solver` must be one of {', '.join(SOLVERS)}. Received: {solver!r}.")
    noisy = solver == "hqs" and operator.is_picture and noise > _CLEAN
    if steps is None:
        steps = STEPS_NOISY if noisy else STEPS[solver] * (1 if operator.is_picture else 2)
    u = np.asarray(operator.start(f), np.float32)
    if solver == "hqs":
        pull = _PULL if noise > _CLEAN else _PULL_CLEAN
        pull = _PULL_MAGNIFIED if operator.factor > 1 else pull
        last = noise if operator.is_picture else min(noise, _LAST)
        level = level or (START_NOISY if noisy else START)
        for s in np.geomspace(max(level, last), last, steps):
            u = _nearest(operator, u, f, pull * (noise / s) ** 2, weights)
            u = denoise(u, float(s))
            yield u
        return
    level = max(2 * noise, 5 / 255) if level is None else level
    if solver == "admm":
        v, w = u, np.zeros_like(u)
        for _ in range(steps):
            u = operator.proximal(v - w, f, (noise / level) ** 2)
            v = denoise(u + w, level)
            w = w + u - v
            yield v
        return
    tau = np.float32(1 / operator.squared_norm)
    share = relaxation if solver == "fbs" else 1.0
    ahead, momentum = u, 1.0
    for _ in range(steps):
        pulled = ahead + tau * np.asarray(operator.residual(ahead, f))
        before, u = u, (1 - share) * ahead + share * denoise(pulled, level)
        ahead = u
        if solver == "fista":
            after = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
            ahead, momentum = u + (momentum - 1) / after * (u - before), after
        yield u


def _nearest(operator, z, f, ridge, weights):
    """The u of the smallest ½⟨A u − f, W (A u − f)⟩ + ½ρ‖u − z‖²."""
    if weights is None:
        return operator.proximal(z, f, ridge)
    z, f, w = (ops.convert_to_tensor(x, "float32") for x in (z, f, weights))
    change = solve_by_conjugate_gradients(
        lambda p: operator.adjoint(w * operator.apply(p)) + ridge * p,
        operator.adjoint(w * (f - operator.apply(z))),
        _ITERATIONS,
        1e-2,
    )
    return ops.convert_to_numpy(z + change)


def denoising_solver(
    model: keras.Model,
    operator: Observation,
    solver: str,
    noise: NoiseModel | MeasuredNoise | None,
    level: float | None,
    steps: int | None,
    least: float,
) -> tuple[Function, Traits, int | None]:
    """What `restore` needs to solve f = A u + noise with a denoiser.

    Args:
        model: The denoiser.
        operator: An `Observation`.
        solver: As for `iterates`.
        noise: Noise in [0, 1]; measured for each image when `None`.
        level: As for `iterates`, on the scale of 0 to 255.
        steps: As for `iterates`.
        least: The σ in [0, 1] that any image has at least.

    Returns:
        `(function, traits, channels)`.

    Raises:
        InputError: for a model that maps no pictures to pictures, an unknown solver, and numbers that
            are not positive.
    """
    if solver not in SOLVERS:
        known = ", ".join(("evolution", *SOLVERS))
        raise InputError(f"`solver` must be one of {known}. Received: solver={solver!r}.")
    for name, value in (("level", level), ("steps", steps)):
        if value is not None and not value > 0:
            raise InputError(f"`{name}` must be positive. Received: {name}={value!r}.")
    method, card = method_of(model), getattr(model, "card", None)
    task = (card.made_for if card is not None else None) or {}
    # Of a model of other people nothing is known.
    foreign = card is None and method.outputs in (None, method.channels)
    if not (foreign or task.get("kind") == "gaussian_noise" or is_evolution(model)):
        raise InputError(
            "A regulariser must be a denoiser or an evolution, as 'trd_small.any' or 'eed.default'. "
            f"Received: {method.name!r}."
        )
    sigma = task.get("sigma") if isinstance(task.get("sigma"), int | float) else None
    if solver != "hqs" and not (solver == "fbs" and "distance" in certificate(model).promises):
        warnings.warn(
            f"It is not proven that {solver!r} with {method.name!r} converges; 'fbs' does with "
            'the models of `zoo.list_models(guarantee="distance")`.',
            stacklevel=4,
        )
    denoise = denoiser_of(method, sigma)
    if operator.factor > 1:
        least = max(least, _LEAST_MAGNIFIED)

    def solve_all(images):
        return np.concatenate([solve(one[None]) for one in images])

    def solve(image):
        f, bound = operator.bind(np.asarray(image, np.float32))
        f = np.asarray(f)
        strength, weights = _strength(noise, f[0], operator.factor > 1)
        options = {"noise": max(strength, least), "weights": weights, "steps": steps}
        options |= {"level": None if level is None else level / 255}
        (u,) = collections.deque(iterates(solver, denoise, bound, f, **options), maxlen=1)
        return u

    inner = method.traits
    needed = max(inner.smallest_side, operator.smallest_side)
    traits = Traits(
        reach=None,
        smallest_side=-(-needed // int(operator.factor)),
        magnification=operator.factor,
        takes="mask" if operator.takes_mask else "picture",
    )
    return solve_all, traits, method.channels


def _strength(noise, plane, sharp):
    """The σ of a plane, and the weights of its pixels: measured, or of what is given.

    What may be texture does not count in a plane that is sharp. In a blurred one there is little of it,
    and a blur that is undone makes noise that was overlooked stronger.
    """
    if noise is None:
        found, (low, high) = noise_of_plane(plane), contrast_of(plane)
        noise = noise_at_least(found, high - low) if sharp else found.noise
    noise = noise.noise if isinstance(noise, MeasuredNoise) else noise
    variance = noise.variance(gaussian_filter(plane, (2, 2, 0)))
    sigma = float(np.sqrt(variance.mean()))
    if sigma < _STRONG or variance.max() < _UNEVEN * variance.min():
        return sigma, None
    variance = np.maximum(variance, 1e-2 * variance.mean())
    squared = 1 / np.mean(1 / variance)
    return float(np.sqrt(squared)), (squared / variance)[None].astype(np.float32)


def least_noise(picture: Picture, scale: Scale) -> float:
    """The σ in [0, 1] of what rounding left of a picture of integers; little for other pictures."""
    rounded = picture.dtype.kind in "iu"
    return max(LEAST, 1 / (scale.high - scale.low) / math.sqrt(12)) if rounded else LEAST
