"""Segmentation into regions of one grey value or colour each, by threshold dynamics or a level set."""

import functools
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import filled, picture_of
from ..images.axes import plane_indices, planes_last
from ..images.masks import known_where
from ..images.picture import Picture
from ..images.planes import each_plane, plane_shape
from ..images.scale import Scale
from ..layers.serialization import check_positive_integer
from ..pde.backend import keras
from .architectures.segmentation import segmentation
from .catalogue import card
from .choice import noise_of_plane
from .deprecated import formerly
from .finite import check_finite
from .model_traits import traits
from .registry import load
from .threshold_dynamics import MOST_REGIONS, regions_by_thresholds
from .zoo_model import named

_REFERENCE, _LEVEL_SET = "segmentation.chan_vese", "segmentation.blade"

_DEFAULT = "threshold_dynamics"
_STEPS, _LENGTH = 50, 0.2

SPREAD = 0.25
"""The standard deviation that a picture is brought to: that of a photograph, for which μ is meant."""

_FLAT = 1e-6
"""Less than that, in [0, 1], is rounding."""

_BLOCK, _BEYOND, _MIDDLE = 8, 1.25, 512
"""If means over blocks differ by less than so many times their noise there is nothing to separate; the
noise is measured in the middle, on a square of so many pixels a side."""


