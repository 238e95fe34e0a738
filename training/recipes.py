"""Recipes: how each model of the zoo was trained, one record a model."""

import dataclasses
import difflib
from typing import Any

from ..pde import InputError
from .degradations import GaussianNoise


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides about a training but the pictures.

    Attributes:
        name: `architecture.tag` of the model that it makes.
        config: Arguments for `zoo.create`.
        sigma: Strength of the noise, on the scale of 0 to 255.
        epochs: Number of epochs; after each there is a validation and a checkpoint.
        steps_per_epoch: Steps of the optimiser in an epoch.
        learning_rate: Of Adam at the start; it falls to `final_learning_rate` as a cosine.
        final_learning_rate: See there.
        batch: Patches in a step.
        patch: Side of a patch in px.
        validation: Pictures held back from training, evenly spread over the source.
        validation_size: Side of the centre of these that is used, in px.
        jit_compile: Whether XLA compiles the training step.
        seed: Of weights, patches and noise.
    """

    name: str
    config: dict[str, Any]
    sigma: float
    epochs: int
    steps_per_epoch: int = 250
    learning_rate: float = 5e-3
    final_learning_rate: float = 5e-5
    batch: int = 8
    patch: int = 64
    validation: int = 16
    validation_size: int = 256
    jit_compile: bool = True
    seed: int = 1

    @property
    def architecture(self):
        """The part of the name before the dot."""
        return self.name.partition(".")[0]

    @property
    def degradation(self):
        """What the model learns to undo."""
        return GaussianNoise(self.sigma)


_RECIPES = {
    recipe.name: recipe
    for recipe in [
        *(
            Recipe(
                name=f"perona_malik.gauss{sigma}",
                config={"sigma": 0.5, "contrast": contrast, "time_step": time_step, "steps": 20},
                sigma=sigma,
                epochs=8,
                steps_per_epoch=50,
                learning_rate=2e-3,
                patch=128,
            )
            for sigma, contrast, time_step in ((15, 0.035, 0.08), (25, 0.05, 0.12), (50, 0.07, 0.2))
        ),
        Recipe(
            name="foe_s.gauss25",
            config={"location": "edges"},
            sigma=25,
            epochs=50,
            learning_rate=2e-2,
            final_learning_rate=1e-4,
        ),
    ]
}


def list_recipes():
    """The names of all recipes, sorted."""
    return sorted(_RECIPES)


def recipe(name, **changes):
    """The recipe of a model, with some of its attributes changed.

    Raises:
        InputError: if there is none of this name.
    """
    if name not in _RECIPES:
        near = difflib.get_close_matches(name, _RECIPES, n=3, cutoff=0.3)
        raise InputError(
            f"There is no recipe {name!r}: did you mean {' or '.join(near or list_recipes())}?"
        )
    return dataclasses.replace(_RECIPES[name], **changes)
