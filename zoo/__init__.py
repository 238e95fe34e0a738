"""Models assembled from layers: registry, cards, weights, and their use on real pictures."""

from . import anisotropic as anisotropic  # registers its architectures, as the next ones
from . import diffnet as diffnet
from . import diffusion as diffusion
from . import learned_diffusion as learned_diffusion
from . import surrogates as surrogates
from .certificates import Certificate, certificate
from .model_card import ModelCard
from .noise import choose_model, estimate_noise
from .pictures import read_picture, write_picture
from .registry import (
    card,
    create,
    find_architecture,
    list_architectures,
    list_models,
    load,
)
from .restoration import restore

__all__ = [
    "Certificate",
    "ModelCard",
    "card",
    "certificate",
    "choose_model",
    "create",
    "estimate_noise",
    "find_architecture",
    "list_architectures",
    "list_models",
    "load",
    "read_picture",
    "restore",
    "write_picture",
]
