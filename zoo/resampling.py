"""Pictures at displaced positions: by BLADE filters, or by interpolation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import from_unit_range, picture_of, to_unit_range
from ..images.displacement import check_displacement
from ..images.picture import Picture, groups
from ..images.planes import each_plane, plane_shape
from ..images.scale import Scale
from ..pde import INTERPOLATION, interpolate_displaced
from ..pde.backend import keras, ops
from .deprecated import formerly
from .finite import check_finite
from .method import method_of
from .opening import loaded


@formerly("warp(image, displacement, model)", names={"picture": "image", "method": "model"})
def warp(
    image: ArrayLike | Picture,
    displacement: np.ndarray | Sequence[float],
    model: str | keras.Model = "blade_resample.default",
    *,
    axes: str | None = None,
    value_range: tuple[float, float] | Scale | None = None,
) -> Any:
    """A picture resampled at displaced positions, ũ(m, n) = u(m + vˣ, n + vʸ) (section 5).

    Args:
        image: Array or `images.Picture` as `restore` takes it; each plane of a stack is displaced
            alike. Alpha is resampled bicubically.
        displacement: v, array `(height, width, 2)` in px, first to the right, then downwards; or two
            numbers for a shift. Positions beyond the border pixels are moved onto them, see
            `inside_image`.
        model: Name of a model that resamples, or such a `keras.Model`; or a plain interpolation:
            `"bicubic"` (Keys, a = −½) or `"lanczos"` (radius 3).
        axes: As for `restore`.
        value_range: The values of black and white; found when `None`, see `images.find_scale`.

    Returns:
        Array of the shape and type of the picture, or a `Picture` for one.

    Raises:
        InputError: for a picture or a displacement that cannot be used.

    Example:
        >>> from skimage import data
        >>> from imagepde import zoo
        >>> zoo.warp(data.camera(), (0.5, -0.25)).shape
        (512, 512)
    """
    picture = picture_of(image, axes)
    field = check_displacement(displacement, plane_shape(picture)[:2])
    scale, parts = picture.scale(value_range), groups(picture.samples)

    def displaced(plane):
        pixels = plane.reshape(*plane.shape[:2], -1)[None]
        found = [
            from_unit_range(
                _warped(to_unit_range(pixels[..., part]), field[None], "bicubic"), plane.dtype
            )
            if kinds == "A"
            else scale.from_unit(
                _warped(scale.to_unit(pixels[..., part]), field[None], model), plane.dtype
            )
            for kinds, part in parts
        ]
        return np.concatenate(found, axis=-1).reshape(plane.shape)

    warped = each_plane(picture, displaced)
    return warped if isinstance(image, Picture) else warped.values


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
