"""What the numbers of a picture mean: which of them is black, and which is white."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..errors import InputError

CAMERA_BITS = (8, 10, 12, 14, 16)
"""How many bits cameras have; their numbers often come in 16 or 32 bits."""

_BULK = (0.1, 99.9)
"""Percentiles between which the values of a picture lie, but for a few hot or dead pixels."""

_NEARLY_UNIT = (-1.0, 2.0)
"""A floating-point picture is in [0, 1], but for noise, if its 1st and 99th percentiles are here."""

_FEW = 1 / 64
"""A floating-point picture of values that are all smaller than this is in other units."""


@dataclasses.dataclass(frozen=True)
class Scale:
    """The numbers that stand for black and white: `(value − low) / (high − low)` is in [0, 1].

    Attributes:
        low: Value of black.
        high: Value of white, larger than `low`.
        origin: Where they are known from: `"type"` (the range of an integer, or [0, 1]), `"bits"` (of
            the camera), `"values"` (the range of the picture), or `"given"`.

    Raises:
        InputError: if `low` is not smaller than `high`, or one of them is not finite.

    Example:
        >>> Scale(0, 4095, "bits").to_unit(np.array([0, 819, 4095], "uint16"))
        array([0. , 0.2, 1. ], dtype=float32)
    """

    low: float
    high: float
    origin: str = "given"

    def __post_init__(self):
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise InputError(
                "A range needs two finite numbers, the first smaller than the second. "
                f"Received: {self.low}:{self.high}."
            )

    def __str__(self):
        why = {
            "type": "the range of the type",
            "bits": "the bits of the camera",
            "values": "the range of the values",
            "given": "as given",
        }[self.origin]
        return f"{self.low:.6g} to {self.high:.6g} ({why})"

    @property
    def of_type(self) -> bool:
        """Whether it needs no word, as it is the range that the type has anyway."""
        return self.origin == "type"

    def to_unit(self, values: np.ndarray) -> np.ndarray:
        """float32 with black at 0 and white at 1; what lies outside stays outside."""
        if self.low == 0 and self.high == 1:
            return values.astype(np.float32)
        if self.low == 0 and values.dtype.kind in "bu" and values.dtype.itemsize <= 2:
            return values.astype(np.float32) / np.float32(self.high)
        # In double precision: an offset may be large against the range.
        return ((values.astype(np.float64) - self.low) / (self.high - self.low)).astype(np.float32)

    def from_unit(self, unit: np.ndarray, dtype: DTypeLike) -> np.ndarray:
        """The inverse of `to_unit`, in a type that is given.

        Integers are rounded. They are clipped to black and white, where these are the bounds of what
        can be (the type's or the camera's), and to the range of the type otherwise.
        """
        dtype = np.dtype(dtype)
        if dtype.kind == "f":
            if self.low == 0 and self.high == 1:
                return unit.astype(dtype)
            return (unit.astype(np.float64) * (self.high - self.low) + self.low).astype(dtype)
        if self.origin in ("type", "bits"):
            unit = np.clip(unit, 0.0, 1.0)
        if self.low == 0 and dtype.kind == "u" and dtype.itemsize <= 2:
            values = unit.astype(np.float32) * np.float32(self.high)
        else:
            values = unit.astype(np.float64) * (self.high - self.low) + self.low
        if dtype.kind == "b":
            return values >= 0.5
        bounds = np.iinfo(dtype)
        # Bounds of 32 bits are exact in double precision only.
        return np.clip(np.rint(values), bounds.min, bounds.max).astype(dtype)


def find_scale(
    image: ArrayLike,
    value_range: tuple[float, float] | Scale | None = None,
    bits: int | None = None,
    valid: np.ndarray | None = None,
) -> Scale:
    """The scale of a picture: given, or found from its type, its camera and its values.

    A picture of bool or uint8 has the range of its type. Other integers that are not negative have that
    of the smallest of 8, 10, 12, 14 and 16 bits which holds them. Floating-point numbers are in [0, 1]
    where they lie there but for noise. For all others, black is the smallest value and white the
    largest, where single pixels far beyond the rest do not count.

    Args:
        image: Array of any real type and shape.
        value_range: `(low, high)` if they are known; then nothing is looked for.
        bits: Of the camera, if a file says so.
        valid: Array of bool like the image; where it is false, a value does not count.

    Returns:
        The `Scale`.

    Raises:
        InputError: for a range that is none, and a picture beyond the bits that it is said to have.

    Example:
        >>> find_scale(np.array([[17, 3890]], "uint16"))
        Scale(low=0, high=4095, origin='bits')
        >>> find_scale(np.array([[17, 3890]], "uint16"), (0, 65535))
        Scale(low=0.0, high=65535.0, origin='given')
    """
    if value_range is not None:
        return as_scale(value_range)
    image = np.asarray(image)
    dtype = image.dtype
    if dtype.kind == "b":
        return Scale(0, 1, "type")
    if dtype == np.uint8 and bits in (None, 8):
        return Scale(0, 255, "type")
    values = image if valid is None else image[valid]
    if dtype.kind == "f" and not np.isfinite(values).all():
        values = values[np.isfinite(values)]
    if values.size == 0:
        return Scale(0, 1 if dtype.kind == "f" else np.iinfo(dtype).max, "type")
    low, high = values.min(), values.max()
    if dtype.kind in "iu" and low >= 0:
        return _of_integers(dtype, int(high), bits)
    if dtype.kind == "f" and _is_nearly_unit(values, low, high):
        return Scale(0, 1, "type")
    return _of_values(values, low, high)


def as_scale(value_range: tuple[float, float] | Scale) -> Scale:
    """A range that was given, as a `Scale`."""
    if isinstance(value_range, Scale):
        return value_range
    try:
        low, high = (float(value) for value in value_range)
    except (TypeError, ValueError):
        raise InputError(
            f"`value_range` must be two numbers, black and white. Received: {value_range!r}."
        ) from None
    return Scale(low, high, "given")


def _of_integers(dtype, largest, bits):
    if bits is not None and 0 < bits <= 32:
        if largest >= 1 << bits:
            raise InputError(
                f"The picture is said to have {bits} bits; give its range. Received: {largest}."
            )
        return Scale(0, (1 << bits) - 1, "type" if 1 << bits == np.iinfo(dtype).max + 1 else "bits")
    for count in CAMERA_BITS:
        if largest < 1 << count:
            whole = (1 << count) - 1 == np.iinfo(dtype).max
            return Scale(0, (1 << count) - 1, "type" if whole else "bits")
    return Scale(0, largest, "values")


def _is_nearly_unit(values, low, high):
    if low == high == 0:
        return True
    if max(-low, high) < _FEW:
        return False
    near, far = np.percentile(_sample(values), (1, 99))
    return _NEARLY_UNIT[0] <= near and far <= _NEARLY_UNIT[1]


def _of_values(values, low, high):
    low, high = float(low), float(high)
    if low == high:
        return Scale(low, low + max(1.0, abs(low)), "values")
    first, last = (float(value) for value in np.percentile(_sample(values), _BULK))
    # Single pixels far beyond would leave little of the range for all others.
    span = last - first
    if span > 0:
        low, high = max(low, first - span), min(high, last + span)
    return Scale(low, high, "values")


def _sample(values, most=1 << 20):
    """Not all of a large picture: percentiles would take longer than they are worth."""
    flat = values.reshape(-1)
    return flat[:: max(1, flat.size // most)].astype(np.float64)
