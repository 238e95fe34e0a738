"""Inverse problems with any evolution of the zoo as the regulariser (BLADE, section 4)."""

import numpy as np

from ..errors import InputError
from ..images.arrays import check_picture
from ..layers import (
    Blur,
    FoldedDeconvolution,
    Mask,
    Reconstruction,
    TimeStep,
    check_adjoint,
)
from ..pde.backend import keras
from .architectures.reconstruction import observation_of, regularised
from .model_traits import layers_of
from .registry import load
from .restoration import restore
from .zoo_model import ZooModel

DEBLURRING = {"regulariser": "foe_s.gauss15", "steps": 10}
INPAINTING = {"regulariser": "blade_flux.ced_smooth", "weight": None, "steps": 200}
"""What a problem is solved with where nothing else is said: better than the other evolutions that were
tried on photographs of BSDS500, see `docs/problems.md`."""


def upscaling(factor):
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


def folded(model):
    """A deconvolution with its data term folded into the filters of BLADE (eqs. 4.4, 4.5).

    Args:
        model: A model from `regularised` with a plain BLADE, as `"blade.ced"`, and a `Blur`.

    Returns:
        A `keras.Model` with the layer `FoldedDeconvolution`, which shares its weights. Away from the
        border it computes the same.

    Raises:
        InputError: for another model.
    """
    layer = next(iter(layers_of(model, Reconstruction)), None)
    step = None if layer is None else layer.step
    if not isinstance(step, TimeStep) or step.scheme != "euler" or layer.weight is None:
        raise InputError(
            "Only a reconstruction with a weight, by Euler steps of BLADE, can be folded; see "
            f"`zoo.regularised`. Received: {model.name!r}."
        )
    image = keras.Input(model.input_shape[1:], name="image")
    deconvolution = FoldedDeconvolution(
        step.rate, layer.observation, layer.weight, step.time_step, layer.steps, name="deconvolution"
    )
    return ZooModel(image, deconvolution(image), name="folded_deconvolution")


def solve(
    picture,
    observation,
    regulariser="blade_flux.ced_smooth",
    weight="auto",
    steps=10,
    time_step=None,
    mask=None,
):
    """Solves f = A u + noise for u.

    Args:
        picture: f, an array as `restore` takes it.
        observation: An `Observation`: `Blur`, `Subsample`, `Mask`, a `Chain` of them, or a
            `CustomObservation`, whose adjoint is tested first.
        regulariser: See `regularised`. Colours are filtered together where its weights allow it, else
            one by one.
        weight: λ in 1/px², or `"auto"`, see `regularised`; the less noise, the larger. `None` for a
            picture without noise: then A u = f to the end.
        steps: Number of steps.
        time_step: τ of the regulariser; as it is when `None`.
        mask: The known pixels, for `Mask()`.

    Returns:
        Array of the type of the picture, larger by the factor of the observation.

    Raises:
        InputError: for a picture that `restore` does not take, and what `regularised` refuses.

    Example:
        >>> from skimage import data
        >>> from imagepde import layers, zoo
        >>> blurred = data.camera()
        >>> zoo.solve(blurred, layers.Blur(1.0), "blade_flux.perona_malik", weight=5.0).shape
        (512, 512)
    """
    shape = np.shape(picture if mask is not None else check_picture(picture))
    model = _in_colour(
        lambda channels: regularised(regulariser, observation, weight, steps, time_step, channels),
        shape,
        regulariser,
    )
    if not observation.takes_mask:
        sides = shape[:2] if len(shape) < 4 else shape[1:3]
        check_adjoint(observation, (1, *(observation.factor * n for n in sides), 1))
    return restore(model, picture, mask)


def _in_colour(make, shape, regulariser):
    """A model that sees colours together if the picture has them and the weights fit."""
    colours = len(shape) > 2 and shape[-1] in (3, 4)
    if colours and isinstance(regulariser, str):
        try:
            return make(3)
        except InputError:
            pass  # Its weights are for one channel: colours are restored one by one.
    return make(1)


def _filled(options, defaults):
    """Options with what is not given; a time step goes with the regulariser it was chosen for."""
    if "regulariser" in options:
        defaults = {key: value for key, value in defaults.items() if key != "time_step"}
    return {**defaults, **options}


def deblur(picture, kernel=1.0, **options):
    """Nonblind deconvolution of a picture f = φ ∗ u + noise (section 4.1).

    Args:
        picture: An array as `restore` takes it.
        kernel: φ, see `layers.Blur`: the standard deviation of a Gaussian, or an array.
        **options: `regulariser`, `weight`, `steps` and `time_step` as for `solve`.

    Returns:
        Array like the picture.
    """
    return solve(picture, Blur(kernel), **_filled(options, DEBLURRING))


def upscale(picture, factor=4, blur=0.4, **options):
    """A larger picture u, such that f = ↓(φ ∗ u) (section 4.2), from Lanczos interpolation on.

    Args:
        picture: An array as `restore` takes it.
        factor: A whole number ≥ 2. Pixel 0 of the picture is pixel (factor − 1) // 2 of the result.
        blur: Standard deviation of the Gaussian φ in pixels of the result.
        **options: As for `deblur`; with a `weight` for a picture with noise.

    Returns:
        Array `factor` times as high and wide.
    """
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 2:
        raise InputError(f"`factor` must be a whole number ≥ 2. Received: factor={factor!r}.")
    return solve(picture, observation_of(blur, factor), **_filled(options, upscaling(factor)))


def inpaint(picture, mask, **options):
    """Fills in what is not known of a picture; what is known stays as it is.

    Args:
        picture: An array as `restore` takes it.
        mask: Not zero where it is known, see `restore`.
        **options: As for `deblur`. Models that inpaint, as `regulariser="inpainting.eed"`, take no
            others.

    Returns:
        Array like the picture.
    """
    name = options.get("regulariser")
    if isinstance(name, str) and name.startswith("inpainting."):
        if len(options) > 1:
            raise InputError(f"{name!r} takes no other options. Received: {', '.join(options)}.")
        return restore(load(name), picture, mask)
    return solve(picture, Mask(), mask=mask, **_filled(options, INPAINTING))
