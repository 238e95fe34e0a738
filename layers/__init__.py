"""Learnable Keras layers, one idea of one paper a file."""

from .classical_diffusivity import ClassicalDiffusivity
from .evolution import Evolution
from .fields_of_experts import FieldsOfExperts, Tent
from .linear_spline import LinearSpline
from .perona_malik_step import PeronaMalikStep
from .scalars import Between

__all__ = [
    "Between",
    "ClassicalDiffusivity",
    "Evolution",
    "FieldsOfExperts",
    "LinearSpline",
    "PeronaMalikStep",
    "Tent",
]
