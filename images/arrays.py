"""Pictures as arrays: which are taken, and how they are brought to [0, 1] and back."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..errors import InputError
from .array_files import of_array
from .picture import Picture, native
from .scale import Scale, find_scale
from .unknown import fill

MIN_SIDE = 8
"""Smallest height and width that are taken, in px; below that there is nothing to filter."""

UNKNOWN = ("error", "fill", "keep")
"""What can be done about NaN and masked pixels: refuse them, fill them in, or put them back."""


def check_picture(image: ArrayLike, axes: str | None = None) -> np.ndarray:
    """Returns the picture as an array if `restore` can take it, and says why not otherwise.

    Args:
        image: Array of real numbers, see `picture_of`.
        axes: Its axes, as `"tczyx"`; see `picture_of`.

    Returns:
        The values as an array with the shape and type of the image.

    Raises:
        InputError: for what `picture_of` refuses.

    Example:
        >>> check_picture([[0.0] * 12] * 8).shape
        (8, 12)
    """
    return np.asarray(picture_of(image, axes).values)


def picture_of(
    image: ArrayLike | Picture, axes: str | None = None, unknown: np.ndarray | None = None
) -> Picture:
    """A `Picture` of what users have, in the byte order of this machine.

    Args:
        image: Array of real numbers, or a `Picture`.
        axes: Its axes, as `"tczyx"`; when `None`, `(height, width)`, `(height, width, channels)` or
            `(batch, height, width, channels)` with 1, 3 or 4 channels.
        unknown: Array of bool like the image: where it is true, a value need not be a number.

    Returns:
        A `Picture` with the values and the axes of the image.

    Raises:
        InputError: for other shapes and types, a side below 8 px, and values that are no numbers.

    Example:
        >>> picture_of(np.zeros((16, 24, 3))).axes
        'yxs'
    """
    if np.ma.is_masked(image) and unknown is None:
        raise InputError(
            f"A picture must not have masked pixels; give nan='fill' or nan='keep'. "
            f"Received: {int(np.ma.getmaskarray(image).sum())} of them."
        )
    picture = described(image, axes)
    if picture.nodata is not None and unknown is None and (picture.values == picture.nodata).any():
        raise InputError(
            f"A picture must not have pixels without data ({picture.nodata:g}); give nan='fill' or "
            "nan='keep' (--nan fill)."
        )
    picture = picture.holding(native(picture.values))
    height, width = (picture.shape[picture.axes.index(letter)] for letter in "yx")
    if min(height, width) < MIN_SIDE or 0 in picture.shape:
        raise InputError(
            f"A picture must be at least {MIN_SIDE}×{MIN_SIDE} pixels. "
            f"Received: {height}×{width} pixels."
        )
    if picture.dtype.kind == "f":
        values = picture.values if unknown is None else picture.values[~unknown]
        missing = values.size - np.count_nonzero(np.isfinite(values))
        if missing:
            raise InputError(
                "A picture must hold finite numbers; replace NaN and infinity first, or give "
                f"nan='fill' or nan='keep' (--nan fill). Received: {missing} that are not finite."
            )
    return picture


def described(image: ArrayLike | Picture, axes: str | None = None) -> Picture:
    """The same without a look at the values.

    Raises:
        InputError: for axes that do not fit or cannot be guessed, and for other than real numbers.
    """
    if isinstance(image, Picture):
        if axes is None:
            return image
        return dataclasses.replace(of_array(image.values, axes), bits=image.bits, white=image.white)
    array = np.ma.getdata(image) if isinstance(image, np.ma.MaskedArray) else np.asarray(image)
    return of_array(array, axes)


def unknown_pixels(image: ArrayLike | Picture, nan: str) -> np.ndarray | None:
    """Where a picture holds NaN, infinity or masked values, if they are to be treated as unknown.

    Args:
        image: As for `picture_of`.
        nan: One of `UNKNOWN`.

    Returns:
        Array of bool like the image; `None` if they are errors, or if there are none.

    Raises:
        InputError: for another word.
    """
    if nan not in UNKNOWN:
        raise InputError(f"`nan` must be one of {', '.join(UNKNOWN)}. Received: {nan!r}.")
    if nan == "error":
        return None
    values = image.values if isinstance(image, Picture) else image
    array = np.ma.getdata(values) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
    unknown = np.array(np.ma.getmaskarray(values)) if isinstance(values, np.ma.MaskedArray) else None
    if isinstance(image, Picture) and image.nodata is not None:
        unknown = array == image.nodata
    if array.dtype.kind == "f":
        bad = ~np.isfinite(array)
        unknown = bad if unknown is None else unknown | bad
    return unknown if unknown is not None and unknown.any() else None


def filled(picture: Picture, unknown: np.ndarray) -> Picture:
    """The picture with smooth values where it is not known, plane by plane."""
    values = picture.values.copy()
    where = [picture.axes.index(letter) for letter in "yx"]
    planes, holes = (np.moveaxis(array, where, (-2, -1)) for array in (values, unknown))
    for index in np.ndindex(planes.shape[:-2]):
        if holes[index].any():
            planes[index] = fill(planes[index], ~holes[index])
    return picture.holding(values)


def to_unit_range(image: np.ndarray, scale: Scale | None = None) -> np.ndarray:
    """float32 in [0, 1]: by a scale, or by the range of the type, where floats are kept.

    Args:
        image: Array of any real type and shape.
        scale: Black and white; the range of the type when `None`.

    Returns:
        float32 array of the same shape.

    Example:
        >>> to_unit_range(np.array([0, 51, 255], "uint8"))
        array([0. , 0.2, 1. ], dtype=float32)
    """
    return _of_type(image.dtype, scale).to_unit(image)


def from_unit_range(image: np.ndarray, dtype: DTypeLike, scale: Scale | None = None) -> np.ndarray:
    """The inverse of `to_unit_range`, rounded and clipped for integers.

    Args:
        image: Array in [0, 1] of any shape.
        dtype: The type of the result.
        scale: Black and white; the range of the type when `None`.

    Returns:
        Array of this type and of the same shape.

    Example:
        >>> from_unit_range(np.array([0.0, 0.2, 1.5]), "uint8").tolist()
        [0, 51, 255]
    """
    return _of_type(np.dtype(dtype), scale).from_unit(image, dtype)


def _of_type(dtype, scale):
    if scale is not None:
        return scale
    if dtype.kind in "fb":
        return Scale(0, 1, "type")
    return Scale(np.iinfo(dtype).min, np.iinfo(dtype).max, "type")


def unit_picture(
    image: ArrayLike, value_range: tuple[float, float] | Scale | None = None
) -> tuple[np.ndarray, Scale]:
    """One picture or a batch as float32 in [0, 1], and its scale; alpha does not count for that.

    Args:
        image: Array `(height, width)`, `(height, width, channels)` or `(batch, height, width,
            channels)`.
        value_range: The values of black and white; found when `None`.

    Returns:
        `(unit, scale)`: float32 array of the shape of the image, and its `Scale`.

    Raises:
        InputError: for what `picture_of` refuses.

    Example:
        >>> unit, scale = unit_picture(np.full((8, 8), 51, "uint8"))
        >>> round(float(unit[0, 0]), 6), scale.high
        (0.2, 255)
    """
    array = check_picture(image)
    color = array[..., :3] if array.ndim > 2 and array.shape[-1] == 4 else array
    scale = find_scale(color, value_range)
    unit = scale.to_unit(array)
    if color is not array:
        unit[..., 3] = to_unit_range(array[..., 3])
    return unit, scale
