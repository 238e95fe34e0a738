"""Inpainting from coarse to fine, so that far holes are filled in few steps."""

import numpy as np

from ..layers import Traits
from .method import Function, method_of
from .multilevel import finer
from .planes import applied
from .zoo_model import ZooModel

_ENOUGH = 0.5
"""Where so many pixels are known, nothing coarser is needed to start from."""

_SMALLEST = 32
"""No level is smaller than this along a side, in px."""


def inpainting_by_levels(first: ZooModel, next_ones: ZooModel) -> tuple[Function, Traits, int | None]:
    """What `restore` needs to inpaint from coarse to fine.

    A pixel of the next coarser level is the mean of those of 2×2 pixels that are known, and unknown
    if none is. What is found there, linearly interpolated, is where the finer level starts.

    Args:
        first: The model of the coarsest level, with a mask as its last channel.
        next_ones: The same for finer levels, whose unknown pixels hold a start, see
            `layers.Mask(started=True)`.

    Returns:
        `(function, traits, channels)`.
    """
    coarsest, finer_levels = method_of(first), method_of(next_ones)

    def fill_in(images):
        f, known = images[..., :-1], images[..., -1:]
        height, width = f.shape[1:3]
        if known.mean() >= _ENOUGH or min(height, width) < 2 * _SMALLEST:
            return applied(coarsest, images)
        start = finer(fill_in(_coarser(f, known)))[:, :height, :width]
        return applied(finer_levels, np.concatenate([np.where(known > 0.5, f, start), known], -1))

    inner = coarsest.traits
    traits = Traits(reach=None, smallest_side=inner.smallest_side, takes="mask")
    return fill_in, traits, coarsest.channels


def _coarser(f, known):
    """Means of the known ones of 2×2 pixels, with where there are any as the last channel."""
    height, width = f.shape[1:3]
    margins = ((0, 0), (0, height % 2), (0, width % 2), (0, 0))
    mask = np.pad((known > 0.5).astype(np.float32), margins)
    values = np.pad(np.where(known > 0.5, f, 0), margins)
    sums, counts = (
        sum(x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)) for x in (values * mask, mask)
    )
    return np.concatenate([sums / np.maximum(counts, 1), np.minimum(counts, 1)], -1).astype(np.float32)
