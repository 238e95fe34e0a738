"""Data sets, degradations, metrics, recipes, the training loop and the measuring of models."""

from .degradations import GaussianNoise
from .evaluation import evaluate
from .loop import train
from .metrics import PSNR, SSIM, psnr, ssim
from .pipeline import training_pairs, validation_pairs
from .publishing import add_result, publish
from .recipes import Recipe, list_recipes, recipe
from .sources import open_source

__all__ = [
    "PSNR",
    "SSIM",
    "GaussianNoise",
    "Recipe",
    "add_result",
    "evaluate",
    "list_recipes",
    "open_source",
    "psnr",
    "publish",
    "recipe",
    "ssim",
    "train",
    "training_pairs",
    "validation_pairs",
]
