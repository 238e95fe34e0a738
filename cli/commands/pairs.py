"""Noisy pictures of one's own, and what is beside them in another folder."""

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from .common import open_input

Targets = Annotated[
    Path | None,
    typer.Option(help="A folder with the same pictures without noise, under the same names."),
]


class Pair(NamedTuple):
    """One plane of a noisy picture in [0, 1], what is beside it, if there is anything, and its file."""

    noisy: object
    target: object
    name: str


def open_pairs(data, targets, axes, value_range):
    """Every plane and channel of the pictures in a folder, with those of the same name in another.

    Args:
        data: Folder of noisy pictures, searched with the folders in it, or a file.
        targets: Folder of targets, or a file; `None` for none.
        axes: Of files that do not name them.
        value_range: Black and white; found for each picture when `None`.

    Returns:
        A list of `Pair`.
    """
    from ..errors import InputError

    pairs = []
    for file in _files(data):
        picture = open_input(str(file), axes)
        scale = picture.scale(value_range)
        noisy = _planes(picture, scale)
        beside = [None] * len(noisy)
        if targets is not None:
            target = open_input(str(_beside(file, data, targets)), axes)
            # The same units: fewer bits would suffice for a picture that is darker.
            beside = _planes(target, scale if target.dtype == picture.dtype else target.scale())
        if len(beside) != len(noisy):
            raise InputError(f"{file.name!r} has {len(noisy)} planes, its target {len(beside)}.")
        for one, other in zip(noisy, beside, strict=True):
            if other is not None and other.shape != one.shape:
                raise InputError(
                    f"{file.name!r} and its target must have the same size. "
                    f"Received: {one.shape} and {other.shape}."
                )
            pairs.append(Pair(one, other, repr(str(file))))
    return pairs


def _files(folder):
    """The picture files in a folder, or the one that is named."""
    from ..bulk import pictures_in
    from ..errors import InputError

    if not folder.exists():
        raise InputError(f"There is no folder {str(folder)!r}; check the path.")
    files = sorted(pictures_in(folder)) if folder.is_dir() else [folder]
    if not files:
        raise InputError(f"There are no pictures in {str(folder)!r}.")
    return files


def _beside(file, folder, targets):
    """The file of the same name in another folder; its suffix may be another."""
    from ..errors import InputError

    if not folder.is_dir():
        return targets
    name = file.relative_to(folder)
    for found in (targets / name, *sorted((targets / name.parent).glob(f"{name.stem}.*"))):
        if found.exists():
            return found
    raise InputError(f"There is no {str(name)!r} in {str(targets)!r}.")


def _planes(picture, scale):
    """Every plane and channel of a picture, `(height, width)` in [0, 1]."""
    import numpy as np

    from ..images.axes import plane_indices, planes_last

    values, order = planes_last(np.asarray(picture.values), picture.axes)
    planes = [scale.to_unit(values[index]) for index in plane_indices(values.shape, order)]
    if not order.endswith("s"):
        return planes
    return [plane[..., k] for plane in planes for k, kind in enumerate(picture.samples) if kind != "A"]
