"""The models of "Learning diffusion functions": Perona–Malik with a diffusivity that is learned."""

from ...layers import (
    ClassicalDiffusivity,
    ContrastEstimator,
    DecreasingLinearSpline,
    FieldsOfExperts,
    Monomial,
    RothBlack,
    Shoulder,
    UNetDiffusivity,
)
from ...pde.backend import keras
from ..registry import architecture
from .perona_malik import evolution

_PAPER = "Valdivia Ortega, Haas, Effland: Learning Diffusion Functions for Image Restoration, 2024"


@architecture(
    "ka",
    paper=_PAPER,
    equation="∂u/∂t = div(1/(1 + |∇u_σ|²/λ(u)²) ∇u), λ from a small network",
)
def ka(contrast=0.05, sigma=0.5, filters=(8, 16, 32), time_step=0.25, steps=20, channels=1):
    """Perona–Malik diffusion whose contrast a small network finds, anew in each step (KA)."""
    estimator = ContrastEstimator(contrast, filters, name="contrast")
    diffusivity = ClassicalDiffusivity(contrast=estimator, sigma=sigma, name="diffusivity")
    return evolution("ka", diffusivity, time_step, steps, channels)


@architecture(
    "foe_s",
    paper=_PAPER,
    equation="∂u/∂t = div(sigmoid(Σᵢ φᵢ(sigmoid(Kᵢ ∗ u))) ∇u), φᵢ linear splines",
)
def foe_s(
    experts=30,
    kernel_size=5,
    location="edges",
    time_step=0.25,
    steps=10,
    channels=1,
    blind=False,
):
    """Fields of Experts with linear splines (FoE-S); if blind, the noise is measured and normalised."""
    diffusivity = FieldsOfExperts(experts, kernel_size, location, name="diffusivity")
    return evolution("foe_s", diffusivity, time_step, steps, channels, blind)


@architecture(
    "foe_d",
    paper=_PAPER,
    equation="∂u/∂t = div(sigmoid(Σᵢ φᵢ(sigmoid(Kᵢ ∗ u))) ∇u), φᵢ decreasing linear splines",
)
def foe_d(experts=30, kernel_size=5, location="edges", time_step=0.25, steps=10, channels=1):
    """Fields of Experts with linear splines that decrease for every weight value (FoE-D)."""
    activation = DecreasingLinearSpline(
        slope_initializer=Shoulder(4.0 / experts),
        offset_initializer=keras.initializers.Constant(2.0 / experts),
    )
    diffusivity = FieldsOfExperts(experts, kernel_size, location, activation, name="diffusivity")
    return evolution("foe_d", diffusivity, time_step, steps, channels)


@architecture(
    "foe_m",
    paper=_PAPER,
    equation="∂u/∂t = div(sigmoid(Σᵢ βᵢ sigmoid(Kᵢ ∗ u)ⁱ) ∇u)",
)
def foe_m(experts=30, kernel_size=5, location="edges", time_step=0.25, steps=10, channels=1):
    """Fields of Experts with monomials (FoE-M)."""
    activation = Monomial(coefficient_initializer=keras.initializers.RandomNormal(stddev=0.3))
    diffusivity = FieldsOfExperts(experts, kernel_size, location, activation, name="diffusivity")
    return evolution("foe_m", diffusivity, time_step, steps, channels)


@architecture(
    "foe_rb",
    paper=_PAPER,
    equation="∂u/∂t = div(Πᵢ (1 + (Kᵢ ∗ u)²/2)^(−αᵢ) ∇u)",
)
def foe_rb(experts=30, kernel_size=5, location="edges", time_step=0.25, steps=10, channels=1):
    """Fields of Experts with Roth–Black functions, as a product of experts (FoE-RB)."""
    diffusivity = FieldsOfExperts(
        experts,
        kernel_size,
        location,
        RothBlack(),
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.5),
        combination="product",
        name="diffusivity",
    )
    return evolution("foe_rb", diffusivity, time_step, steps, channels)


@architecture(
    "unet_diffusivity",
    paper=_PAPER,
    equation="∂u/∂t = div(sigmoid(U-Net(u)) ∇u)",
)
def unet_diffusivity(
    filters=(8, 16, 32), convolutions=2, kernel_size=3, time_step=0.25, steps=10, channels=1
):
    """Perona–Malik diffusion with a diffusivity that a U-Net computes."""
    diffusivity = UNetDiffusivity(filters, convolutions, kernel_size, name="diffusivity")
    return evolution("unet_diffusivity", diffusivity, time_step, steps, channels)
