"""Models assembled from layers: registry, cards, weights, and their use on real pictures.

What is used here imports Keras when it is first used. `catalogue` and what it needs do without: which
models there are, and what their cards say.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..images import (
        estimate_noise,
        inside_image,
        intersection_over_union,
        read_picture,
        write_picture,
    )
    from .architectures.reconstruction import regularised
    from .catalogue import card, list_models
    from .certificates import Certificate, certificate
    from .choice import choose_model
    from .folding import folded
    from .memory import available_memory, memory_needed
    from .model_card import ModelCard
    from .model_traits import traits
    from .opening import open_model
    from .reconstruction import deblur, inpaint, upscale
    from .registry import create, find_architecture, list_architectures, load
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


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    public = importlib.import_module(f"{__name__}.public")
    globals().update({each: getattr(public, each) for each in __all__})
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(__all__)