@formerly(
    "segment(image, model)",
    names={"picture": "image", "regulariser": "model"},
    order=("image", "model", "model"),
)
def segment(
    image: ArrayLike | Picture,
    model: str | keras.Model = _DEFAULT,
    *,
    regions: int = 2,
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
    """Splits an image into regions, each as near to one grey value or colour as possible.

    Args:
        image: Array or `images.Picture` as `restore` takes it; alpha does not count. Colours count
            together, and each plane of a stack by itself.
        model: `"threshold_dynamics"`, for up to four regions, see
            `threshold_dynamics.regions_by_thresholds`. For two regions by a level set, name of a model
            that segments, `"segmentation.blade"` or the reference scheme `"segmentation.chan_vese"`; of
            a surrogate of TV flow, for instance `"blade.tv_flow"`; or a `keras.Model` from
            `zoo.load("segmentation…")`, which takes no other options. By name it is loaded and compiled
            once for all pictures with the same options.
        regions: How many regions there are at most, 2 to 4.
        length: μ, the weight of the length of the contours: the larger, the smoother. 0.2 when `None`.
        area: ν, the weight of the area inside, for a level set; 0 when `None`. Where an option of level
            sets is given and no model, that is `"segmentation.blade"`; for all see `layers.ChanVese`.
        inside: λ₁, for a level set; 1 when `None`.
        outside: λ₂, for a level set; 1 when `None`.
        time_step: τ of a level set; 1 when `None`.
        tolerance: Change per unit of time at which a level set stops; 0.0002 when `None`.
        steps: Number of steps at most; 500 for a level set when `None`, 50 at each level of resolution
            for threshold dynamics, which stop when fewer than a ten-thousandth of the pixels change.
        side: Side of the squares of the checkerboard that a level set starts as, in px; 5 when `None`.
        mask: The pixels that count, as for `restore`; others are in no region.
        axes: As for `restore`.
        value_range: The values of black and white; found when `None`, see `images.find_scale`.

    Returns:
        For two regions an array of bool `(height, width)`, or with the axes of the image but for its
        colours, true in the brighter region. For more an array of uint8: 1, 2, … in the regions from
        dark to bright, 0 in no region; fewer than `regions` where one more would not pay. A `Picture`
        for a `Picture`. Where there is nothing to separate all is false or 0: in an image of a single
        colour, and in one that is noise and nothing else.

    The contrast of an image does not matter: it is brought to a standard deviation of ¼ first, which
    is what the weights are for.

    Raises:
        InputError: for a picture, a model or an option that cannot be used.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.segment(data.coins()[:96, :128]).shape
        (96, 128)
        >>> int(zoo.segment(data.coins()[:96, :128], regions=3).max())
        3
    """
    if model is None:
        warnings.warn(
            f"The reference scheme is called {_REFERENCE!r} now, `None` goes with the next version.",
            DeprecationWarning,
            stacklevel=3,
        )
        model = _REFERENCE
    if isinstance(regions, bool) or regions not in range(2, MOST_REGIONS + 1):
        raise InputError(f"`regions` must be 2, 3 or {MOST_REGIONS}. Received: regions={regions!r}.")
    of_level_sets = {"area": area, "inside": inside, "outside": outside, "time_step": time_step}
    of_level_sets |= {"tolerance": tolerance, "side": side}
    options = {"length": length, "steps": steps, **of_level_sets}
    options = {name: value for name, value in options.items() if value is not None}
    if options and not isinstance(model, str):
        raise InputError(f"A `model` has its options already. Received: {', '.join(options)}.")
    if model == _DEFAULT and any(name in options for name in of_level_sets):
        model = _LEVEL_SET
    if regions > 2 and model != _DEFAULT:
        raise InputError(f"A level set tells two regions apart. Received: regions={regions}.")
    picture = picture_of(image, axes)
    counted = None if mask is None else _counted(mask, picture)
    given = picture if counted is None else filled(picture, ~counted)
    color = [k for k, kind in enumerate(picture.samples) if kind != "A"]
    labels_of = _labeller(model, plane_shape(picture), len(color), regions, options)
    scale = given.scale(value_range)
    weights = None if counted is None else _planes(picture.holding(counted))

    def labels(plane):
        unit = scale.to_unit(plane).reshape(*plane_shape(picture)[:2], -1)[..., color]
        where = None if weights is None else next(weights)
        return _regions(labels_of, unit, where, regions)

    found = each_plane(given, labels)
    return found if isinstance(image, Picture) else found.values


def _labeller(model, shape, channels, regions, options):
    """Function of a plane with a spread of ¼ and of where it counts: labels of regions."""
    height, width, _ = shape
    if model == _DEFAULT:
        length, steps = options.get("length", _LENGTH), options.get("steps", _STEPS)
        if not length >= 0:
            raise InputError(f"`length` must not be negative. Received: length={length}.")
        check_positive_integer(steps, "steps")
        return lambda f, where: regions_by_thresholds(f, regions, length, steps, where)
    if isinstance(model, str):
        model = _segmenter(model, channels, **options)
    if model.input_shape[-1] != channels or model.output_shape[-1] != 1:
        raise InputError(
            f"`model` must map {channels} channels to one. "
            f"Received: a model from {model.input_shape} to {model.output_shape}."
        )
    if min(height, width) < traits(model).smallest_side:
        raise InputError(
            f"The picture must be at least {traits(model).smallest_side} pixels high and wide. "
            f"Received: {height}×{width} pixels."
        )

    def by_level_set(f, where):
        region = (
            check_finite(named(model), np.asarray(model.predict_on_batch(f[None])))[0, ..., 0] > 0.5
        )
        one_only = region.all() or not region.any()
        grey = f.mean(-1)
        swapped = not one_only and grey[region].mean() < grey[~region].mean()
        return region ^ swapped

    return by_level_set


def _regions(labels_of, color, where, regions):
    """The regions of a plane `(height, width, channels)` in [0, 1], as `segment` returns them."""
    counted = np.ones(color.shape[:2], bool) if where is None else where
    result = np.zeros(color.shape[:2], bool if regions == 2 else np.uint8)
    if not counted.any():
        return result
    pixels = color.reshape(-1, color.shape[-1]) if where is None else color[counted]
    spread = float(np.sqrt(pixels.var(axis=0, dtype=np.float64).mean()))
    if spread < _FLAT or _is_noise(color):
        return result
    labels = labels_of(0.5 + (color - pixels.mean(0)) * (SPREAD / spread), where)
    return (labels > 0) & counted if regions == 2 else np.where(counted, labels + 1, 0).astype(np.uint8)


def _is_noise(color):
    """Whether means over blocks differ by no more than those of the noise of a plane."""
    height, width = (side // _BLOCK * _BLOCK for side in color.shape[:2])
    if min(height, width) < 4 * _BLOCK:
        return False
    # What is noise and nothing else is so in the middle, too.
    top, left = (max(side - _MIDDLE, 0) // 2 // _BLOCK * _BLOCK for side in color.shape[:2])
    noise = noise_of_plane(color[top : top + _MIDDLE, left : left + _MIDDLE])
    blocks = color[:height, :width].astype(np.float64)
    means = blocks.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK, -1).mean((1, 3))
    # By channel: colours may differ where their greys are the same.
    return bool(noise.sure and np.sqrt(means.var((0, 1)).mean()) < _BEYOND * noise.levels[-1])


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


def _planes(picture):
    """The planes of a picture of bool, one after the other; the first sample stands for all."""
    planes, order = planes_last(picture.values, picture.axes)
    for index in plane_indices(planes.shape, order):
        yield planes[index][..., 0] if order.endswith("s") else planes[index]


@functools.lru_cache(maxsize=8)
def _segmenter(name, channels, **options):
    """A model that segments, by its own name or by that of its surrogate."""
    if card(name).architecture == "segmentation":
        return load(name, channels=channels, **options)
    return segmentation(name, channels=channels, **options)
