"""Recipes: how each model of the zoo was trained, one record a model."""

import dataclasses
import difflib
from typing import Any

from ..errors import InputError
from .compression import JpegCompression
from .degradations import gaussian_noise
from .diffusion_tasks import HeatFlow, KnownDiffusion, PeronaMalikDiffusion
from .displacements import Displacement
from .flow_targets import FlowTargets
from .surrogates import FlowTask


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides about a training but the pictures.

    Attributes:
        name: `architecture.tag` of the model that it makes.
        config: Arguments for `zoo.create`.
        sigma: Strength of the noise, on the scale of 0 to 255, or the range `(low, high)` from which
            it is drawn for each patch; `None` for another task.
        start: Model of the zoo whose weights the training starts from; new weights when `None`.
        epochs: Number of epochs; after each there is a validation and a checkpoint.
        steps_per_epoch: Steps of the optimiser in an epoch.
        learning_rate: Of Adam at the start; it falls to `final_learning_rate` as a cosine.
        final_learning_rate: See there.
        epsilon: What Adam adds to the root of the mean squared gradient. It must be small beside the
            gradients, which are small themselves where the error is.
        batch: Patches in a step.
        patch: Side of a patch in px.
        validation: Pictures held back from training, evenly spread over the source.
        validation_size: Side of the centre of these that is used, in px.
        jit_compile: Whether XLA compiles the training step.
        seed: Of weights, patches and noise.
        diffusion: Arguments of `PeronaMalikDiffusion`, if that is the task.
        heat: Arguments of `HeatFlow`, if that is the task.
        known: Arguments of `KnownDiffusion`, if that is the task.
        jpeg: Quality of `JpegCompression`, if that is the task.
        scale: Factor by which pictures are shrunk first.
        normalise: Whether each patch is divided by its largest value.
        surrogate: Arguments of `FlowTargets`, for a surrogate of an equation; it is trained on whole
            pictures, in windows of as many frames as the model has steps.
        starts: Frames at which these windows start.
        displacement: Arguments of `Displacement`, if that is the task; it is trained on copies of whole
            pictures.
        copies: So many copies are made of each.
        pictures: Number of pictures to take at most, evenly spread over the source; all when `None`.
    """

    name: str
    config: dict[str, Any]
    sigma: float | tuple[float, float] | None
    epochs: int
    start: str | None = None
    steps_per_epoch: int = 250
    learning_rate: float = 5e-3
    final_learning_rate: float = 5e-5
    batch: int = 8
    patch: int = 64
    validation: int = 16
    validation_size: int = 256
    jit_compile: bool = True
    seed: int = 1
    diffusion: dict[str, Any] | None = None
    heat: dict[str, Any] | None = None
    known: dict[str, Any] | None = None
    jpeg: int | None = None
    epsilon: float = 1e-7
    scale: float = 1.0
    normalise: bool = False
    surrogate: dict[str, Any] | None = None
    starts: tuple[int, ...] = (0, 0, 10, 20)
    displacement: dict[str, Any] | None = None
    copies: int = 4
    pictures: int | None = None

    def __post_init__(self):
        # JSON has no tuples.
        object.__setattr__(self, "starts", tuple(self.starts))

    @property
    def architecture(self):
        """The part of the name before the dot."""
        return self.name.partition(".")[0]

    def held_back(self, count):
        """Which of so many pictures are for validation: indices, evenly spread."""
        return [k * count // self.validation for k in range(self.validation)]

    @property
    def of_crops(self):
        """Whether it is measured on centres of prepared pictures, as validated; not on whole ones."""
        return any(task is not None for task in (self.diffusion, self.heat, self.known))

    @property
    def degradation(self):
        """What the model learns to undo."""
        if self.diffusion is not None:
            return PeronaMalikDiffusion(**self.diffusion)
        if self.heat is not None:
            return HeatFlow(**self.heat)
        if self.known is not None:
            return KnownDiffusion(**self.known)
        if self.jpeg is not None:
            return JpegCompression(self.jpeg)
        if self.surrogate is not None:
            return FlowTask(FlowTargets(**self.surrogate), self.config.get("steps", 10))
        if self.displacement is not None:
            return Displacement(**self.displacement)
        return gaussian_noise(self.sigma)


def _perona_malik():
    for sigma, contrast, time_step in ((15, 0.035, 0.08), (25, 0.05, 0.12), (50, 0.07, 0.2)):
        yield Recipe(
            name=f"perona_malik.gauss{sigma}",
            config={"sigma": 0.5, "contrast": contrast, "time_step": time_step, "steps": 20},
            sigma=sigma,
            epochs=8,
            steps_per_epoch=50,
            learning_rate=2e-3,
            patch=128,
        )
        # The estimator takes a mean over the picture: patches are as large as can be.
        yield Recipe(
            name=f"ka.gauss{sigma}",
            config={"contrast": contrast, "time_step": time_step},
            sigma=sigma,
            epochs=12,
            steps_per_epoch=50,
            learning_rate=1e-2,
            final_learning_rate=1e-4,
            batch=4,
            patch=128,
        )


def _learned(architecture, epochs, shorter, learning_rate, **config):
    """A training for σ = 25, and shorter ones for 15 and 50 that start from its weights.

    Strong noise needs a longer time, which is more steps where each is at the bound.
    """
    name = f"{architecture}.gauss25"
    fixed = {"final_learning_rate": 1e-4}
    yield Recipe(name, config, 25, epochs, learning_rate=learning_rate, **fixed)
    for sigma, steps in ((15, 10), (50, 16)):
        yield Recipe(
            f"{architecture}.gauss{sigma}",
            {**config, "steps": steps},
            sigma,
            shorter,
            name,
            learning_rate=learning_rate / 2,
            **fixed,
        )


def _diffnet():
    """DiffNet's experiments, and a U-Net of half a million parameters beside it."""
    common = {
        "learning_rate": 2e-3,
        "final_learning_rate": 4e-6,
        "epsilon": 1e-12,
        "batch": 16,
        "jit_compile": False,  # The convolutions are in no loop: twice as fast as a graph.
    }
    prepared = {**common, "validation_size": 96, "scale": 0.4, "normalise": True}
    # Those that were trained first, before the epsilon of Adam was looked at.
    earlier = {"pm_inverse": {"epsilon": 1e-7}, "pm_inverse_noise1": {"epsilon": 1e-7}}
    for tag, diffusion, epochs in (
        ("pm_inverse", {}, 60),
        ("pm_inverse_noise1", {"noise": 0.01}, 16),
        ("pm_inverse_noise01", {"noise": 0.001}, 12),
        ("pm_forward", {"forward": True}, 12),
        ("pm_inverse_blind", {"noise": (1e-4, 0.1)}, 12),
    ):
        settings = {**prepared, **earlier.get(tag, {})}
        yield Recipe(f"diffnet.{tag}", {}, None, epochs, diffusion=diffusion, **settings)
        if not tag.endswith("blind"):
            # A step of the U-Net takes a quarter of the time of one of DiffNet: as long in all.
            as_long = {**prepared, "steps_per_epoch": 1000}
            yield Recipe(f"unet.{tag}", {"width": 8}, None, epochs, diffusion=diffusion, **as_long)
    # Without noise, many small steps go further than few large ones.
    many = {"batch": 4, "steps_per_epoch": 1000, "learning_rate": 1e-3, "validation_size": 64}
    deconvolution = {**common, **many, "heat": {"time": 1.0}}
    yield Recipe("diffnet.deconvolution", {"blocks": 3}, None, 60, **deconvolution)
    heat = {**prepared, "learning_rate": 1e-2, "validation_size": 64, "known": {}}
    yield Recipe("linear_diffusion.heat", {}, None, 12, **heat)


