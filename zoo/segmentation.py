"""Segmentation into two regions, with the curvature of the reference scheme or of a surrogate."""

import functools
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import picture_of
from ..images.picture import Picture
from ..images.planes import each_plane, plane_shape
from ..images.scale import Scale
from ..pde.backend import keras
from .architectures.segmentation import segmentation
from .deprecated import formerly
from .finite import check_finite
from .model_traits import traits
from .registry import card, load
from .zoo_model import named

_REFERENCE = "segmentation.chan_vese"


@formerly(
    "segment(image, model)",
    names={"picture": "image", "regulariser": "model"},
    order=("image", "model", "model"),
)
def segment(
    image: ArrayLike | Picture,
    model: str | keras.Model = "segmentation.blade",
    *,
    length: float | None = None,
    area: float | None = None,
    inside: float | None = None,
    outside: float | None = None,
    time_step: float | None = None,
    tolerance: float | None = None,
    steps: int | None = None,
    side: float | None = None,
    axes: str | None = None,
    value_range: tuple[float, float] | Scale | None = None,
) -> Any:
    """Splits an image into two regions, each as near to one grey value or colour as possible.

    Args:
        image: Array or `images.Picture` as `restore` takes it; alpha does not count. Colours count
            together, and each plane of a stack by itself.
        model: Name of a model that segments, `"segmentation.blade"` or the reference scheme
            `"segmentation.chan_vese"`; of a surrogate of TV flow, for instance `"blade.tv_flow"`; or a
            `keras.Model` from `zoo.load("segmentation…")`, which takes no other options. By name it
            is loaded and compiled once for all pictures with the same options.
        length: μ, the weight of the length of the contour: the larger, the smoother. 0.2 when `None`;
            for this and all others see `layers.ChanVese`.
        area: ν, the weight of the area inside; 0 when `None`.
        inside: λ₁; 1 when `None`.
        outside: λ₂; 1 when `None`.
        time_step: τ; 1 when `None`.
        tolerance: Change per unit of time at which it ends; 0.0002 when `None`.
        steps: Number of steps at most; 500 when `None`.
        side: Side of the squares of the checkerboard at the start, in px; 5 when `None`.
        axes: As for `restore`.
        value_range: The values of black and white; found when `None`, see `images.find_scale`.

    Returns:
        Array of bool `(height, width)`, or with the axes of the image but for its colours, true in the
        brighter region; a `Picture` for a `Picture`. An image of a single colour is one region:
        nowhere true.

    Raises:
        InputError: for a picture, a model or an option that cannot be used.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.segment(data.coins()).shape
        (303, 384)
    """
    if model is None:
        warnings.warn(
            f"The reference scheme is called {_REFERENCE!r} now, `None` goes with the next version.",
            DeprecationWarning,
            stacklevel=3,
        )
        model = _REFERENCE
    options = {"length": length, "area": area, "inside": inside, "outside": outside}
    options |= {"time_step": time_step, "tolerance": tolerance, "steps": steps, "side": side}
    options = {name: value for name, value in options.items() if value is not None}
    if options and not isinstance(model, str):
        raise InputError(f"A `model` has its options already. Received: {', '.join(options)}.")
    picture = picture_of(image, axes)
    height, width, _ = plane_shape(picture)
    color = [k for k, kind in enumerate(picture.samples) if kind != "A"]
    if isinstance(model, str):
        model = _segmenter(model, len(color), **options)
    if model.input_shape[-1] != len(color) or model.output_shape[-1] != 1:
        raise InputError(
            f"`model` must map {len(color)} channels to one. "
            f"Received: a model from {model.input_shape} to {model.output_shape}."
        )
    if min(height, width) < traits(model).smallest_side:
        raise InputError(
            f"The picture must be at least {traits(model).smallest_side} pixels high and wide. "
            f"Received: {height}×{width} pixels."
        )
    scale = picture.scale(value_range)

    def region(plane):
        unit = scale.to_unit(plane).reshape(height, width, -1)
        return _region(model, unit[..., color])

    regions = each_plane(picture, region)
    return regions if isinstance(image, Picture) else regions.values


def _region(model, color):
    """The brighter region of a plane `(height, width, channels)` in [0, 1]."""
    if not np.ptp(color, axis=(0, 1)).any():
        # Nothing would move the level set away from the checkerboard that it starts as.
        return np.zeros(color.shape[:2], bool)
    result = check_finite(named(model), np.asarray(model.predict_on_batch(color[None])))
    region = result[0, ..., 0] > 0.5
    if not region.any() or region.all():
        return region
    grey = color.mean(-1)
    return region if grey[region].mean() >= grey[~region].mean() else ~region


@functools.lru_cache(maxsize=8)
def _segmenter(name, channels, **options):
    """A model that segments, by its own name or by that of its surrogate."""
    if card(name).architecture == "segmentation":
        return load(name, channels=channels, **options)
    return segmentation(name, channels=channels, **options)
