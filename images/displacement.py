"""Displacement fields: their files, their range, and the one that registers two pictures."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from .arrays import check_picture
from .color import luma
from .files import is_file
from .scale import Scale, find_scale


def check_displacement(displacement: ArrayLike, sides: tuple[int, int]) -> np.ndarray:
    """A displacement field as float32 `(height, width, 2)`; two numbers are spread over it.

    Args:
        displacement: Array `(height, width, 2)` in px, first to the right, then downwards; or two
            numbers for a shift.
        sides: Height and width of the picture, in px.

    Returns:
        float32 array `(height, width, 2)` in px.

    Raises:
        InputError: for another shape, and for values that are not finite.

    Example:
        >>> check_displacement((0.5, -0.25), (8, 12)).shape
        (8, 12, 2)
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


def inside_image(displacement: ArrayLike, sides: tuple[int, int], margin: float = 0) -> np.ndarray:
    """Where the displaced positions lie in the image: bool array `(height, width)`.

    Args:
        displacement: As for `warp`.
        sides: Height and width of the image.
        margin: Positions nearer to the border than so many pixels do not count.

    Returns:
        Array of bool `(height, width)`.

    Example:
        >>> inside_image((1, 0), (1, 3)).tolist()
        [[True, True, False]]
    """
    field = check_displacement(displacement, sides)
    rows, columns = np.indices(sides)
    x, y = columns + field[..., 0], rows + field[..., 1]
    height, width = sides
    return (x >= margin) & (x <= width - 1 - margin) & (y >= margin) & (y <= height - 1 - margin)


_FLOW_TAG = 202021.25


_UNKNOWN_FLOW = 1e9


def read_flow(path: str | os.PathLike[str]) -> np.ndarray:
    """A displacement field from a `.flo` file (Middlebury) or a `.npy` file.

    Args:
        path: The file.

    Returns:
        float32 array `(height, width, 2)`; NaN where a `.flo` file says that the flow is not known.

    Raises:
        InputError: if it is missing or holds no field.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.save(f"{folder}/flow.npy", np.zeros((4, 6, 2)))
        ...     read_flow(f"{folder}/flow.npy").shape
        (4, 6, 2)
    """
    path = Path(path)
    if not is_file(path):
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


def find_flow(
    moving: ArrayLike,
    fixed: ArrayLike,
    value_range: tuple[float, float] | Scale | None = None,
) -> np.ndarray:
    """The displacements that register one picture with another, by scikit-image's TV-L1 flow.

    Args:
        moving: Picture to be warped.
        fixed: Picture of the same height and width.
        value_range: The values of black and white; when `None` found for both together, or for each if
            their types differ.

    Returns:
        float32 array `(height, width, 2)` for `warp(moving, …)`.

    Raises:
        InputError: if the pictures differ in size, or `restore` does not take them.

    Example:
        >>> fixed = np.random.default_rng(0).random((4, 4)).repeat(8, 0).repeat(8, 1)
        >>> find_flow(fixed, fixed).shape
        (32, 32, 2)
    """
    from skimage.registration import optical_flow_tvl1

    pair = [luma(check_picture(picture)) for picture in (moving, fixed)]
    if pair[0].dtype == pair[1].dtype:
        value_range = find_scale(np.concatenate([one.ravel() for one in pair]), value_range)
    moving, fixed = (find_scale(one, value_range).to_unit(one) for one in pair)
    if moving.shape != fixed.shape:
        raise InputError(
            "Pictures to be registered must have the same size. "
            f"Received: {moving.shape} and {fixed.shape}."
        )
    down, right = optical_flow_tvl1(fixed, moving)
    return np.stack([right, down], axis=-1).astype(np.float32)
