"""Deblurring, upscaling and inpainting: `solve` with what suits them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import described, filled, unknown_pixels
from ..images.axes import plane_indices, planes_last
from ..images.blur_measuring import MeasuredBlur, measure_blur
from ..images.kernels import normalised_kernel
from ..images.picture import Picture
from ..images.planes import plane_shape
from ..images.tiling import WINDOW
from ..layers import Blur, Downscale, Identity, Mask
from ..pde.backend import keras
from .architectures.reconstruction import observation_of, regularised
from .catalogue import card
from .choice import Noise
from .deprecated import formerly
from .evolution_solver import (
    DEBLURRING,
    INPAINTING,
    STEPS_AT_ONCE,
    evolution_options,
    evolution_solver,
    is_evolution,
    one_object,
    upscaling,
)
from .model_traits import traits
from .opening import loaded
from .plug_and_play import UPSCALING_START, UPSCALING_STEPS
from .pyramid import inpainting_by_levels
from .restoration import restore
from .solving import Range, Weight, loaded_or_given, solve


@formerly("deblur(image, kernel, model)", names={"picture": "image", "regulariser": "model"})
def deblur(
    image: ArrayLike | Picture,
    kernel: float | np.ndarray | None = None,
    model: str | keras.Model | None = None,
    *,
    solver: str | None = None,
    noise: Noise = None,
    level: float | None = None,
    weight: Weight = "auto",
    steps: int | None = None,
    time_step: float | None = None,
    axes: str | None = None,
    value_range: Range = None,
    nan: str = "error",
) -> Any:
    """Deconvolution of an image f = φ ∗ u + noise.

    Args:
        image: An array as `restore` takes it.
        kernel: φ, see `layers.Blur`: the standard deviation of a Gaussian in px, or an array of any
            size, larger than the image too, which is divided by its sum with a warning unless that is
            one. When `None` the width of a Gaussian or of a disk is measured, see
            `images.measure_blur`, on the middle plane of a stack; a sharp picture loses its noise only.
            Evolutions apply a large kernel by products of matrices, see `pde.is_large_kernel`; solvers
            with a denoiser apply any kernel in the frequencies of the image.
        model: The regulariser, as for `solve`; `"foe_s.gauss15"` where a weight or a time step is given
            and no model.
        solver: As for `solve`.
        noise: As for `solve`.
        level: As for `solve`.
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
        >>> zoo.deblur(data.camera()[:64, :96], 1.5).shape
        (64, 96)
    """
    options = {"solver": solver, "noise": noise, "level": level, "weight": weight, "steps": steps}
    options |= {"axes": axes, "value_range": value_range, "nan": nan}
    options |= evolution_options(model, weight, time_step, DEBLURRING)
    if kernel is None:
        kernel = blur_of(described(image, axes), value_range, nan).kernel
        if kernel is None:
            return solve(image, Identity(), **options)
    sides = None
    if np.ndim(kernel) == 2:
        kernel = normalised_kernel(kernel)
        # The norm depends on the size of an image that is small, unless the kernel is symmetric.
        height, width, _ = plane_shape(described(image, axes))
        if height < 2 * kernel.shape[0] or width < 2 * kernel.shape[1]:
            sides = height, width
    return solve(image, one_object(Blur(kernel, sides)), **options)


def blur_of(picture: Picture, value_range: Range = None, nan: str = "error") -> MeasuredBlur:
    """How blurred a picture with any axes is, measured on its middle plane.

    Args:
        picture: The `Picture`.
        value_range: As for `solve`.
        nan: As for `restore`.

    Raises:
        InputError: for what `images.measure_blur` refuses.
    """
    where = unknown_pixels(picture, nan)
    picture = picture if where is None else filled(picture, where)
    planes, order = planes_last(picture.values, picture.axes)
    indices = list(plane_indices(planes.shape, order))
    return measure_blur(planes[indices[len(indices) // 2]], picture.scale(value_range))


@formerly(
    "upscale(image, factor, model, blur=…)",
    names={"picture": "image", "regulariser": "model"},
    order=("image", "factor", "blur"),
    is_old=lambda args: len(args) > 2 and isinstance(args[2], int | float),
)
def upscale(
    image: ArrayLike | Picture,
    factor: float = 4,
    model: str | keras.Model | None = None,
    *,
    sampling: str | np.ndarray = "area",
    blur: float | None = None,
    solver: str | None = None,
    noise: Noise = None,
    level: float | None = None,
    weight: Weight = "auto",
    steps: int | None = None,
    time_step: float | None = None,
    axes: str | None = None,
    value_range: Range = None,
    nan: str = "error",
) -> Any:
    """A larger image that gives this one when it is made smaller again.

    Args:
        image: An array as `restore` takes it.
        factor: A number > 1. Of an image of n pixels the result has n·factor, rounded.
        model: The regulariser, as for `solve`.
        sampling: How the image was made smaller: `"area"` (means over pixels), `"bicubic"` or
            `"lanczos"` as by Pillow, `"point"` (single pixels), see `pde.resizing_matrix`; the outer
            edges of both pixel grids lie upon each other. Or a kernel φ, see `layers.Blur`, of which
            every `factor`-th pixel was taken, from (factor − 1) // 2 on, for a whole factor.
        blur: Instead of `sampling`, the standard deviation of a Gaussian φ in pixels of the result.
        solver: As for `solve`.
        noise: As for `solve`.
        level: As for `solve`.
        weight: As for `solve`; evolutions are projected unless there is one.
        steps: As for `solve`; 6 when `None`, or 10 for an evolution.
        time_step: As for `solve`.
        axes: As for `restore`.
        value_range: As for `solve`.
        nan: As for `restore`.

    Returns:
        Array `factor` times as high and wide.

    Raises:
        InputError: for another factor or sampling, and for what `solve` and `layers.Blur` refuse.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.upscale(data.camera()[:64, :64], 2).shape
        (128, 128)
        >>> zoo.upscale(data.camera()[:64, :64], 1.5, sampling="bicubic").shape
        (96, 96)
    """
    if blur is not None or not isinstance(sampling, str):
        if isinstance(factor, bool) or not isinstance(factor, int) or factor < 2:
            raise InputError(
                f"With a kernel, `factor` must be a whole number ≥ 2. Received: factor={factor!r}."
            )
        operator = observation_of(sampling if blur is None else blur, factor)
    else:
        operator = Downscale(factor, sampling)
    options = {"solver": solver, "noise": noise, "axes": axes, "value_range": value_range, "nan": nan}
    options |= evolution_options(model, weight, time_step, upscaling(factor))
    by_evolution = options["model"] is not None and is_evolution(loaded_or_given(options["model"]))
    if by_evolution and solver in (None, "evolution"):
        options |= {"weight": None if weight == "auto" else weight, "steps": steps, "level": level}
    else:
        options |= {"weight": weight, "steps": UPSCALING_STEPS if steps is None else steps}
        options |= {"level": UPSCALING_START if level is None else level}
    return solve(image, one_object(operator), **options)


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
        steps: As for `solve`, at each level of resolution; 40 when `None`. An image of more than 1024²
            pixels has one level, and 100 steps.
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
    model = model or INPAINTING["regulariser"]
    height, width, samples = plane_shape(described(image, axes))
    if weight is None and height * width <= WINDOW**2:
        steps = INPAINTING["steps"] if steps is None else steps
        function, needs, channels = inpainting_by_levels(
            *(_inpainting(model, started, steps, time_step, samples >= 3) for started in (False, True))
        )
        options = {"axes": axes, "value_range": value_range, "nan": nan}
        return restore(image, function, traits=needs, channels=channels, mask=mask, **options)
    options = {"weight": weight, "steps": STEPS_AT_ONCE if steps is None else steps, "axes": axes}
    options |= {"model": model, "time_step": time_step, "value_range": value_range, "nan": nan}
    return solve(image, one_object(Mask()), mask=mask, **options)


def _inpainting(model, started, steps, time_step, color):
    """A model that fills in, by the name of its regulariser or with that model itself."""
    options = (one_object(Mask(started=started)), None, steps, time_step)
    if isinstance(model, str):
        return evolution_solver(model, *options, color)
    return regularised(model, *options)
