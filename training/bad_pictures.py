"""Which files of a folder a training can use: all are read once before it begins."""

import dataclasses
import os
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..images.picture_files import read_picture
from ..images.scale import find_scale
from .sources import Folder

BAD_PICTURES = ("stop", "skip")
"""What can be done about a picture that cannot be used."""


def usable_pictures(
    source: Any,
    smallest: int,
    bad_pictures: str = "stop",
    scale: float = 1.0,
    say: Callable[[str], Any] = print,
    progress: Callable[[Iterable[Any], int], Iterable[Any]] = lambda items, total: items,
) -> Any:
    """A folder of pictures of which each can be trained on.

    A picture cannot be used if it is damaged or too small, has several planes, or has values other than
    those of 8 or 16 bits and floating-point numbers in [0, 1].

    Args:
        source: Pictures, from `open_source`. Only a `Folder` is checked.
        smallest: Height and width that a picture must have at least, in px.
        bad_pictures: `"stop"` refuses the first one that cannot be used, `"skip"` leaves them out.
        scale: Factor by which pictures are shrunk before.
        say: Is given a sentence for each one that is left out.
        progress: Function around an iterable and its length that shows progress.

    Returns:
        The source, or one without the bad pictures that says which they were in its `left_out`.

    Raises:
        InputError: naming the file, if one cannot be used and `bad_pictures` is `"stop"`; and if there
            is none that can be used.

    Example:
        pictures = training.open_source("photographs", lenient=True)
        pictures = training.usable_pictures(pictures, smallest=64, bad_pictures="skip")
    """
    if bad_pictures not in BAD_PICTURES:
        raise InputError(
            f"`bad_pictures` must be one of {', '.join(BAD_PICTURES)}. Received: {bad_pictures!r}."
        )
    if not isinstance(source, Folder):
        return source
    # Readers set filters for warnings one by one, which threads would take from each other.
    with warnings.catch_warnings(action="ignore"), ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda path: _complaint(path, smallest, scale), source.paths)
        complaints = list(progress(found, len(source)))
    bad = {path: words for path, words in zip(source.paths, complaints, strict=True) if words}
    if not bad:
        return source
    if bad_pictures == "stop":
        raise InputError(
            f"{next(iter(bad.values()))} {_number(len(bad))} of {len(source)} cannot be used: take "
            'them away, or have them left out by `--bad-pictures skip` (bad_pictures="skip").'
        )
    for words in bad.values():
        say(f"Left out: {words}")
    if len(bad) == len(source):
        raise InputError(f"No picture of {source.name!r} can be used. {next(iter(bad.values()))}")
    return dataclasses.replace(
        source,
        paths=tuple(path for path in source.paths if path not in bad),
        left_out=tuple(path.name for path in bad),
    )


def _number(count):
    return "1 picture" if count == 1 else f"{count} pictures"


def _complaint(path: Path, smallest: int, scale: float) -> str | None:
    """What is wrong with a picture, a sentence that names it; `None` if nothing is."""
    try:
        picture = read_picture(path)
    except InputError as error:
        return f"{str(error).rstrip('.')}."
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[-1] > 4):
        return f"{str(path)!r} is no single picture but has the shape {picture.shape}."
    sides = [round(scale * side) for side in picture.shape[:2]]
    if min(sides) < smallest:
        shrunk = "" if scale == 1.0 else f" after it is shrunk by {scale:g}"
        return (
            f"{str(path)!r} has {sides[0]}×{sides[1]} pixels{shrunk}, fewer than {smallest}×{smallest}."
        )
    if picture.dtype.kind == "f":
        if not np.isfinite(picture).all():
            return f"{str(path)!r} has values that are no numbers (NaN or infinite)."
        if not find_scale(picture).of_type:
            ends = f"{picture.min():.4g} to {picture.max():.4g}"
            return f"{str(path)!r} has values from {ends}; floating-point numbers must be in [0, 1]."
    elif picture.dtype not in (np.uint8, np.uint16):
        return f"{str(path)!r} has values of type {picture.dtype}; training takes 8 and 16 bits."
    return None
