"""Segmentation into two regions, with the curvature of the reference scheme or of a surrogate."""

import functools
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import filled, picture_of
from ..images.masks import known_where
from ..images.picture import Picture
from ..images.planes import each_plane, plane_shape
from ..images.scale import Scale
from ..pde.backend import keras
from .architectures.segmentation import segmentation
from .catalogue import card
from .choice import noise_of_plane
from .deprecated import formerly
from .finite import check_finite
from .model_traits import traits
from .registry import load
from .zoo_model import named

_REFERENCE = "segmentation.chan_vese"

SPREAD = 0.25
"""The standard deviation that a picture is brought to: that of a photograph, for which μ is meant."""

_FLAT = 1e-6
"""Less than that, in [0, 1], is rounding."""

_BLOCK, _BEYOND = 8, 1.25
"""If means over blocks differ by less than so many times their noise there is nothing to separate."""


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
    mask: np.ndarray | None = None,
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
        mask: The pixels that count, as for `restore`; others are in no region, and filled in smoothly
            from those around them.
        axes: As for `restore`.
        value_range: The values of black and white; found when `None`, see `images.find_scale`.

    Returns:
        Array of bool `(height, width)`, or with the axes of the image but for its colours, true in the
        brighter region; a `Picture` for a `Picture`. Where there is nothing to separate it is nowhere
        true: in an image of a single colour, and in one that is noise and nothing else.

    The contrast of an image does not matter: it is brought to a standard deviation of ¼ first, which
    is what the weights are for.

    Raises:
        InputError: for a picture, a model or an option that cannot be used.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.segment(data.coins()[:96, :128]).shape
        (96, 128)
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
    if mask is not None:
        left_out = ~_counted(mask, picture)
        picture = filled(picture, left_out)
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
    if mask is not None:
        counted = regions.values & ~_without_samples(left_out, picture)
        regions = regions.holding(counted)
    return regions if isinstance(image, Picture) else regions.values


def _region(model, color):
    """The brighter region of a plane `(height, width, channels)` in [0, 1]."""
    spread = float(np.sqrt(color.var(axis=(0, 1), dtype=np.float64).mean()))
    if spread < _FLAT or _is_noise(color):
        # Nothing would move the level set away from the checkerboard that it starts as, or anything.
        return np.zeros(color.shape[:2], bool)
    given = 0.5 + (color - color.mean((0, 1))) * (SPREAD / spread)
    result = check_finite(named(model), np.asarray(model.predict_on_batch(given[None])))
    region = result[0, ..., 0] > 0.5
    if not region.any() or region.all():
        return region
    grey = color.mean(-1)
    return region if grey[region].mean() >= grey[~region].mean() else ~region


def _is_noise(color):
    """Whether means over blocks differ by no more than those of the noise of a plane."""
    height, width = (side // _BLOCK * _BLOCK for side in color.shape[:2])
    if min(height, width) < 4 * _BLOCK:
        return False
    noise = noise_of_plane(color)
    grey = color[:height, :width].mean(-1, dtype=np.float64)
    means = grey.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).mean((1, 3))
    # The noise of channels is taken to be independent.
    expected = noise.levels[-1] / np.sqrt(color.shape[-1])
    return bool(noise.sure and means.std() < _BEYOND * expected)


def _counted(mask, picture):
    """Where pixels count, as an array like the values of a picture."""
    known = known_where(mask)
    for shape in (known, known[..., None]):
        try:
            return np.broadcast_to(shape, picture.shape).copy()
        except ValueError:
            continue
    raise InputError(
        "`mask` must have the height and width of the picture. "
        f"Received: mask of shape {known.shape} for a picture of shape {picture.shape}."
    )


def _without_samples(where, picture):
    return where[..., 0] if "s" in picture.axes else where


@functools.lru_cache(maxsize=8)
def _segmenter(name, channels, **options):
    """A model that segments, by its own name or by that of its surrogate."""
    if card(name).architecture == "segmentation":
        return load(name, channels=channels, **options)
    return segmentation(name, channels=channels, **options)
