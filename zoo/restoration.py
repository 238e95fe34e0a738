"""Applies a model to pictures as they are: NumPy in, NumPy out."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import filled, picture_of, unknown_pixels
from ..images.axes import in_order, plane_indices, planes_last
from ..images.disk_arrays import empty_beside
from ..images.masks import known_where
from ..images.picture import Picture, groups
from ..images.scale import Scale
from ..images.stripes import without_stripes
from ..layers import Traits
from ..pde.backend import keras
from .choice import INPAINTER, Noise, as_noise, denoiser_for, part_of
from .denoising import removal
from .deprecated import formerly
from .memory import check_memory
from .method import Function, Method, method_of
from .opening import loaded
from .planes import compute, given_whole, magnified


@formerly(
    "restore(image, model, mask=mask)",
    order=("model", "image", "mask"),
    is_old=lambda args: bool(args) and isinstance(args[0], keras.Model),
)
def restore(
    image: ArrayLike | Picture,
    model: str | keras.Model | Function | Method | None = None,
    *,
    noise: Noise = None,
    adapt: bool = False,
    mask: np.ndarray | None = None,
    traits: Traits | None = None,
    channels: int | None = None,
    axes: str | None = None,
    value_range: tuple[float, float] | Scale | None = None,
    nan: str = "error",
    progress: Callable[[float], None] | None = None,
) -> Any:
    """Restores a picture: one plane, a batch of them, or a stack with any axes.

    A grey model treats the channels of a colour picture one by one. Alpha is passed through. Large
    pictures are computed in overlapping windows with the same result. Results do not depend on units:
    a picture is brought to [0, 1] by its scale, see `images.find_scale`, and back.

    Args:
        image: Array of any real type, masked arrays and NumPy scalars included, or a
            `images.Picture`. Shape `(height, width)` for grey, `(height, width, channels)`, or
            `(batch, height, width, channels)`, with 1, 3 (RGB) or 4 (RGBA) channels; with `axes` any.
        model: Name of a model of the zoo, which is then loaded and compiled once for all pictures; or
            any `keras.Model` from images in [0, 1] to such images. When `None`, the noise of each plane
            is measured, and removed as what it is by `"trd.any"`; with a mask,
            `"reconstruction.inpaint"`. A plain function of a float32 array `(batch, height, width,
            channels)` needs `traits`.
        noise: The noise of the picture, for a model that removes white noise: its standard deviation on
            the scale of 0 to 255; an `images.PoissonGaussian` or another model of noise, in [0, 1]; or
            a second picture, of the background alone. A model for white noise is then made one for
            this noise, see `docs/noise.md`. When `None` it is measured for a model that must be told.
        adapt: Whether the transform that makes the noise white is learned from each plane alone, which
            takes half a minute. It is for noise that is no sum of photons and of read noise, as that
            of pictures whose grey values were changed afterwards. Only where noise is removed.
        mask: For models that inpaint: array `(height, width)`, or with the axes of the image but for
            its colours, true where the picture is known; of numbers, above the middle between the
            smallest and the largest, see `images.known_where`. Known
            pixels stay as they are, and so does alpha; what the picture holds elsewhere, NaN for
            instance, does not matter.
        traits: What a function needs: how far it sees, whether it takes a mask as its last channel,
            and so on. A model has traits of its own.
        channels: How many channels a function takes beside the mask, 1 if colours are to be given to
            it one by one; when `None` as many as the image has.
        axes: A letter for each axis, as `"tczyx"`: each plane y, x is restored, channels c one by one;
            s are the samples of a colour (RGB, RGBA).
        value_range: The values of black and white, `(0, 4095)` for a camera of 12 bits; found when
            `None`.
        nan: What NaN, infinite and masked values are: an `"error"`, or unknown. Unknown ones are filled
            in smoothly first; with `"keep"` they are put back.
        progress: Called with the share of the work that was done since, after each window of a large
            picture, or plane of a stack; all calls sum up to 1.

    Returns:
        What was given: an array of the same type and shape, larger for a model that magnifies, or a
        `Picture`. Integers are rounded, and clipped to black and white or to the range of their type;
        floating point numbers are returned as the model computes them, in float32 precision.

    Raises:
        InputError: for another shape or type, a side below 8 px, and values that are no numbers; for a
            picture that is given to a model as a whole and needs more memory than there is; for another
            size than that of a model that is made for one; for a mask that is missing, not
            wanted, of another size, not finite, or without any known pixel; for an unknown name; and
            for a model that does not map pictures to pictures, or returns NaN or infinity.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.restore(data.camera(), "foe_s.gauss25").shape
        (512, 512)
        >>> zoo.restore(data.cells3d()[:2], axes="zcyx").shape  # doctest: +SKIP
        (2, 2, 256, 256)
    """
    if isinstance(image, str):
        raise InputError(f"The image comes first, then a model or its name. Received: {image!r}.")
    where = unknown_pixels(image, nan)
    mask = None if mask is None else known_where(mask)
    known = _known(image, mask)
    free = where if known is None else ~known if where is None else where | ~known
    picture = picture_of(image, axes, free)
    if where is not None:
        picture = filled(picture, where)
    scale = picture.scale(value_range, free)
    if model is None and mask is not None:
        model = INPAINTER
    model = loaded(model) if isinstance(model, str) else model
    given = as_noise(noise, scale)
    if mask is not None and (given is not None or adapt):
        raise InputError(
            "`noise` and `adapt` do not go with `mask`: a model that inpaints is told no noise."
        )
    restored = _restored(picture, model, (given, adapt), mask, traits, channels, scale, free, progress)
    values = restored.values
    put_back = nan == "keep" and where is not None and values.shape == where.shape
    given = image.values if isinstance(image, Picture) else np.ma.getdata(image)
    if put_back:
        values = np.where(where, given, values)
    if isinstance(image, Picture):
        return restored.holding(values)
    if isinstance(image, np.ma.MaskedArray):
        unknown = np.ma.getmaskarray(image) if put_back else False
        return np.ma.array(values, mask=unknown, fill_value=image.fill_value)
    return values


def _known(image, mask):
    """The mask as an array of bool like the image, to find out which values count."""
    if mask is None:
        return None
    values = image.values if isinstance(image, Picture) else image
    shape = np.shape(values)
    for at in (mask, mask[..., None] if mask.ndim else mask):
        try:
            return np.broadcast_to(at, shape)
        except ValueError:
            continue
    return None


def _restored(picture, model, noise, mask, traits, channels, scale, free, progress):
    """A picture whose planes have gone through a model."""
    values, order = planes_last(picture.values, picture.axes)
    height, width = values.shape[order.index("y")], values.shape[order.index("x")]
    stack = values if order.endswith("s") else values[..., None]
    if free is not None:
        free, _ = planes_last(free, picture.axes)
        free = free.any(-1) if order.endswith("s") else free
    methods = {
        kinds: _Denoiser.of(model, noise, kinds, traits, channels)
        for kinds, _ in groups(picture.samples if order.endswith("s") else "L")
        if kinds != "A"
    }
    factor = max(_check(one.method, picture, (height, width), mask) for one in methods.values())
    first = next(iter(methods.values())).method
    if given_whole(first, (height, width), mask is not None):
        check_memory(first, (height, width), max(map(len, methods)))
    lead = stack.shape[:-3]
    larger = round(height * factor), round(width * factor)
    result = empty_beside(picture.values, (*lead, *larger, stack.shape[-1]), picture.dtype)
    samples = picture.samples if order.endswith("s") else "L"
    count = picture.planes * sum(len(kinds) for kinds, _ in groups(samples) if kinds != "A")

    def advance(channels, share):
        if progress is not None:
            progress(channels * share / count)

    for index in plane_indices(stack.shape, order if order.endswith("s") else order + "s"):
        mine = None if mask is None else mask[index] if mask.ndim > 2 else mask
        valid = None if free is None else ~free[index]
        for kinds, part in groups(samples):
            piece, target = stack[index][..., part], result[index][..., part]
            if kinds == "A":
                target[...] = magnified(piece, factor)
                continue
            piece, steps = methods[kinds].for_plane(piece, scale, valid)
            for some, method in steps:
                done = functools.partial(advance, some.stop - some.start)
                compute(method, piece[..., some], target[..., some], mine, scale, factor, done)
    if not order.endswith("s"):
        result = result[..., 0]
    spacing = {
        letter: (size / factor if letter in "yx" else size, unit)
        for letter, (size, unit) in picture.spacing.items()
    }
    return picture.holding(in_order(result, order, picture.axes), spacing=spacing)


@dataclasses.dataclass(frozen=True)
class _Denoiser:
    """What is applied to the planes of a picture.

    Attributes:
        method: The `Method`.
        noise: What is given of the noise.
        told: Whether the noise of each plane decides about what is done with the method.
        sigma: The noise that the method is made for; `None` if it is told or measures it.
        grey: The method for single channels, where colors have noise that differs.
        adapt: Whether the transform of the noise is learned from the plane.
    """

    method: Method
    noise: Any
    told: bool
    sigma: float | None = None
    grey: Method | None = None
    adapt: bool = False

    @classmethod
    def of(cls, model, noise, kinds, traits, channels):
        noise, adapt = noise
        if model is None:
            method, grey = (method_of(loaded(denoiser_for(one))) for one in (kinds, "L"))
            return cls(method, noise, True, grey=grey, adapt=adapt)
        method = method_of(model, traits, channels)
        told = method.traits.takes == "noise"
        if told or (noise is None and not adapt):
            return cls(method, noise, told, adapt=adapt)
        return cls(method, noise, True, _made_for(model), adapt=adapt)

    def for_plane(self, piece, scale, valid):
        """The plane, and for some of its channels each the method."""
        if not self.told:
            return piece, [(slice(0, piece.shape[-1]), self.method)]
        part = scale.to_unit(part_of(piece))
        known = None if valid is None else part_of(valid)
        found = removal(self.method, self.sigma, part, self.noise, known, self.grey, self.adapt)
        if found.stripes:
            planes = np.moveaxis(piece.astype(np.float64), -1, 0)
            piece = np.stack([without_stripes(plane, found.stripes) for plane in planes], axis=-1)
        return piece, found.parts


def _made_for(model):
    """The white noise that a model is made for; `None` if it measures it.

    Raises:
        InputError: if it is not known to remove noise.
    """
    card = getattr(model, "card", None)
    task = (card.made_for if card is not None else None) or {}
    if task.get("kind") != "gaussian_noise":
        raise InputError(
            "`noise` and `adapt` are for models that remove white noise, as 'trd.any'. "
            f"Received: {getattr(model, 'name', model)!r}."
        )
    sigma = task["sigma"]
    return float(sigma) if isinstance(sigma, int | float) else None


def _check(method, picture, sides, mask):
    """Refuses what a model cannot do; returns how much larger the picture becomes."""
    if method.traits.takes == "displacement":
        raise InputError("This model wants a displacement field; use `zoo.warp`.")
    if method.outputs not in (None, method.channels):
        raise InputError(
            "This model does not return a picture like the one it is given; use `zoo.segment` for "
            f"segmentation. Received: {method.name!r}, from {method.channels} to {method.outputs} "
            "channels."
        )
    _check_mask(method, picture, mask)
    counts = {len(kinds) for kinds, _ in groups(picture.samples) if kinds != "A"}
    if method.channels not in (None, 1) and counts != {method.channels}:
        raise InputError(
            f"This model takes pictures of {method.channels} colours. Received: shape={picture.shape}."
        )
    if None not in method.size and method.size != sides:
        raise InputError(
            f"This model is for pictures of {method.size[0]}×{method.size[1]} pixels only. "
            f"Received: {sides[0]}×{sides[1]} pixels."
        )
    smallest = method.traits.smallest_side
    if min(sides) < smallest:
        raise InputError(
            f"This model sees so far that a picture must be at least {smallest}×{smallest} pixels. "
            f"Received: {sides[0]}×{sides[1]} pixels."
        )
    return method.traits.magnification


def _check_mask(method, picture, mask):
    if (method.traits.takes == "mask") != (mask is not None):
        rule = (
            "needs `mask`, the known pixels" if mask is None else "takes no `mask`: it does not inpaint"
        )
        raise InputError(f"This model {rule}. Received: mask={'None' if mask is None else 'an array'}.")
    if mask is None:
        return
    shape = [n for n, letter in zip(picture.shape, picture.axes, strict=True) if letter != "s"]
    sides = [picture.shape[picture.axes.index(letter)] for letter in "yx"]
    if list(mask.shape) not in (sides, shape):
        raise InputError(
            "`mask` must have the height and width of the picture. "
            f"Received: mask of shape {mask.shape} for a picture of shape {picture.shape}."
        )
    if not mask.any(axis=(-2, -1)).all():
        raise InputError("`mask` must be true somewhere: nothing is known of the picture.")
