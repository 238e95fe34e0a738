"""Learnable Keras layers, one idea of one paper a file."""

from .anisotropic_step import AnisotropicDiffusionStep, AnisotropicResNetBlock
from .blade import Blade
from .blade_flux import BladeFlux
from .blade_resampling import BladeResampling
from .chan_vese import ChanVese
from .classical_diffusivity import ClassicalDiffusivity
from .contrast_estimator import ContrastEstimator
from .convolution import ReflectingConvolution
from .decreasing_spline import DecreasingLinearSpline
from .degrading_observations import Blur, Mask, Subsample
from .diffusion_tensor import (
    CoherenceEnhancingTensor,
    EdgeEnhancingTensor,
    EstimatedTensor,
    HomogeneousTensor,
    IsotropicTensor,
)
from .downscale import Downscale
from .energy_step import EnergyStep
from .evolution import Evolution
from .fields_of_experts import FieldsOfExperts
from .filter_selection import FilterSelection
from .filtering_step import FilteringStep
from .folded_deconvolution import FoldedDeconvolution
from .haar import HaarTransform, InverseHaarTransform
from .influence import InfluenceFunctions
from .initializers import Shoulder, Tent
from .inpainting import Inpainting
from .linear_diffusion_step import LinearDiffusionStep
from .linear_spline import LinearSpline
from .measurements import MaskedFourier, Radon
from .monomial import Monomial
from .noise_level import AppendLevel, NoiseLevel, NoiseNormalized
from .noise_map import NoiseMap
from .observation import Chain, CustomObservation, Identity, Observation, check_adjoint
from .perona_malik_step import PeronaMalikStep
from .reaction_diffusion import ReactionDiffusionStep
from .reconstruction import Reconstruction
from .roth_black import RothBlack
from .scalars import Between
from .stable_blade import StableBlade
from .stages import Stages
from .time_step import TimeStep
from .traits import PROPERTIES, ImageLayer, Loop, Traits
from .unet import UNet
from .unet_diffusivity import UNetDiffusivity

__all__ = [
    "PROPERTIES",
    "AnisotropicDiffusionStep",
    "AnisotropicResNetBlock",
    "AppendLevel",
    "Between",
    "Blade",
    "BladeFlux",
    "BladeResampling",
    "Blur",
    "Chain",
    "ChanVese",
    "ClassicalDiffusivity",
    "CoherenceEnhancingTensor",
    "ContrastEstimator",
    "CustomObservation",
    "DecreasingLinearSpline",
    "Downscale",
    "EdgeEnhancingTensor",
    "EnergyStep",
    "EstimatedTensor",
    "Evolution",
    "FieldsOfExperts",
    "FilterSelection",
    "FilteringStep",
    "FoldedDeconvolution",
    "HaarTransform",
    "HomogeneousTensor",
    "Identity",
    "ImageLayer",
    "InfluenceFunctions",
    "Inpainting",
    "InverseHaarTransform",
    "IsotropicTensor",
    "LinearDiffusionStep",
    "LinearSpline",
    "Loop",
    "Mask",
    "MaskedFourier",
    "Monomial",
    "NoiseLevel",
    "NoiseMap",
    "NoiseNormalized",
    "Observation",
    "PeronaMalikStep",
    "Radon",
    "ReactionDiffusionStep",
    "Reconstruction",
    "ReflectingConvolution",
    "RothBlack",
    "Shoulder",
    "StableBlade",
    "Stages",
    "Subsample",
    "Tent",
    "TimeStep",
    "Traits",
    "UNet",
    "UNetDiffusivity",
    "check_adjoint",
]
