"""Arrays of large pictures, in temporary files: the memory holds what is computed, not the picture."""

import math
import mmap
import os
import tempfile
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from .picture import native

ON_DISK = 2**28
"""Bytes from which on the pixels of a file are kept on the disk."""


def empty_array(shape: tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """An array without content: in the memory, or in a temporary file if it is large.

    The file has no name and is gone with the array. It lies in the folder for temporary files, which
    `TMPDIR` names, and takes all its space there at once, so that a full disk cannot end the process
    later. If there is too little space, the array is in the memory.

    Args:
        shape: Of the array.
        dtype: Of the array.

    Example:
        >>> is_on_disk(empty_array((512, 512), "uint8"))
        False
    """
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    if size < ON_DISK or not hasattr(os, "posix_fallocate"):
        return np.empty(shape, dtype)
    try:
        with tempfile.TemporaryFile() as file:
            os.posix_fallocate(file.fileno(), 0, size)
            return np.asarray(np.memmap(file, dtype, "r+", shape=shape))
    except OSError:
        return np.empty(shape, dtype)


def is_on_disk(array: np.ndarray) -> bool:
    """Whether the memory of an array is a file."""
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base, mmap.mmap)


def filled_by(read: Callable[..., np.ndarray], shape: tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """What a decoder returns, decoded to the disk if it is large.

    Args:
        read: Function of `out`, an array that it fills, or `None`.
        shape: Of what it returns.
        dtype: Of what it returns.
    """
    place = empty_array(shape, dtype)
    return in_native_order(read(out=place if is_on_disk(place) else None))


def empty_beside(array: np.ndarray, shape: tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """An array without content, for a result: on the disk if what it is made of is there."""
    return empty_array(shape, dtype) if is_on_disk(array) else np.empty(shape, dtype)


def in_native_order(values: np.ndarray) -> np.ndarray:
    """The same numbers in the byte order of this machine; those on the disk are changed there."""
    if values.dtype.isnative or not is_on_disk(values):
        return native(values)
    return values.byteswap(inplace=True).view(values.dtype.newbyteorder("="))
