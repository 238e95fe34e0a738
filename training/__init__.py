"""Data sets, degradations, metrics, recipes, the training loop and the measuring of models."""

from .compression import JpegCompression
from .degradations import GaussianNoise, GaussianNoiseRange, UnknownPixels
from .displacements import Displacement
from .evaluation import evaluate
from .flow_targets import FlowTargets, TargetCache, convergence
from .generalisation import ALL, Cell, study_generalisation
from .loop import train
from .metrics import PSNR, SSIM, psnr, ssim
from .no_reference import metric_q
from .observed import Observed
from .pipeline import training_pairs, validation_pairs
from .publishing import add_result, publish, publish_untrained
from .recipes import Recipe, list_recipes, recipe
from .sources import open_source
from .surrogates import FlowTask

__all__ = [
    "ALL",
    "PSNR",
    "SSIM",
    "Cell",
    "Displacement",
    "FlowTargets",
    "FlowTask",
    "GaussianNoise",
    "GaussianNoiseRange",
    "JpegCompression",
    "Observed",
    "Recipe",
    "TargetCache",
    "UnknownPixels",
    "add_result",
    "convergence",
    "evaluate",
    "list_recipes",
    "metric_q",
    "open_source",
    "psnr",
    "publish",
    "publish_untrained",
    "recipe",
    "ssim",
    "study_generalisation",
    "train",
    "training_pairs",
    "validation_pairs",
]
