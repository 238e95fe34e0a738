"""Applies a model to pictures as they are: NumPy in, NumPy out."""

import functools
from typing import Any

import numpy as np

from ..errors import InputError
from ..images.arrays import check_picture, from_unit_range, to_unit_range
from ..images.tiling import apply_tiled
from ..layers import Traits
from ..pde import upsample
from ..pde.backend import keras, ops
from .choice import INPAINTER, choose_model
from .deprecated import formerly
from .finite import check_finite
from .method import Function, Method, method_of
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
    image: np.ndarray,
    model: str | keras.Model | Function | Method | None = None,
    *,
    mask: np.ndarray | None = None,
    traits: Traits | None = None,
    channels: int | None = None,
) -> np.ndarray:
    """Restores one picture or a batch of them.

    A grey model treats the channels of a colour picture one by one. Alpha is passed through. Large
    pictures are computed in overlapping windows with the same result.

    Args:
        image: Array of uint8 or uint16 (their full range is [0, 1]) or floating point (expected in
            [0, 1] but for noise). Shape `(height, width)` for grey, `(height, width, channels)`, or
            `(batch, height, width, channels)`, with 1, 3 (RGB) or 4 (RGBA) channels.
        model: Name of a model of the zoo, which is then loaded and compiled once for all pictures; or
            any `keras.Model` from images in [0, 1] to such images. When `None`, the noise of each
            picture is measured and the denoiser that is made for it is taken, see `choose_model`; with
            a mask, `"reconstruction.inpaint"`. A plain function of a float32 array `(batch, height,
            width, channels)` needs `traits`.
        mask: For models that inpaint: array `(height, width)`, or `(batch, height, width)`, of bool or
            of numbers, true or not zero where the picture is known. Known pixels stay as they are;
            what the picture holds elsewhere, NaN for instance, does not matter.
        traits: What a function needs: how far it sees, whether it takes a mask as its last channel,
            and so on. A model has traits of its own.
        channels: How many channels a function takes beside the mask, 1 if colours are to be given to
            it one by one; when `None` as many as the image has.

    Returns:
        Array of the same type and shape, larger for a model that magnifies. Integers are rounded and
        clipped to their range, floating point numbers are returned as the model computes them, in
        float32 precision.

    Raises:
        InputError: for another shape, type, a side below 8 px, or values that are no numbers or far
            from [0, 1]; for another size than that of a model that is made for one; for a mask
            that is missing, not wanted, of another size, or without any known pixel; for an unknown
            name; and for a model that does not map pictures to pictures, or returns NaN or infinity.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.restore(data.camera(), "foe_s.gauss25").shape
        (512, 512)
    """
    if model is None:
        if mask is None and np.ndim(image) == 4 and len(image):
            return np.stack([restore(one) for one in image])
        model = choose_model(image)[0] if mask is None else INPAINTER
    method = method_of(loaded(model) if isinstance(model, str) else model, traits, channels)
    _check_purpose(method)
    known = _check_mask(method, image, mask)
    if known is not None:
        image = np.where(_as_pixels(known, image), image, np.zeros((), np.asarray(image).dtype))
    image = check_picture(image)
    pictures = image[None, ..., None] if image.ndim == 2 else image
    pictures = pictures[None] if pictures.ndim == 3 else pictures
    colours = 3 if pictures.shape[-1] == 4 else pictures.shape[-1]
    if method.channels not in (None, 1, colours):
        raise InputError(
            f"This model takes pictures of {method.channels} colours. Received: shape={image.shape}."
        )
    size = method.size
    if None not in size and size != pictures.shape[1:3]:
        raise InputError(
            f"This model is for pictures of {size[0]}×{size[1]} pixels only. "
            f"Received: {pictures.shape[1]}×{pictures.shape[2]} pixels."
        )
    smallest, factor = method.traits.smallest_side, method.traits.magnification
    if min(pictures.shape[1:3]) < smallest:
        raise InputError(
            f"This model sees so far that a picture must be at least {smallest}×{smallest} pixels. "
            f"Received: {pictures.shape[1]}×{pictures.shape[2]} pixels."
        )
    batch, height, width, found = pictures.shape
    restored = np.empty((batch, height * factor, width * factor, found), pictures.dtype)
    for k, picture in enumerate(pictures):
        one_known = known if known is None or known.ndim == 2 else known[k]
        colour = picture[..., :colours]
        restored[k, ..., :colours] = _restore_one(method, colour, one_known)
        restored[k, ..., colours:] = _magnified(picture[..., colours:], factor)
    sides = (height * factor, width * factor)
    restored = restored.reshape(
        (*sides, *image.shape[2:]) if image.ndim < 4 else (batch, *sides, image.shape[3])
    )
    if known is None or factor > 1:
        return restored
    return np.where(_as_pixels(known, image), image, restored)


def _check_purpose(method):
    """Refuses what does not map a picture to a picture."""
    if method.traits.takes == "displacement":
        raise InputError("This model wants a displacement field; use `zoo.warp`.")
    if method.outputs not in (None, method.channels):
        raise InputError(
            "This model does not return a picture like the one it is given; use `zoo.segment` for "
            f"segmentation. Received: {method.name!r}, from {method.channels} to {method.outputs} "
            "channels."
        )


def _magnified(alpha, factor):
    """Alpha, interpolated."""
    if factor == 1 or not alpha.size:
        return np.repeat(np.repeat(alpha, factor, 0), factor, 1)
    unit = ops.convert_to_tensor(to_unit_range(alpha)[None])
    finer = ops.convert_to_numpy(upsample(unit, factor, (factor - 1) // 2))[0]
    return from_unit_range(np.clip(finer, 0.0, 1.0), alpha.dtype)


def _as_pixels(known, image):
    """The mask with an axis for channels where the image has one."""
    return known if known.ndim == np.ndim(image) else known[..., None]


def _check_mask(method, image, mask):
    """The mask as an array of bool, `None` for a model that wants none."""
    if (method.traits.takes == "mask") != (mask is not None):
        rule = (
            "needs `mask`, the known pixels" if mask is None else "takes no `mask`: it does not inpaint"
        )
        raise InputError(f"This model {rule}. Received: mask={'None' if mask is None else 'an array'}.")
    if mask is None:
        return None
    known, shape = np.asarray(mask) != 0, np.shape(image)
    sides = shape[:2] if len(shape) < 4 else shape[1:3]
    if known.shape not in (sides, shape[:3] if len(shape) == 4 else sides):
        raise InputError(
            "`mask` must have the height and width of the picture. "
            f"Received: mask of shape {known.shape} for a picture of shape {shape}."
        )
    if not known.any(axis=(-2, -1)).all():
        raise InputError("`mask` must be true somewhere: nothing is known of the picture.")
    return known


def _restore_one(method, picture, known=None):
    """One picture `(height, width, colours)`; for a grey model the colours become a batch."""
    images = to_unit_range(picture)[None]
    if method.channels == 1:
        images = images.transpose(3, 1, 2, 0)
    if known is not None:
        mask = np.broadcast_to(known[None, ..., None], (*images.shape[:3], 1))
        images = np.concatenate([images, mask.astype(np.float32)], axis=-1)
    images = apply_tiled(
        method.apply,
        images,
        method.traits.reach,
        multiple=method.traits.alignment,
        local=lambda: method.local(images),
    )
    images = check_finite(method.name, images)
    if method.channels == 1:
        images = images.transpose(3, 1, 2, 0)
    return from_unit_range(images[0], picture.dtype)
