"""Learnable Keras layers, one idea of one paper a file."""

from .anisotropic_step import AnisotropicDiffusionStep, AnisotropicResNetBlock
from .classical_diffusivity import ClassicalDiffusivity
from .contrast_estimator import ContrastEstimator
from .convolution import ReflectingConvolution
from .decreasing_spline import DecreasingLinearSpline
from .diffusion_tensor import (
    CoherenceEnhancingTensor,
    EdgeEnhancingTensor,
    EstimatedTensor,
    HomogeneousTensor,
    IsotropicTensor,
)
from .evolution import Evolution
from .fields_of_experts import FieldsOfExperts
from .filtering_step import FilteringStep
from .initializers import Shoulder, Tent
from .inpainting import Inpainting
from .linear_diffusion_step import LinearDiffusionStep
from .linear_spline import LinearSpline
from .monomial import Monomial
from .noise_level import NoiseLevel, NoiseNormalized
from .perona_malik_step import PeronaMalikStep
from .roth_black import RothBlack
from .scalars import Between
from .unet import UNet
from .unet_diffusivity import UNetDiffusivity

__all__ = [
    "AnisotropicDiffusionStep",
    "AnisotropicResNetBlock",
    "Between",
    "ClassicalDiffusivity",
    "CoherenceEnhancingTensor",
    "ContrastEstimator",
    "DecreasingLinearSpline",
    "EdgeEnhancingTensor",
    "EstimatedTensor",
    "Evolution",
    "FieldsOfExperts",
    "FilteringStep",
    "HomogeneousTensor",
    "Inpainting",
    "IsotropicTensor",
    "LinearDiffusionStep",
    "LinearSpline",
    "Monomial",
    "NoiseLevel",
    "NoiseNormalized",
    "PeronaMalikStep",
    "ReflectingConvolution",
    "RothBlack",
    "Shoulder",
    "Tent",
    "UNet",
    "UNetDiffusivity",
]
