"""Recipes: how each model of the zoo was trained, one record a model."""

import dataclasses
import difflib
from collections.abc import Iterator
from typing import Any

from ..errors import InputError
from ..tasks import (
    GaussianNoise,
    HeatFlow,
    JpegCompression,
    KnownDiffusion,
    PeronaMalikDiffusion,
    Preparation,
)
from ..tasks.task import nearest
from .recipe_record import Recipe
from .surrogate_recipes import resampling, surrogates


def _gaussian(name: str, config: dict[str, Any], sigma: Any, *more: Any, **settings: Any) -> Recipe:
    """A recipe against noise of one strength, or of a range `(low, high)` of them."""
    return Recipe(name, config, GaussianNoise(sigma), *more, **settings)


def _perona_malik() -> Iterator[Recipe]:
    for sigma, contrast, time_step in ((15, 0.035, 0.08), (25, 0.05, 0.12), (50, 0.07, 0.2)):
        yield Recipe(
            name=f"perona_malik.gauss{sigma}",
            config={"sigma": 0.5, "contrast": contrast, "time_step": time_step, "steps": 20},
            task=GaussianNoise(sigma),
            epochs=8,
            steps_per_epoch=50,
            learning_rate=2e-3,
            patch=128,
        )
        # The estimator takes a mean over the picture: patches are as large as can be.
        yield Recipe(
            name=f"ka.gauss{sigma}",
            config={"contrast": contrast, "time_step": time_step},
            task=GaussianNoise(sigma),
            epochs=12,
            steps_per_epoch=50,
            learning_rate=1e-2,
            final_learning_rate=1e-4,
            batch=4,
            patch=128,
        )


def _learned(
    architecture: str, epochs: int, shorter: int, learning_rate: float, **config: Any
) -> Iterator[Recipe]:
    """A training for σ = 25, and shorter ones for 15 and 50 that start from its weights.

    Strong noise needs a longer time, which is more steps where each is at the bound.
    """
    name = f"{architecture}.gauss25"
    fixed = {"final_learning_rate": 1e-4}
    yield _gaussian(name, config, 25, epochs, learning_rate=learning_rate, **fixed)
    for sigma, steps in ((15, 10), (50, 16)):
        yield _gaussian(
            f"{architecture}.gauss{sigma}",
            {**config, "steps": steps},
            sigma,
            shorter,
            name,
            learning_rate=learning_rate / 2,
            **fixed,
        )


def _diffnet() -> Iterator[Recipe]:
    """DiffNet's experiments, and a U-Net of half a million parameters beside it."""
    common = {
        "learning_rate": 2e-3,
        "final_learning_rate": 4e-6,
        "epsilon": 1e-12,
        "batch": 16,
        "jit_compile": False,  # The convolutions are in no loop: twice as fast as a graph.
    }
    # Those that were trained first, before the epsilon of Adam was looked at.
    earlier = {"pm_inverse": {"epsilon": 1e-7}, "pm_inverse_noise1": {"epsilon": 1e-7}}
    shrunk = Preparation(scale=0.4, crop=96, normalise=True)
    for tag, diffusion, epochs in (
        ("pm_inverse", {}, 60),
        ("pm_inverse_noise1", {"sigma": 2.55}, 16),
        ("pm_inverse_noise01", {"sigma": 0.255}, 12),
        ("pm_forward", {"forward": True}, 12),
        ("pm_inverse_blind", {"sigma": (0.0255, 25.5)}, 12),
    ):
        task = PeronaMalikDiffusion(**diffusion, preparation=shrunk)
        yield Recipe(f"diffnet.{tag}", {}, task, epochs, **{**common, **earlier.get(tag, {})})
        if not tag.endswith("blind"):
            # A step of the U-Net takes a quarter of the time of one of DiffNet: as long in all.
            as_long = {**common, "steps_per_epoch": 1000}
            yield Recipe(f"unet.{tag}", {"width": 8}, task, epochs, **as_long)
    # Without noise, many small steps go further than few large ones.
    many = {**common, "batch": 4, "steps_per_epoch": 1000, "learning_rate": 1e-3}
    task = HeatFlow(time=1.0, preparation=Preparation(crop=64))
    yield Recipe("diffnet.deconvolution", {"blocks": 3}, task, 60, **many)
    task = KnownDiffusion(preparation=Preparation(scale=0.4, crop=64, normalise=True))
    yield Recipe("linear_diffusion.heat", {}, task, 12, **{**common, "learning_rate": 1e-2})


