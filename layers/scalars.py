"""Learned scalars with a range: a contrast, a time step."""

from ..errors import InputError
from ..pde.backend import keras, ops
from .serialization import register

CONTRAST_RANGE = (1e-4, 10.0)
"""Contrasts that make sense for images in [0, 1], in grey value per px."""


def check_contrast(contrast):
    """Returns `contrast` as a float if it lies in its range."""
    low, high = CONTRAST_RANGE
    if not low <= contrast <= high:
        raise InputError(
            f"`contrast` must lie in [{low:g}, {high:g}] grey values per px, where images lie "
            f"in [0, 1]. Received: contrast={contrast}."
        )
    return float(contrast)


@register
class Between(keras.constraints.Constraint):
    """Keeps a weight in [low, high] after every step of the optimiser.

    Together with `clipped`, the weight itself is the physical quantity, reaches the ends of its
    range exactly, and does not get stuck outside of it.

    Args:
        low: The lower end of the range.
        high: The upper end.

    Example:
        >>> float(Between(0.0, 1.0)(ops.array(2.0)))
        1.0
    """

    def __init__(self, low, high):
        self.low, self.high = float(low), float(high)

    def __call__(self, w):
        return ops.clip(w, self.low, self.high)

    def get_config(self):
        return {"low": self.low, "high": self.high}


def add_scalar(layer, name, value, low, high):
    """Adds a learned scalar weight that starts at `value` and stays in [low, high]."""
    return layer.add_weight(
        shape=(),
        name=name,
        initializer=keras.initializers.Constant(value),
        constraint=Between(low, high),
    )


def clipped(weight):
    """The value of such a scalar, in its range even if the weight was set to something else."""
    return ops.clip(weight, weight.constraint.low, weight.constraint.high)
