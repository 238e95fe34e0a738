"""Functions of one picture, applied to every plane of a stack."""

from collections.abc import Callable

import numpy as np

from .axes import in_order, plane_indices, planes_last
from .picture import Picture


def plane_shape(picture: Picture) -> tuple[int, int, int]:
    """Height, width and samples of a plane, alpha included."""
    sizes = dict(zip(picture.axes, picture.shape, strict=True))
    return sizes["y"], sizes["x"], sizes.get("s", 1)


def each_plane(picture: Picture, function: Callable[[np.ndarray], np.ndarray]) -> Picture:
    """What a function makes of each plane, one after the other.

    Args:
        picture: A `Picture` with any axes.
        function: Of an array `(height, width)` or `(height, width, samples)`; it returns an array
            `(height, width)` or with samples.

    Returns:
        A `Picture` with the axes of the given one; without s, and grey, where the function returns no
        samples.
    """
    planes, order = planes_last(picture.values, picture.axes)
    result, wanted, samples = None, picture.axes, picture.samples
    for index in plane_indices(planes.shape, order):
        made = function(planes[index])
        if result is None:
            lead = planes.shape[: planes.ndim - (3 if order.endswith("s") else 2)]
            result = np.empty((*lead, *made.shape), made.dtype)
            if order.endswith("s") and made.ndim == 2:
                order, wanted, samples = order[:-1], wanted.replace("s", ""), "L"
        result[index] = made
    return picture.holding(in_order(result, order, wanted), axes=wanted, samples=samples)
