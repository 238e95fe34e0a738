"""Pictures at displaced positions: by BLADE filters, or by interpolation."""

import functools
from pathlib import Path

import numpy as np

from ..layers import BladeResampling, FilterSelection
from ..pde import INTERPOLATION, InputError, interpolate_displaced
from ..pde.backend import keras, ops
from .pictures import luma
from .registry import architecture, load
from .restoration import check_picture, displaces, from_unit_range, smallest_side, to_unit_range

_PAPER = "Getreuer, Milanfar, Luo: Solving Image PDEs with a Shallow Network, 2021, section 5"


@architecture("blade_resample", _PAPER, "ũ = u + δˣ BLADEˣ(u) + δʸ BLADEʸ(u) + …")
def blade_resample(
    orientations=8,
    strengths=3,
    coherences=3,
    rho=1.0,
    footprint=7,
    order=2,
    colour="joint",
    channels=1,
):
    """Resampling by a Taylor expansion whose terms selected filters estimate."""
    selection = FilterSelection(orientations, strengths, coherences, 1, rho, colour, name="selection")
    image = keras.Input((None, None, channels + 2), name="image")
    layer = BladeResampling(selection, footprint, order, name="resampling")
    return keras.Model(image, layer(image), name="blade_resample")


def warp(picture, displacement, method="blade_resample.default"):
    """A picture resampled at displaced positions, ũ(m, n) = u(m + vˣ, n + vʸ) (section 5).

    Args:
        picture: Array as `restore` takes it, one picture `(height, width)` or `(height, width,
            channels)`. Alpha is resampled bicubically.
        displacement: v, array `(height, width, 2)` in px, first to the right, then downwards; or two
            numbers for a shift. Positions beyond the border pixels are moved onto them, see
            `inside_image`.
        method: Name of a model or a `keras.Model`; `"bicubic"` (Keys, a = −½) or `"lanczos"` (radius
            3).

    Returns:
        Array of the shape and type of the picture.

    Raises:
        InputError: for a picture or a displacement that cannot be used.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.warp(data.camera(), (0.5, -0.25)).shape
        (512, 512)
    """
    picture = check_picture(picture)
    if picture.ndim == 4:
        raise InputError(f"`warp` takes one picture. Received: shape={picture.shape}.")
    field = check_displacement(displacement, picture.shape[:2])
    pixels = to_unit_range(picture[..., None] if picture.ndim == 2 else picture)[None]
    colours = 3 if pixels.shape[-1] == 4 else pixels.shape[-1]
    parts = [_warped(pixels[..., :colours], field[None], method)]
    if colours < pixels.shape[-1]:
        parts.append(_warped(pixels[..., colours:], field[None], "bicubic"))
    return from_unit_range(np.concatenate(parts, axis=-1).reshape(picture.shape), picture.dtype)


def _warped(pixels, field, method):
    if isinstance(method, str) and method in INTERPOLATION:
        return ops.convert_to_numpy(
            interpolate_displaced(ops.convert_to_tensor(pixels), ops.convert_to_tensor(field), method)
        )
    channels = pixels.shape[-1]
    model = method if isinstance(method, keras.Model) else _model(method, channels)
    if not displaces(model):
        raise InputError(
            "`method` must be a model that resamples, as 'blade_resample.default', or one of "
            f"{', '.join(INTERPOLATION)}. Received: {model.name!r}."
        )
    if min(pixels.shape[1:3]) < smallest_side(model):
        raise InputError(
            f"The picture must be at least {smallest_side(model)} pixels high and wide. "
            f"Received: {pixels.shape[1]}×{pixels.shape[2]} pixels."
        )
    if model.output_shape[-1] == 1 and channels > 1:
        each = [np.concatenate([pixels[..., k : k + 1], field], -1) for k in range(channels)]
        warped = ops.convert_to_numpy(model.predict_on_batch(np.concatenate(each)))
        return warped.transpose(3, 1, 2, 0)
    if model.output_shape[-1] != channels:
        raise InputError(
            f"This model is for {model.output_shape[-1]} channels. Received: {channels} channels."
        )
    return np.asarray(model.predict_on_batch(np.concatenate([pixels, field], axis=-1)))


@functools.lru_cache(maxsize=4)
def _model(name, channels):
    """A model by name, compiled once for all pictures."""
    return load(name, channels=channels)


def check_displacement(displacement, sides):
    """A displacement field as float32 `(height, width, 2)`; two numbers are spread over it.

    Raises:
        InputError: for another shape, and for values that are not finite.
    """
    field = np.asarray(displacement, np.float32)
    if field.shape not in ((2,), (*sides, 2)):
        raise InputError(
            "`displacement` must be (height, width, 2) for the picture, or two numbers. "
            f"Received: shape={field.shape} for a picture of {sides[0]}×{sides[1]} pixels."
        )
    if not np.isfinite(field).all():
        raise InputError("`displacement` must hold finite numbers; replace NaN and infinity first.")
    return np.broadcast_to(field, (*sides, 2))


def inside_image(displacement, sides, margin=0):
    """Where the displaced positions lie in the image: bool array `(height, width)`.

    Args:
        displacement: As for `warp`.
        sides: Height and width of the image.
        margin: Positions nearer to the border than so many pixels do not count.
    """
    field = check_displacement(displacement, sides)
    rows, columns = np.indices(sides)
    x, y = columns + field[..., 0], rows + field[..., 1]
    height, width = sides
    return (x >= margin) & (x <= width - 1 - margin) & (y >= margin) & (y <= height - 1 - margin)


_FLOW_TAG = 202021.25
_UNKNOWN_FLOW = 1e9


def read_flow(path):
    """A displacement field from a `.flo` file (Middlebury) or a `.npy` file.

    Args:
        path: The file.

    Returns:
        float32 array `(height, width, 2)`; NaN where a `.flo` file says that the flow is not known.

    Raises:
        InputError: if it is missing or holds no field.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r}; check the path.")
    if path.suffix == ".npy":
        try:
            field = np.load(path, allow_pickle=False).astype(np.float32)
        except (ValueError, EOFError) as error:
            raise InputError(f"{str(path)!r} holds no array of numbers. Received: {error}") from error
    else:
        content = path.read_bytes()
        head = np.frombuffer(content[:4], "<f4")
        width, height = np.frombuffer(content[4:12].ljust(8, b"\0"), "<i4")
        if not len(head) or head[0] != np.float32(_FLOW_TAG) or len(content) != 12 + 8 * width * height:
            raise InputError(f"{str(path)!r} is no .flo file: its tag or its length is wrong.")
        field = np.frombuffer(content[12:], "<f4").reshape(height, width, 2).copy()
        field[(np.abs(field) > _UNKNOWN_FLOW).any(-1)] = np.nan
    if field.ndim != 3 or field.shape[2] != 2:
        raise InputError(f"{str(path)!r} must hold (height, width, 2). Received: shape={field.shape}.")
    return field


def find_flow(moving, fixed):
    """The displacements that register one picture with another, by scikit-image's TV-L1 flow.

    Args:
        moving: Picture to be warped.
        fixed: Picture of the same height and width.

    Returns:
        float32 array `(height, width, 2)` for `warp(moving, …)`.
    """
    from skimage.registration import optical_flow_tvl1

    moving, fixed = (to_unit_range(luma(check_picture(picture))) for picture in (moving, fixed))
    if moving.shape != fixed.shape:
        raise InputError(
            "Pictures to be registered must have the same size. "
            f"Received: {moving.shape} and {fixed.shape}."
        )
    down, right = optical_flow_tvl1(fixed, moving)
    return np.stack([right, down], axis=-1).astype(np.float32)
