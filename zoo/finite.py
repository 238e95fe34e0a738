"""Refuses what a model computed if it is no picture: NaN and infinity would become black pixels."""

import numpy as np

from ..errors import InputError


def check_finite(name: str, result: np.ndarray) -> np.ndarray:
    """Returns what a model computed, if all of it is finite.

    Args:
        name: Name of the model, for the error.
        result: Array of any shape.

    Raises:
        InputError: if a number is NaN or infinite, as for damaged weights and unstable time steps.
    """
    finite = np.isfinite(result)
    if finite.all():
        return result
    raise InputError(
        f"The model {name!r} returns NaN or infinity for this picture; check its weights and time "
        f"step. Received: {result.size - np.count_nonzero(finite)} of {result.size} values that are "
        "not finite."
    )
