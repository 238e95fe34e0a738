"""Samples that are no grey, red, green or blue: palettes, printing inks, CIELAB."""

import numpy as np


def with_palette(indices: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Colors of the entries of a palette: the indices with an axis of three samples.

    Args:
        indices: Array of integers.
        palette: uint16 array `(3, entries)`; uint8 is returned where it says no more than that.
    """
    palette = np.asarray(palette)
    # Eight bits are written as sixteen in two ways: times 257, or shifted.
    deep = not ((palette % 257 == 0).all() or (palette % 256 == 0).all())
    table = palette if deep else (palette >> 8).astype(np.uint8)
    return np.moveaxis(table[:, np.minimum(indices, palette.shape[1] - 1)], 0, -1)


def cmyk_to_rgb(inks: np.ndarray) -> np.ndarray:
    """Red, green and blue of four inks on the last axis: (1 − ink) (1 − black), as Pillow computes it.

    Without the profile of a printer it is an approximation.
    """
    largest = np.iinfo(inks.dtype).max if inks.dtype.kind in "iu" else 1
    inks = inks.astype(np.float64)
    paper = largest - inks[..., 3:]
    color = paper - inks[..., :3] * paper / largest
    if largest == 1:
        return color.astype(np.float32)
    return np.clip(np.rint(color), 0, largest).astype(_unsigned(largest))


def _unsigned(largest):
    return next(kind for kind in (np.uint8, np.uint16, np.uint32) if largest <= np.iinfo(kind).max)


def lab_to_rgb(values: np.ndarray, form: str) -> np.ndarray:
    """sRGB of CIELAB in the encoding of TIFF.

    Args:
        values: Integer array with L, a, b as the first three on its last axis: L from 0 to the largest
            value, a and b in units of 1 at 8 bits and of 1/256 at 16 bits.
        form: How a and b are stored: `"signed"` or `"unsigned"`, with 128 added.

    Returns:
        Array of uint8 or uint16, as deep as the values.
    """
    from skimage.color import lab2rgb

    unit = 1 if values.dtype.itemsize == 1 else 256
    largest = np.iinfo(f"u{values.dtype.itemsize}").max
    lab = values[..., :3].astype(np.float64)
    shift = np.array([0, 128 * unit, 128 * unit])
    if form == "signed":
        # Unsigned integers hold them as two's complement.
        lab = np.where(np.arange(3) > 0, (lab + shift[1]) % (largest + 1), lab)
    lab = (lab - shift) * np.array([100 / largest, 1 / unit, 1 / unit])
    flat = lab2rgb(lab.reshape(-1, 1, 3)).reshape(lab.shape)
    return np.rint(np.clip(flat, 0, 1) * largest).astype(f"u{values.dtype.itemsize}")
