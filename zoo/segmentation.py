"""Segmentation into two regions, with the curvature of the reference scheme or of a surrogate."""

import numpy as np

from ..layers import ChanVese
from ..pde import InputError
from ..pde.backend import keras, ops
from .registry import architecture, load
from .restoration import check_picture, smallest_side, to_unit_range
from .surrogates import rate_of

_PAPER = (
    "Chan, Vese: Active Contours Without Edges, 2001; "
    "Getreuer, Milanfar, Luo: Solving Image PDEs with a Shallow Network, 2021, section 4.3"
)


@architecture("segmentation", _PAPER, "∂φ/∂t = δ(φ) (μ div(∇φ/|∇φ|) − ν − λ₁ ‖f − c₁‖² + λ₂ ‖f − c₂‖²)")
def segmentation(
    regulariser="blade_flux.tv_flow",
    length=0.2,
    area=0.0,
    inside=1.0,
    outside=1.0,
    time_step=1.0,
    tolerance=2e-4,
    steps=500,
    side=5.0,
    channels=1,
):
    """Chan–Vese segmentation; `regulariser` is a surrogate of TV flow, or `None` for the reference."""
    rate = None if regulariser is None else rate_of(load(regulariser))
    image = keras.Input((None, None, channels), name="image")
    layer = ChanVese(
        rate, length, area, inside, outside, time_step, tolerance, steps, side, name="segmentation"
    )
    return keras.Model(image, layer(image), name="segmentation")


def segment(picture, regulariser="blade_flux.tv_flow", model=None, **options):
    """Splits a picture into two regions, each as near to one grey value or colour as possible.

    Args:
        picture: Array as `restore` takes it, one picture `(height, width)` or `(height, width,
            channels)`; alpha does not count. Colours count together.
        regulariser: A surrogate of TV flow, `"blade.tv_flow"` or `"blade_flux.tv_flow"`; `None` for the
            reference scheme.
        model: A model from `zoo.load("segmentation…")`, instead of the other arguments.
        **options: `length` (μ), `area` (ν), `inside` (λ₁), `outside` (λ₂), `time_step`, `tolerance`,
            `steps` and `side`, see `layers.ChanVese`. A larger `length` gives smoother contours.

    Returns:
        Array of bool `(height, width)`, true in the brighter region.

    Raises:
        InputError: for a picture or an option that cannot be used.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.segment(data.coins()).shape
        (303, 384)
    """
    picture = check_picture(picture)
    if picture.ndim == 4:
        raise InputError(f"`segment` takes one picture. Received: shape={picture.shape}.")
    colour = to_unit_range(picture[..., None] if picture.ndim == 2 else picture[..., :3])
    if model is None:
        model = segmentation(regulariser, channels=colour.shape[-1], **options)
    elif options:
        raise InputError(f"A `model` has its options already. Received: {', '.join(options)}.")
    if model.input_shape[-1] != colour.shape[-1] or model.output_shape[-1] != 1:
        raise InputError(
            f"`model` must map {colour.shape[-1]} channels to one. "
            f"Received: a model from {model.input_shape} to {model.output_shape}."
        )
    if min(colour.shape[:2]) < smallest_side(model):
        raise InputError(
            f"The picture must be at least {smallest_side(model)} pixels high and wide. "
            f"Received: {colour.shape[0]}×{colour.shape[1]} pixels."
        )
    region = ops.convert_to_numpy(model(colour[None]))[0, ..., 0] > 0.5
    if not region.any() or region.all():
        return region
    grey = colour.mean(-1)
    return region if grey[region].mean() >= grey[~region].mean() else ~region


def intersection_over_union(first, second):
    """How well two masks agree: 1 if they are the same."""
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0
