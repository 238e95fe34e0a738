"""Training: sources of pictures, pipelines, recipes, the loop, and publishing."""

import importlib
import warnings
from typing import Any

from .bad_pictures import usable_pictures
from .data import TrainingData, training_data
from .distribution import distribute
from .finetuning import Example, finetune
from .generalisation import ALL, Cell, study_generalisation
from .loop import start_from, train
from .pipeline import training_pairs, validation_pairs
from .publishing import add_result, check_filing, publish, publish_untrained
from .recipe_record import Recipe
from .recipes import list_recipes, read_recipe, recipe, recipe_text, with_settings
from .sharing import publish_preset
from .sources import open_source
from .synthetic import Arrays

__all__ = [
    "ALL",
    "Arrays",
    "Cell",
    "Example",
    "Recipe",
    "TrainingData",
    "add_result",
    "check_filing",
    "distribute",
    "finetune",
    "list_recipes",
    "open_source",
    "publish",
    "publish_preset",
    "publish_untrained",
    "read_recipe",
    "recipe",
    "recipe_text",
    "start_from",
    "study_generalisation",
    "train",
    "training_data",
    "training_pairs",
    "usable_pictures",
    "validation_pairs",
    "with_settings",
]

_MOVED = (
    "PSNR",
    "SSIM",
    "Displacement",
    "FlowTargets",
    "FlowTask",
    "GaussianNoise",
    "JpegCompression",
    "Observed",
    "TargetCache",
    "UnknownPixels",
    "convergence",
    "evaluate",
    "metric_q",
    "psnr",
    "ssim",
)
"""What is in `imagepde.tasks` since 0.1.0."""


def __getattr__(name: str) -> Any:
    if name not in (*_MOVED, "GaussianNoiseRange"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    tasks = importlib.import_module("..tasks", __name__)
    if name == "GaussianNoiseRange":
        new, found = "imagepde.tasks.GaussianNoise((low, high))", _noise_of_a_range
    else:
        new, found = f"imagepde.tasks.{name}", getattr(tasks, name)
    warnings.warn(
        f"`imagepde.training.{name}` is `{new}` now; the old name goes with the next version.",
        DeprecationWarning,
        stacklevel=2,
    )
    return found


def _noise_of_a_range(low: float, high: float) -> Any:
    """What `GaussianNoiseRange(low, high)` was."""
    from ..tasks import GaussianNoise

    return GaussianNoise((low, high))
