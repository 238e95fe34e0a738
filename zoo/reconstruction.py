"""Inverse problems with any evolution of the zoo as the regulariser (BLADE, section 4)."""

import functools
import json
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import described
from ..images.kernels import normalised_kernel
from ..images.picture import Picture
from ..images.planes import plane_shape
from ..images.scale import Scale
from ..layers import Blur, Mask, Observation, check_adjoint
from ..pde.backend import keras
from .architectures.reconstruction import observation_of, regularised
from .deprecated import formerly
from .model_traits import traits
from .registry import card
from .restoration import loaded, restore

Weight = float | Literal["auto"] | None
Range = tuple[float, float] | Scale | None

DEBLURRING = {"regulariser": "foe_s.gauss15", "steps": 10}
INPAINTING = {"regulariser": "blade_flux.ced_smooth", "weight": None, "steps": 200}
"""What a problem is solved with where nothing else is said: better than the other evolutions that were
tried on photographs of BSDS500, see `docs/problems.md`."""


def upscaling(factor: int) -> dict[str, Any]:
    """The same for upscaling: what is best at a factor of 2 is not at 4."""
    if factor == 2:
        return {"regulariser": "blade_flux.ced_smooth", "weight": None, "steps": 10}
    # The distance that TV flow has to go grows with that of the known pixels.
    time_step = 0.01 * (factor / 4) ** 2
    return {
        "regulariser": "blade_flux.tv_flow",
        "time_step": time_step,
        "weight": None,
        "steps": 10,
    }


@formerly(
    "solve(image, operator, model, weight=…)",
    names={"picture": "image", "observation": "operator", "regulariser": "model"},
    order=("image", "operator", "model", "weight", "steps", "time_step", "mask"),
)
def solve(
    image: ArrayLike | Picture,
    operator: Observation,
    model: str | keras.Model = "blade_flux.ced_smooth",
    *,
    weight: Weight = "auto",
    steps: int = 10,
    time_step: float | None = None,
    mask: np.ndarray | None = None,
    axes: str | None = None,
    value_range: Range = None,
    nan: str = "error",
) -> Any:
    """Solves f = A u + noise for u.

    Args:
        image: f, an array or a `images.Picture` as `restore` takes it.
        operator: An `Observation` A: `Blur`, `Subsample`, `Mask`, a `Chain` of them, or a
            `CustomObservation`, whose adjoint is tested first.
        model: The evolution that serves as the regulariser: name of a model of the zoo or a
            `keras.Model`, see `regularised`. Colours are filtered together where its weights allow it,
            else one by one. By name it is loaded and compiled once for all pictures with the same
            `operator`.
        weight: λ in 1/px², or `"auto"`, see `regularised`; the less noise, the larger. `None` for a
            picture without noise: then A u = f to the end.
        steps: Number of steps.
        time_step: τ of the regulariser in px²; as it is when `None`.
        mask: The known pixels, for `Mask()`.
        axes: As for `restore`: every plane is solved for.
        value_range: The values of black and white; found when `None`, see `images.find_scale`.
        nan: As for `restore`.

    Returns:
        Array of the type of the image, or a `Picture` for one, larger by the factor of the operator.

    Raises:
        InputError: for a picture that `restore` does not take, and what `regularised` refuses.

    Example:
        >>> from skimage import data
        >>> from imagepde import layers, zoo
        >>> blurred = data.camera()
        >>> zoo.solve(blurred, layers.Blur(1.0), "blade_flux.perona_malik", weight=5.0).shape
        (512, 512)
    """
    *sides, samples = plane_shape(described(image, axes))
    color = samples >= 3
    if isinstance(model, str):
        solver = _solver(model, operator, weight, steps, time_step, color)
    else:
        solver = regularised(model, operator, weight, steps, time_step)
    if not operator.takes_mask:
        check_adjoint(operator, (1, *(operator.factor * n for n in sides), 1))
    return restore(image, solver, mask=mask, axes=axes, value_range=value_range, nan=nan)


@functools.lru_cache(maxsize=8)
def _solver(name, operator, weight, steps, time_step, color):
    """A model for a problem; it sees colours together if the picture has them and the weights fit."""
    if color:
        try:
            return regularised(name, operator, weight, steps, time_step, 3)
        except InputError:
            pass  # Its weights are for one channel: colours are restored one by one.
    return regularised(name, operator, weight, steps, time_step, 1)


def _one_object(operator):
    """The same object for every operator that says the same, so that its solver is found again."""
    return _described(json.dumps(keras.saving.serialize_keras_object(operator)))


@functools.lru_cache(maxsize=32)
def _described(text):
    return keras.saving.deserialize_keras_object(json.loads(text))


def _options(model, time_step, defaults):
    """Model and time step, the default ones for `None`; a time step goes with the model it suits."""
    if model is None:
        own = defaults.get("time_step")
        return {
            "model": defaults["regulariser"],
            "time_step": own if time_step is None else time_step,
        }
    return {"model": model, "time_step": time_step}