def _delta_resnet():
    """Anisotropic diffusion with estimated tensors, for σ = 25 first."""
    rates = {"final_learning_rate": 3e-5}
    yield Recipe("delta_resnet.gauss25", {}, 25, 24, learning_rate=3e-3, **rates)
    for sigma in (15, 50):
        name = f"delta_resnet.gauss{sigma}"
        yield Recipe(name, {}, sigma, 8, "delta_resnet.gauss25", learning_rate=1e-3, **rates)


def _reaction_diffusion():
    """Trainable reaction–diffusion: long trainings for σ = 25, shorter ones that start from them."""
    rates = {"learning_rate": 3e-3, "final_learning_rate": 3e-5, "jit_compile": False}
    shorter = {**rates, "learning_rate": 1e-3}
    for architecture, epochs, after in (("trd", 180, (80, 40)), ("trd_certified", 120, (16, 16))):
        name = f"{architecture}.gauss25"
        yield Recipe(name, {}, 25, epochs, **rates)
        for sigma, shorter_epochs in zip((15, 50), after, strict=True):
            yield Recipe(f"{architecture}.gauss{sigma}", {}, sigma, shorter_epochs, name, **shorter)
    contractive = "trd_certified.gauss25_contractive"
    yield Recipe(contractive, {"bound": "monotone"}, 25, 40, **rates)
    yield Recipe("trd_color.gauss25", {}, 25, 60, **rates)
    for sigma in (15, 50):
        yield Recipe(f"trd_color.gauss{sigma}", {}, sigma, 16, "trd_color.gauss25", **shorter)
    yield Recipe("trd_small.gauss25", {}, 25, 80, **rates)
    # The noise is measured, so patches are larger.
    yield Recipe("trd.blind", {"blind": True}, (5, 55), 60, **{**rates, "batch": 4, "patch": 96})
    for quality in (10, 20, 30):
        yield Recipe(f"trd.jpeg{quality}", {}, None, 20, "trd.gauss15", jpeg=quality, **shorter)


