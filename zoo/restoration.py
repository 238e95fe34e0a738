"""Applies a model to pictures as they are: NumPy in, NumPy out."""

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import filled, from_unit_range, picture_of, to_unit_range, unknown_pixels
from ..images.axes import in_order, plane_indices, planes_last
from ..images.picture import Picture, groups
from ..images.scale import Scale, find_scale
from ..layers import Traits
from ..pde import upsample
from ..pde.backend import keras, ops
from .choice import INPAINTER, choose_for
from .deprecated import formerly
from .memory import check_memory
from .method import Function, Method, method_of
from .planes import compute, given_whole
from .registry import load


@functools.lru_cache(maxsize=8)
def loaded(name: str, **changes: Any) -> keras.Model:
    """What `load` returns, loaded and compiled once for all pictures; nobody must change it."""
    return load(name, **changes)


@formerly(
    "restore(image, model, mask=mask)",
    order=("model", "image", "mask"),
    is_old=lambda args: bool(args) and isinstance(args[0], keras.Model),
)
def restore(
    image: ArrayLike | Picture,
    model: str | keras.Model | Function | Method | None = None,
    *,
    mask: np.ndarray | None = None,
    traits: Traits | None = None,
    channels: int | None = None,
    axes: str | None = None,
    value_range: tuple[float, float] | Scale | None = None,
    nan: str = "error",
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
            any `keras.Model` from images in [0, 1] to such images. When `None`, the noise of each
            picture is measured and the denoiser that is made for it is taken, see `choose_model`; with
            a mask, `"reconstruction.inpaint"`. A plain function of a float32 array `(batch, height,
            width, channels)` needs `traits`.
        mask: For models that inpaint: array `(height, width)`, or with the axes of the image but for
            its colours, of bool or of numbers, true or not zero where the picture is known. Known
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
    known = _known(image, mask)
    free = where if known is None else ~known if where is None else where | ~known
    picture = picture_of(image, axes, free)
    if where is not None:
        picture = filled(picture, where)
    scale = _scale(picture, value_range, free)
    model = model if model is not None or mask is None else INPAINTER
    restored = _restored(picture, model, mask, traits, channels, scale)
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
    shape, known = np.shape(values), np.asarray(mask) != 0
    for at in (known, known[..., None] if known.ndim else known):
        try:
            return np.broadcast_to(at, shape)
        except ValueError:
            continue
    return None


def _scale(picture, value_range, free):
    """The scale of what is known of a picture, alpha aside."""
    if free is None or value_range is not None or picture.white is not None:
        return picture.scale(value_range)
    valid = ~free
    if "A" in picture.samples and "s" in picture.axes:
        valid = valid.copy()
        at = [slice(None)] * valid.ndim
        at[picture.axes.index("s")] = picture.samples.index("A")
        valid[tuple(at)] = False
    return find_scale(picture.values, None, picture.bits, valid)


def _restored(picture, model, mask, traits, channels, scale):
    """A picture whose planes have gone through a model."""
    values, order = planes_last(picture.values, picture.axes)
    height, width = values.shape[order.index("y")], values.shape[order.index("x")]
    stack = values if order.endswith("s") else values[..., None]
    models = _models(stack, order, model, picture, scale)
    method = method_of(next(models), traits, channels)
    factor = _check(method, picture, (height, width), mask)
    if given_whole(method, (height, width), mask is not None):
        samples = picture.samples if order.endswith("s") else "L"
        colors = max((len(kinds) for kinds, _ in groups(samples) if kinds != "A"), default=1)
        check_memory(method, (height, width), colors)
    known = None if mask is None else np.asarray(mask) != 0
    lead = stack.shape[:-3]
    result = np.empty((*lead, height * factor, width * factor, stack.shape[-1]), picture.dtype)
    for index in plane_indices(stack.shape, order if order.endswith("s") else order + "s"):
        mine = None if known is None else known[index] if known.ndim > 2 else known
        for kinds, part in groups(picture.samples if order.endswith("s") else "L"):
            piece, target = stack[index][..., part], result[index][..., part]
            if kinds == "A":
                target[...] = _magnified(piece, factor)
            else:
                compute(method, piece, target, mine, scale, factor)
        following = next(models, None)
        if following is not None:
            method = method_of(following, traits, channels)
    if not order.endswith("s"):
        result = result[..., 0]
    spacing = {
        letter: (size / factor if letter in "yx" else size, unit)
        for letter, (size, unit) in picture.spacing.items()
    }
    return picture.holding(in_order(result, order, picture.axes), spacing=spacing)


def _models(stack, order, model, picture, scale):
    """The model of each plane: the one that is given; or those that suit the noise, if none is."""
    if model is not None:
        yield loaded(model) if isinstance(model, str) else model
        return
    color = picture.samples.startswith("RGB")
    shape = (*stack.shape[: len(order) - (3 if order.endswith("s") else 2)],)
    for index in np.ndindex(*shape):
        plane = stack[index][..., :3] if color else stack[index][..., 0]
        yield loaded(choose_for(scale.to_unit(plane))[0])


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
    mask = np.asarray(mask)
    if mask.dtype.kind == "f" and not np.isfinite(mask).all():
        raise InputError("`mask` must hold finite numbers, not zero where the picture is known.")
    shape = [n for n, letter in zip(picture.shape, picture.axes, strict=True) if letter != "s"]
    sides = [picture.shape[picture.axes.index(letter)] for letter in "yx"]
    if list(mask.shape) not in (sides, shape):
        raise InputError(
            "`mask` must have the height and width of the picture. "
            f"Received: mask of shape {mask.shape} for a picture of shape {picture.shape}."
        )
    if not (mask != 0).any(axis=(-2, -1)).all():
        raise InputError("`mask` must be true somewhere: nothing is known of the picture.")


def _magnified(alpha, factor):
    """Alpha, interpolated."""
    if factor == 1:
        return alpha
    unit = ops.convert_to_tensor(to_unit_range(alpha)[None])
    finer = ops.convert_to_numpy(upsample(unit, factor, (factor - 1) // 2))[0]
    return from_unit_range(np.clip(finer, 0.0, 1.0), alpha.dtype)