def _delta_resnet() -> Iterator[Recipe]:
    """Anisotropic diffusion with estimated tensors, for σ = 25 first."""
    rates = {"final_learning_rate": 3e-5}
    yield _gaussian("delta_resnet.gauss25", {}, 25, 24, learning_rate=3e-3, **rates)
    for sigma in (15, 50):
        name = f"delta_resnet.gauss{sigma}"
        yield _gaussian(name, {}, sigma, 8, "delta_resnet.gauss25", learning_rate=1e-3, **rates)


def _reaction_diffusion() -> Iterator[Recipe]:
    """Trainable reaction–diffusion: long trainings for σ = 25, shorter ones that start from them."""
    rates = {"learning_rate": 3e-3, "final_learning_rate": 3e-5, "jit_compile": False}
    shorter = {**rates, "learning_rate": 1e-3}
    for architecture, epochs, after in (("trd", 180, (80, 40)), ("trd_certified", 120, (16, 16))):
        name = f"{architecture}.gauss25"
        yield _gaussian(name, {}, 25, epochs, **rates)
        for sigma, shorter_epochs in zip((15, 50), after, strict=True):
            yield _gaussian(f"{architecture}.gauss{sigma}", {}, sigma, shorter_epochs, name, **shorter)
    contractive = "trd_certified.gauss25_contractive"
    yield _gaussian(contractive, {"bound": "monotone"}, 25, 40, **rates)
    yield _gaussian("trd_color.gauss25", {}, 25, 60, **rates)
    for sigma in (15, 50):
        yield _gaussian(f"trd_color.gauss{sigma}", {}, sigma, 16, "trd_color.gauss25", **shorter)
    yield _gaussian("trd_small.gauss25", {}, 25, 80, **rates)
    # The noise is measured, so patches are larger.
    yield _gaussian("trd.blind", {"blind": True}, (5, 55), 60, **{**rates, "batch": 4, "patch": 96})
    # The noise is told: one network for all of it.
    any_noise = GaussianNoise((0.25, 75), told=True)
    fine = {**rates, "learning_rate": 5e-4}
    for architecture, epochs in (("trd", 24), ("trd_color", 4), ("trd_small", 40)):
        start = f"{architecture}.gauss25"
        yield Recipe(f"{architecture}.any", {"told": True}, any_noise, epochs, start, **fine)
    for quality in (10, 20, 30):
        task = JpegCompression(quality)
        yield Recipe(f"trd.jpeg{quality}", {}, task, 20, "trd.gauss15", **shorter)


def _blind() -> Iterator[Recipe]:
    yield Recipe(
        name="foe_s.blind",
        config={"blind": True, "steps": 12},
        task=GaussianNoise((5, 55)),
        start="foe_s.gauss25",
        epochs=5,
        learning_rate=5e-3,
        final_learning_rate=1e-4,
    )


_RECIPES = {
    recipe.name: recipe
    for recipe in [
        *_perona_malik(),
        *_learned("foe_s", 50, 6, 2e-2, location="edges"),
        *_learned("foe_d", 7, 3, 2e-2),
        *_learned("foe_m", 7, 3, 2e-2),
        *_learned("foe_rb", 7, 3, 2e-2),
        *_learned("unet_diffusivity", 6, 3, 5e-3),
        *_blind(),
        *_diffnet(),
        *_delta_resnet(),
        *_reaction_diffusion(),
        *surrogates(),
        *resampling(),
    ]
}


def list_recipes() -> list[str]:
    """The names of all recipes, sorted."""
    return sorted(_RECIPES)


def recipe(name: str, **changes: Any) -> Recipe:
    """The recipe of a model, with some of its attributes changed.

    Raises:
        InputError: if there is none of this name, or no such attribute.

    Example:
        >>> recipe("trd.gauss25", epochs=2).epochs
        2
    """
    if name not in _RECIPES:
        near = difflib.get_close_matches(name, _RECIPES, n=3, cutoff=0.3)
        raise InputError(
            f"There is no recipe {name!r}: did you mean {' or '.join(near or list_recipes())}?"
        )
    attributes = [field.name for field in dataclasses.fields(Recipe)]
    for key in changes:
        if key not in attributes:
            raise InputError(
                f"A recipe has no {key!r}: did you mean {nearest(key, attributes)}? What the model is "
                "for is its `task`."
            )
    return dataclasses.replace(_RECIPES[name], **changes)