_SURROGATES = {
    "tv_flow": {
        "parameters": {"epsilon": 0.01},
        "time_step": 0.03,
        "steps": 200,
    },
    "perona_malik": {
        "parameters": {"contrast": 0.1},
        "time_step": 0.3,
        "steps": 48,
    },
    "ced": {
        "parameters": {"rho": 1.0, "least": 0.01, "contrast": 1e-6},
        "time_step": 0.5,
        "steps": 8,
    },
    # More smoothing where nothing flows, and less contrast needed to count as flow-like: what a
    # regulariser of noisy pictures needs.
    "ced_smooth": {
        "flow": "ced",
        "parameters": {"rho": 2.0, "least": 0.05, "contrast": 1e-10},
        "time_step": 0.5,
        "steps": 8,
    },
    "cahn_hilliard": {
        "parameters": {"gamma": 0.25},
        "time_step": 0.4,
        "steps": 40,
    },
}
"""For each surrogate its equation, if it is not named after it, the parameters, and how targets are
made: 30 frames, three times the horizon of training."""


_FEATURES = {
    "tv_flow": {"orientations": 8, "strengths": 24, "coherences": 3, "rho": 0.7},
    "perona_malik": {"orientations": 8, "strengths": 24, "coherences": 3, "rho": 0.5},
    "ced": {"strengths": 12, "coherences": 6, "rho": 1.0},
    "ced_smooth": {"strengths": 12, "coherences": 6, "rho": 0.6},
    "cahn_hilliard": {"orientations": 8, "strengths": 6, "coherences": 1, "intensities": 12},
}


def _blade():
    """Surrogates of four equations, with plain filters and with fluxes."""
    # Where targets take long, fewer pictures do.
    pictures = {"ced": 143, "ced_smooth": 143, "cahn_hilliard": 215}
    for tag, settings in _SURROGATES.items():
        for architecture in ("blade", "blade_flux"):
            yield Recipe(
                f"{architecture}.{tag}",
                {"time_step": settings["time_step"], **_FEATURES[tag]},
                None,
                epochs=4 if tag == "ced_smooth" else 12,
                learning_rate=1e-2,
                final_learning_rate=1e-4,
                epsilon=1e-12,
                jit_compile=False,  # Its parts are compiled one by one.
                # A short training on early states left least of the noise, of those that were tried.
                starts=(0,) if tag == "ced_smooth" else (0, 0, 10, 20),
                surrogate={"flow": tag, "frames": 30, **settings},
                pictures=pictures.get(tag),
            )


def _resampling():
    """Resampling by displacements: in closed form, so there is little left to do for Adam."""
    yield Recipe(
        "blade_resample.default",
        {},
        None,
        epochs=2,
        learning_rate=1e-5,
        final_learning_rate=1e-6,
        epsilon=1e-12,
        jit_compile=False,  # Its parts are compiled one by one.
        displacement={"blur": 0.5, "factor": 4},
    )


def _blind():
    yield Recipe(
        name="foe_s.blind",
        config={"blind": True, "steps": 12},
        sigma=(5, 55),
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
        *_blade(),
        *_resampling(),
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
