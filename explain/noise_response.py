"""How the filters of DiffNet answer to noise (section 6.2)."""

import dataclasses

import numpy as np

from ..errors import InputError
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..images.preparation import prepare
from .states import filtering_states, smoothing_levels

NOISES = tuple(np.geomspace(1e-4, 0.1, 13).tolist())
"""0.01 % to 10 % of the range of the picture, as in the paper's Fig. 13."""


def smoothing_of_noise(model, recipe, source, noises=NOISES):
    """The smoothing level α of each block, for each picture with each strength of noise.

    Pictures are prepared as in the validation of the model. The noise of a picture is seeded by its
    index, so it differs from level to level in its strength alone.

    Args:
        model: A grey model made of `FilteringStep` layers.
        recipe: Its `Recipe`; its task is one of `PeronaMalikDiffusion`.
        source: Pictures, from `open_source`.
        noises: Standard deviations of the noise in the range of the picture.

    Returns:
        `(noises, levels)`: the noises, and an array `(noises, pictures, blocks)`.

    Raises:
        InputError: for a recipe with another task, and a model without filtering steps.
    """
    if recipe.diffusion is None:
        raise InputError(
            "The answer to noise is measured for models of Perona–Malik diffusion. "
            f"Received: {recipe.name!r}."
        )
    preparation = (recipe.validation_size, recipe.scale, recipe.normalise)
    clean = [prepare(to_unit_range(luma(picture)), *preparation) for picture in source]
    levels = []
    for noise in noises:
        task = dataclasses.replace(recipe.degradation, noise=noise, forward=False)
        given = [task.pair(picture, index)[0] for index, picture in enumerate(clean)]
        levels.append([smoothing_levels(filtering_states(model, u)[1]) for u in given])
    return noises, np.array(levels)
