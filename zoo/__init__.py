"""Models assembled from layers: registry, cards, weights, and their use on real pictures."""

from ..images import estimate_noise, inside_image, intersection_over_union, read_picture, write_picture
from . import architectures as architectures  # registers them
from .architectures.reconstruction import regularised
from .certificates import Certificate, certificate
from .choice import choose_model
from .folding import folded
from .memory import available_memory, memory_needed
from .model_card import ModelCard
from .model_traits import traits
from .opening import open_model
from .reconstruction import deblur, inpaint, upscale
from .registry import (
    card,
    create,
    find_architecture,
    list_architectures,
    list_models,
    load,
)
from .resampling import warp
from .restoration import restore
from .segmentation import segment
from .solving import solve
from .zoo_model import ZooModel

__all__ = [
    "Certificate",
    "ModelCard",
    "ZooModel",
    "available_memory",
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
    "memory_needed",
    "open_model",
    "read_picture",
    "regularised",
    "restore",
    "segment",
    "solve",
    "traits",
    "upscale",
    "warp",
    "write_picture",
]
