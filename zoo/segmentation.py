"""Segmentation into two regions, with the curvature of the reference scheme or of a surrogate."""

from ..errors import InputError
from ..images.arrays import check_picture, to_unit_range
from ..pde.backend import ops
from .architectures.segmentation import segmentation
from .finite import check_finite
from .model_traits import traits


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
    if min(colour.shape[:2]) < traits(model).smallest_side:
        raise InputError(
            f"The picture must be at least {traits(model).smallest_side} pixels high and wide. "
            f"Received: {colour.shape[0]}×{colour.shape[1]} pixels."
        )
    result = check_finite(model, ops.convert_to_numpy(model(colour[None])))
    region = result[0, ..., 0] > 0.5
    if not region.any() or region.all():
        return region
    grey = colour.mean(-1)
    return region if grey[region].mean() >= grey[~region].mean() else ~region
