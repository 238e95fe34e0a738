"""What a learned diffusivity has learned, as figures; needs matplotlib."""

from .activations import draw_activations
from .curves import draw_curves, edge_response
from .diffusivity import draw_last_diffusivity, last_diffusivity
from .kernels import draw_kernels

__all__ = [
    "draw_activations",
    "draw_curves",
    "draw_kernels",
    "draw_last_diffusivity",
    "edge_response",
    "last_diffusivity",
]