@formerly("deblur(image, kernel, model)", names={"picture": "image", "regulariser": "model"})
def deblur(
    image: ArrayLike | Picture,
    kernel: float | np.ndarray = 1.0,
    model: str | keras.Model | None = None,
    *,
    weight: Weight = "auto",
    steps: int = DEBLURRING["steps"],
    time_step: float | None = None,
    axes: str | None = None,
    value_range: Range = None,
    nan: str = "error",
) -> Any:
    """Nonblind deconvolution of an image f = φ ∗ u + noise (section 4.1).

    Args:
        image: An array as `restore` takes it.
        kernel: φ, see `layers.Blur`: the standard deviation of a Gaussian in px, or an array of any
            size, larger than the image too, which is divided by its sum with a warning unless that is
            one. A large kernel is applied by products of matrices, see `pde.is_large_kernel`.
        model: The regulariser, as for `solve`; `"foe_s.gauss15"` when `None`.
        weight: As for `solve`.
        steps: As for `solve`.
        time_step: As for `solve`.
        axes: As for `restore`.
        value_range: As for `solve`.
        nan: As for `restore`.

    Returns:
        Array like the image.

    Raises:
        InputError: for what `solve` and `layers.Blur` refuse.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.deblur(data.camera(), 1.5, "blade_flux.tv_flow").shape
        (512, 512)
    """
    options = _options(model, time_step, DEBLURRING)
    options |= {"weight": weight, "steps": steps, "axes": axes, "value_range": value_range, "nan": nan}
    sides = None
    if np.ndim(kernel) == 2:
        kernel = normalised_kernel(kernel)
        # The norm depends on the size of an image that is small, unless the kernel is symmetric.
        height, width, _ = plane_shape(described(image, axes))
        if height < 2 * kernel.shape[0] or width < 2 * kernel.shape[1]:
            sides = height, width
    return solve(image, _one_object(Blur(kernel, sides)), **options)


@formerly(
    "upscale(image, factor, model, blur=…)",
    names={"picture": "image", "regulariser": "model"},
    order=("image", "factor", "blur"),
    is_old=lambda args: len(args) > 2 and isinstance(args[2], int | float),
)
def upscale(
    image: ArrayLike | Picture,
    factor: int = 4,
    model: str | keras.Model | None = None,
    *,
    blur: float = 0.4,
    weight: Weight = None,
    steps: int = 10,
    time_step: float | None = None,
    axes: str | None = None,
    value_range: Range = None,
    nan: str = "error",
) -> Any:
    """A larger image u, such that f = ↓(φ ∗ u) (section 4.2), from Lanczos interpolation on.

    Args:
        image: An array as `restore` takes it.
        factor: A whole number ≥ 2. Pixel 0 of the image is pixel (factor − 1) // 2 of the result.
        model: The regulariser, as for `solve`; when `None`, `"blade_flux.ced_smooth"` for a factor of
            2 and `"blade_flux.tv_flow"` for others.
        blur: Standard deviation of the Gaussian φ in pixels of the result.
        weight: As for `solve`; for a picture with noise.
        steps: As for `solve`.
        time_step: As for `solve`.
        axes: As for `restore`.
        value_range: As for `solve`.
        nan: As for `restore`.

    Returns:
        Array `factor` times as high and wide.

    Raises:
        InputError: for another factor, and for what `solve` and `layers.Blur` refuse.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.upscale(data.camera()[:64, :64], 2).shape
        (128, 128)
    """
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 2:
        raise InputError(f"`factor` must be a whole number ≥ 2. Received: factor={factor!r}.")
    options = _options(model, time_step, upscaling(factor))
    operator = _one_object(observation_of(blur, factor))
    options |= {"weight": weight, "steps": steps, "axes": axes, "value_range": value_range, "nan": nan}
    return solve(image, operator, **options)


@formerly("inpaint(image, mask, model)", names={"picture": "image", "regulariser": "model"})
def inpaint(
    image: ArrayLike | Picture,
    mask: np.ndarray,
    model: str | keras.Model | None = None,
    *,
    weight: Weight = None,
    steps: int | None = None,
    time_step: float | None = None,
    axes: str | None = None,
    value_range: Range = None,
    nan: str = "error",
) -> Any:
    """Fills in what is not known of an image; what is known stays as it is.

    Args:
        image: An array as `restore` takes it.
        mask: True where it is known, see `restore`.
        model: The regulariser, as for `solve`, or a model that inpaints, as `"inpainting.eed"`, which
            takes no other options; `"blade_flux.ced_smooth"` when `None`.
        weight: As for `solve`.
        steps: As for `solve`; 200 when `None`.
        time_step: As for `solve`.
        axes: As for `restore`.
        value_range: As for `solve`.
        nan: As for `restore`.

    Returns:
        Array like the image.

    Raises:
        InputError: for what `solve` refuses, and for options that the model does not take.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> image = data.camera()[:64, :64]
        >>> zoo.inpaint(image, image > 20, "inpainting.homogeneous").shape
        (64, 64)
    """
    if isinstance(model, str) and card(model).architecture in ("inpainting", "reconstruction"):
        model = loaded(model)
    if isinstance(model, keras.Model) and traits(model).takes == "mask":
        given = {"weight": weight, "steps": steps, "time_step": time_step}
        given = [name for name, value in given.items() if value is not None]
        if given:
            raise InputError(f"{model.name!r} takes no other options. Received: {', '.join(given)}.")
        return restore(image, model, mask=mask, axes=axes, value_range=value_range, nan=nan)
    steps = INPAINTING["steps"] if steps is None else steps
    options = _options(model, time_step, INPAINTING)
    options |= {"weight": weight, "steps": steps, "axes": axes, "value_range": value_range, "nan": nan}
    return solve(image, _one_object(Mask()), mask=mask, **options)
