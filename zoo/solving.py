"""Linear inverse problems with a denoiser or an evolution of the zoo as the regulariser."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import described
from ..images.picture import Picture
from ..images.planes import plane_shape
from ..images.scale import Scale
from ..layers import Blur, Downscale, Identity, Observation, Subsample, check_adjoint
from ..pde.backend import keras
from .architectures.reconstruction import regularised
from .choice import Noise, as_noise
from .deprecated import formerly
from .evolution_solver import evolution_solver, is_evolution
from .measurements import solve_measurement
from .opening import loaded
from .plug_and_play import DENOISER, denoising_solver, least_noise
from .restoration import restore

_TESTED = (Blur, Downscale, Identity, Subsample)
"""The adjoints of these are exact for every image, and our tests have seen it."""

Weight = float | Literal["auto"] | None
Range = tuple[float, float] | Scale | None


def loaded_or_given(model: str | keras.Model | None) -> keras.Model:
    """A model by its name, the default denoiser, or the model that was given."""
    model = DENOISER if model is None else model
    return loaded(model) if isinstance(model, str) else model


@formerly(
    "solve(image, operator, model, weight=…)",
    names={"picture": "image", "observation": "operator", "regulariser": "model"},
    order=("image", "operator", "model", "weight", "steps", "time_step", "mask"),
)
def solve(
    image: ArrayLike | Picture,
    operator: Observation,
    model: str | keras.Model | None = None,
    *,
    solver: str | None = None,
    noise: Noise = None,
    level: float | None = None,
    weight: Weight = "auto",
    steps: int | None = None,
    time_step: float | None = None,
    mask: np.ndarray | None = None,
    axes: str | None = None,
    value_range: Range = None,
    nan: str = "error",
) -> Any:
    """Solves f = A u + noise for u.

    A denoiser serves as the regulariser (plug and play), or an evolution with a data term.

    Args:
        image: f, an array or a `images.Picture` as `restore` takes it. For a measurement its numbers: a
            sinogram `(detectors, views)` for `Radon`, complex frequencies for `MaskedFourier`.
        operator: An `Observation` A: `Blur`, `Downscale`, `Subsample`, `Mask`, a `Chain` of them, a
            `CustomObservation`, whose adjoint is tested first; `Radon` or `MaskedFourier`.
        model: The regulariser: name of a model of the zoo or a `keras.Model`; when `None`,
            `"trd_small.any"`, a denoiser that is told the noise. An evolution is taken with a data
            term, see `regularised`, unless there is a `solver`. Of evolutions colours are filtered
            together where the weights allow it; else one by one.
        solver: `"hqs"`, `"fbs"`, `"admm"` or `"fista"`, see `plug_and_play.iterates`; `"evolution"` for
            an evolution with a data term. When `None` that, or `"hqs"` for other models. With `"fbs"`
            and a model whose certificate says that no two images come further apart
            (`zoo.list_models(guarantee="distance")`) no step is longer than the one before it,
            and they converge if there is anything to converge to; otherwise a warning says that
            nothing is proven.
        noise: As for `restore`, for solvers with a denoiser: how strong the noise is; measured when
            `None`.
        level: Strength of the denoiser on the scale of 0 to 255; for `"hqs"` that of the first step.
            Chosen from the noise when `None`.
        weight: λ of an evolution in 1/px², or `"auto"`, see `regularised`; the less noise, the larger.
            `None` for a picture without noise: then A u = f to the end.
        steps: Number of steps; 10 for an evolution, see `plug_and_play.STEPS` for others.
        time_step: τ of an evolution in px²; as it is when `None`.
        mask: The known pixels, for `Mask()`.
        axes: As for `restore`: every plane is solved for.
        value_range: The values of black and white; found when `None`, see `images.find_scale`. For a
            measurement those of the image that is solved for, 0 and 1 when `None`.
        nan: As for `restore`.

    Returns:
        Array of the type of the image, or a `Picture` for one, larger by the factor of the operator.
        For a measurement a float32 array `(height, width)`.

    Raises:
        InputError: for a picture that `restore` does not take, what `regularised` refuses, and options
            that the solver does not have.

    Example:
        >>> from skimage import data
        >>> from imagepde import layers, zoo
        >>> blurred = data.camera()
        >>> zoo.solve(blurred, layers.Blur(1.0), "blade_flux.perona_malik", weight=5.0).shape
        (512, 512)
    """
    if not operator.is_picture:
        _refuse({"weight": weight != "auto", "mask": mask is not None}, "a measurement")
        return solve_measurement(
            image, operator, loaded_or_given(model), solver or "hqs", noise, level, steps, value_range
        )
    picture = described(image, axes)
    *sides, samples = plane_shape(picture)
    if not operator.takes_mask and type(operator) not in _TESTED:
        check_adjoint(operator, (1, *(round(operator.factor * n) for n in sides), 1))
    own = {"weight": weight != "auto", "time_step": time_step is not None}
    if model is None:
        model = "blade_flux.ced_smooth" if solver is None and any(own.values()) else DENOISER
    units = {"axes": axes, "value_range": value_range, "nan": nan}
    opened = loaded_or_given(model)
    if solver == "evolution" or (solver is None and is_evolution(opened)):
        _refuse({"noise": noise is not None, "level": level is not None}, "an evolution")
        options = (operator, weight, 10 if steps is None else steps, time_step)
        if isinstance(model, str):
            found = evolution_solver(model, *options, samples >= 3)
        else:
            found = regularised(model, *options)
        return restore(image, found, mask=mask, **units)
    _refuse(own, "a denoiser")
    scale = picture.scale(value_range)
    function, needs, channels = denoising_solver(
        opened,
        operator,
        solver or "hqs",
        as_noise(noise, scale),
        level,
        steps,
        least_noise(picture, scale),
    )
    return restore(image, function, traits=needs, channels=channels, mask=mask, **units)


def _refuse(given, what):
    wrong = [name for name, is_given in given.items() if is_given]
    if wrong:
        raise InputError(f"{what.capitalize()} takes no `{wrong[0]}`; see `solve`.")
