"""What models are for: tasks as objects, what judges them, and the measuring of models.

from imagepde import tasks

task = tasks.from_dict({"kind": "gaussian_noise", "sigma": 25})
noisy, clean = task.pair(picture, seed=0)
"""

from .compression import JpegCompression
from .degradations import GaussianNoise, Noise, UnknownPixels
from .diffusion import HeatFlow, PeronaMalikDiffusion
from .displacements import Displacement
from .draws import ArrayDraw, TensorDraw
from .evaluation import evaluate
from .flow import FlowTask
from .flow_targets import FlowTargets, TargetCache, convergence
from .known_diffusion import KnownDiffusion
from .metrics import METRICS, PSNR, SSIM, psnr, ssim
from .no_reference import metric_q
from .observed import Observed
from .purpose import task_of
from .results import data_words, task_words
from .taken_pairs import TakenPairs
from .task import Degradation, Preparation, Task, from_dict, kinds, register

__all__ = [
    "METRICS",
    "PSNR",
    "SSIM",
    "ArrayDraw",
    "Degradation",
    "Displacement",
    "FlowTargets",
    "FlowTask",
    "GaussianNoise",
    "HeatFlow",
    "JpegCompression",
    "KnownDiffusion",
    "Noise",
    "Observed",
    "PeronaMalikDiffusion",
    "Preparation",
    "TakenPairs",
    "TargetCache",
    "Task",
    "TensorDraw",
    "UnknownPixels",
    "convergence",
    "data_words",
    "evaluate",
    "from_dict",
    "kinds",
    "metric_q",
    "psnr",
    "register",
    "ssim",
    "task_of",
    "task_words",
]
