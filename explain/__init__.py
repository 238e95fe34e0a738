"""What a model has learned, as figures; needs matplotlib."""

from .activations import draw_activations
from .attacks import Attack, attack, draw_attack
from .blade import draw_features, draw_filters, draw_surrogate
from .curves import draw_curves, edge_response
from .diffusivity import draw_last_diffusivity, last_diffusivity
from .effective_kernels import draw_effective_kernels, effective_kernel, saliency
from .influence import draw_influence, kernels_and_influence
from .kernels import draw_kernels
from .linear import draw_linear_diffusion, learned_diffusivities, relative_error
from .noise import draw_noise
from .noise_response import smoothing_of_noise
from .rings import diffused_rings, draw_rings
from .states import draw_smoothing, draw_states, filtering_states, smoothing_levels

__all__ = [
    "Attack",
    "attack",
    "diffused_rings",
    "draw_activations",
    "draw_attack",
    "draw_curves",
    "draw_effective_kernels",
    "draw_features",
    "draw_filters",
    "draw_influence",
    "draw_kernels",
    "draw_last_diffusivity",
    "draw_linear_diffusion",
    "draw_noise",
    "draw_rings",
    "draw_smoothing",
    "draw_states",
    "draw_surrogate",
    "edge_response",
    "effective_kernel",
    "filtering_states",
    "kernels_and_influence",
    "last_diffusivity",
    "learned_diffusivities",
    "relative_error",
    "saliency",
    "smoothing_levels",
    "smoothing_of_noise",
]
