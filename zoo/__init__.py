"""Models assembled from layers: registry, cards, weights, and their use on real pictures."""

from . import anisotropic as anisotropic  # registers its architectures, as the next ones
from . import diffnet as diffnet
from . import diffusion as diffusion
from . import learned_diffusion as learned_diffusion
from . import reaction_diffusion as reaction_diffusion
from . import reconstruction as reconstruction
from . import resampling as resampling
from . import segmentation as segmentation
from . import surrogates as surrogates
from .certificates import Certificate, certificate
from .model_card import ModelCard
from .noise import choose_model, estimate_noise
from .pictures import read_picture, write_picture
from .reconstruction import deblur, folded, inpaint, regularised, solve, upscale
from .registry import (
    card,
    create,
    find_architecture,
    list_architectures,
    list_models,
    load,
)
from .resampling import inside_image, warp
from .restoration import restore
from .segmentation import intersection_over_union, segment

__all__ = [
    "Certificate",
    "ModelCard",
    "card",
    "certificate",
    "choose_model",
    "create",
    "deblur",
    "estimate_noise",
    "find_architecture",
    "folded",
    "inpaint",
    "inside_image",
    "intersection_over_union",
    "list_architectures",
    "list_models",
    "load",
    "read_picture",
    "regularised",
    "restore",
    "segment",
    "solve",
    "upscale",
    "warp",
    "write_picture",
]
