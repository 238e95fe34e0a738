"""A picture with what its file says of it: axes, samples, range, pixel size, and what else is kept."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .scale import Scale, find_scale

Spacing = Mapping[str, tuple[float, str]]
"""Step on an axis, by its letter, and the unit: `{"x": (0.065, "µm")}`."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """The pixels of a file, upright and with black and white the right way round, and their meaning.

    Attributes:
        values: Array of the type and with the axes of the file.
        axes: One letter for each axis, as `"tczyx"`; `s` are the samples of a pixel.
        samples: What the samples are, a letter each: `"L"` grey, `"RGB"`, `"A"` alpha, `"C"` a channel
            of its own, as in `"RGBA"`, `"LA"`, or `"LC"` for two channels. `"L"` without an axis s.
        bits: How many the camera had, if the file says it.
        white: Value of white, if the file says it.
        nodata: The value of pixels that hold no data, if the file says it (GDAL).
        spacing: Physical size of a pixel on some axes, with units.
        kept: What a file of the same kind gets again, by name: `"icc_profile"`, `"description"`, …
        format: What the file was: `"tiff"`, `"imagej"`, `"ome"`, `"png"`, …
        notes: What could not be kept, and what was chosen where there was a choice; sentences.

    Example:
        >>> stack = Picture(np.zeros((5, 64, 48, 3), "uint8"), "zyxs", samples="RGB")
        >>> stack.shape, stack.planes
        ((5, 64, 48, 3), 5)
    """

    values: np.ndarray
    axes: str
    samples: str = "L"
    bits: int | None = None
    white: float | None = None
    spacing: Spacing = dataclasses.field(default_factory=dict)
    kept: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    format: str = ""
    notes: tuple[str, ...] = ()
    nodata: float | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the values."""
        return self.values.shape

    @property
    def dtype(self) -> np.dtype:
        """Of the values."""
        return self.values.dtype

    @property
    def planes(self) -> int:
        """How many planes there are beside each other."""
        return int(np.prod([n for n, a in zip(self.shape, self.axes, strict=True) if a not in "yxs"]))

    def scale(
        self,
        value_range: tuple[float, float] | Scale | None = None,
        unknown: np.ndarray | None = None,
    ) -> Scale:
        """The scale of its values: as given, as the file says it, or as found.

        Args:
            value_range: `(low, high)` if they are known.
            unknown: Array of bool like the values: what does not count, beside alpha, and pixels
                without data.
        """
        if value_range is None and self.white is not None:
            return Scale(0, self.white, "bits")
        valid = None if unknown is None else ~unknown
        if self.nodata is not None:
            there = self.values != self.nodata
            valid = there if valid is None else valid & there
        if "A" in self.samples and "s" in self.axes:
            valid = np.ones(self.shape, bool) if valid is None else valid.copy()
            at: list[Any] = [slice(None)] * self.values.ndim
            at[self.axes.index("s")] = [k for k, one in enumerate(self.samples) if one == "A"]
            valid[tuple(at)] = False
        return find_scale(self.values, value_range, self.bits, valid)

    def holding(self, values: np.ndarray, **changes: Any) -> "Picture":
        """The same with other values, as a result has them."""
        return dataclasses.replace(self, values=values, **changes)


def samples_of(count: int) -> str:
    """What so many samples of a pixel are, where nothing else says it."""
    return {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}.get(count, "C" * count)


def groups(samples: str) -> list[tuple[str, slice]]:
    """The samples that are filtered together, in their order: `("RGB", 0:3)`, `("L", 3:4)`, `("A", …)`.

    Example:
        >>> groups("RGBA")
        [('RGB', slice(0, 3, None)), ('A', slice(3, 4, None))]
    """
    found, k = [], 0
    while k < len(samples):
        step = 3 if samples.startswith("RGB", k) else 1
        found.append((samples[k : k + step], slice(k, k + step)))
        k += step
    return found


def native(values: np.ndarray) -> np.ndarray:
    """The same numbers in the byte order of this machine, in a type that all functions take."""
    dtype: DTypeLike = values.dtype.newbyteorder("=")
    return values.astype(dtype, copy=False)
