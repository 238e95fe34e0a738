"""Pictures at displaced positions: by BLADE filters, or by interpolation."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..images.arrays import from_unit_range, unit_picture
from ..images.displacement import check_displacement
from ..images.scale import Scale
from ..pde import INTERPOLATION, interpolate_displaced
from ..pde.backend import keras, ops
from .deprecated import formerly
from .finite import check_finite
from .method import method_of
from .restoration import loaded


@formerly("warp(image, displacement, model)", names={"picture": "image", "method": "model"})
def warp(
    image: np.ndarray,
    displacement: np.ndarray | Sequence[float],
    model: str | keras.Model = "blade_resample.default",
    *,
    value_range: tuple[float, float] | Scale | None = None,
) -> np.ndarray:
    """A picture resampled at displaced positions, ũ(m, n) = u(m + vˣ, n + vʸ) (section 5).

    Args:
        image: Array as `restore` takes it, one picture `(height, width)` or `(height, width,
            channels)`. Alpha is resampled bicubically.
        displacement: v, array `(height, width, 2)` in px, first to the right, then downwards; or two
            numbers for a shift. Positions beyond the border pixels are moved onto them, see
            `inside_image`.
        model: Name of a model that resamples, or such a `keras.Model`; or a plain interpolation:
            `"bicubic"` (Keys, a = −½) or `"lanczos"` (radius 3).
        value_range: The values of black and white; found when `None`, see `images.find_scale`.

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
    picture, scale = unit_picture(image, value_range)
    if picture.ndim == 4:
        raise InputError(f"`warp` takes one picture. Received: shape={picture.shape}.")
    field = check_displacement(displacement, picture.shape[:2])
    pixels = (picture[..., None] if picture.ndim == 2 else picture)[None]
    colours = 3 if pixels.shape[-1] == 4 else pixels.shape[-1]
    dtype = np.ma.getdata(image).dtype
    parts = [scale.from_unit(_warped(pixels[..., :colours], field[None], model), dtype)]
    if colours < pixels.shape[-1]:
        alpha = _warped(pixels[..., colours:], field[None], "bicubic")
        parts.append(from_unit_range(alpha, dtype))
    return np.concatenate(parts, axis=-1).reshape(picture.shape)


def _warped(pixels, field, model):
    if isinstance(model, str) and model in INTERPOLATION:
        return ops.convert_to_numpy(
            interpolate_displaced(ops.convert_to_tensor(pixels), ops.convert_to_tensor(field), model)
        )
    channels = pixels.shape[-1]
    if isinstance(model, str):
        model = loaded(model, channels=channels)
    method = method_of(model)
    if method.traits.takes != "displacement":
        raise InputError(
            "`model` must be a model that resamples, as 'blade_resample.default', or one of "
            f"{', '.join(INTERPOLATION)}. Received: {method.name!r}."
        )
    side = method.traits.smallest_side
    if min(pixels.shape[1:3]) < side:
        raise InputError(
            f"The picture must be at least {side} pixels high and wide. "
            f"Received: {pixels.shape[1]}×{pixels.shape[2]} pixels."
        )
    if method.channels == 1 and channels > 1:
        each = [np.concatenate([pixels[..., k : k + 1], field], -1) for k in range(channels)]
        warped = check_finite(method.name, method.apply(np.concatenate(each)))
        return warped.transpose(3, 1, 2, 0)
    if method.channels != channels:
        raise InputError(
            f"This model is for {method.channels} channels. Received: {channels} channels."
        )
    return check_finite(method.name, method.apply(np.concatenate([pixels, field], axis=-1)))
