"""Perona–Malik evolutions: classical, and with a diffusivity that is learned."""

from ..layers import ClassicalDiffusivity, Evolution, FieldsOfExperts, PeronaMalikStep
from ..pde.backend import keras
from .registry import architecture

_PAPER = "Valdivia Ortega, Haas, Effland: Learning Diffusion Functions for Image Restoration, 2024"


def _evolution(name, diffusivity, time_step, steps, channels):
    image = keras.Input((None, None, channels), name="image")
    step = PeronaMalikStep(diffusivity, time_step=time_step, name="step")
    return keras.Model(image, Evolution(step, steps=steps, name="evolution")(image), name=name)


@architecture(
    "perona_malik",
    paper="Perona, Malik: Scale-space and edge detection using anisotropic diffusion, PAMI 1990",
    equation="∂u/∂t = div(g(|∇u_σ|²) ∇u)",
)
def perona_malik(
    form="perona_malik_rational", contrast=0.05, sigma=0.0, time_step=0.25, steps=10, channels=1
):
    """Classical Perona–Malik diffusion: contrast and time step are its only parameters."""
    diffusivity = ClassicalDiffusivity(form, contrast=contrast, sigma=sigma, name="diffusivity")
    return _evolution("perona_malik", diffusivity, time_step, steps, channels)


@architecture(
    "foe_s",
    paper=_PAPER,
    equation="∂u/∂t = div(sigmoid(Σᵢ φᵢ(sigmoid(Kᵢ ∗ u))) ∇u), φᵢ linear splines",
)
def foe_s(experts=30, kernel_size=5, location="pixels", time_step=0.25, steps=10, channels=1):
    """Perona–Malik diffusion with a Fields-of-Experts diffusivity of linear splines."""
    diffusivity = FieldsOfExperts(experts, kernel_size, location, name="diffusivity")
    return _evolution("foe_s", diffusivity, time_step, steps, channels)
