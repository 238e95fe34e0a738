"""Anisotropic diffusion on the δ-stencil: the classical filters, inpainting, and a learned tensor."""

from ...errors import InputError
from ...layers import (
    AnisotropicDiffusionStep,
    AnisotropicResNetBlock,
    CoherenceEnhancingTensor,
    EdgeEnhancingTensor,
    EstimatedTensor,
    Evolution,
    HomogeneousTensor,
    Inpainting,
    IsotropicTensor,
)
from ...pde.backend import keras
from ..registry import architecture
from ..zoo_model import ZooModel

_STENCIL = "Schrader, Weickert, Krause: Anisotropic Diffusion Stencils, SSVM 2023"
_FORMS = {"stencil": AnisotropicDiffusionStep, "resnet": AnisotropicResNetBlock}


def _choose(value, known, argument):
    if value not in known:
        names = ", ".join(map(repr, known))
        raise InputError(f"`{argument}` must be one of {names}. Received: {argument}={value!r}.")
    return known[value]


def _evolution(name, tensor, steps, channels, form, **options):
    image = keras.Input((None, None, channels), name="image")
    step = _choose(form, _FORMS, "form")(tensor, **options, name="step")
    return ZooModel(image, Evolution(step, steps=steps, name="evolution")(image), name=name)


@architecture(
    "eed",
    paper=f"Weickert: Anisotropic Diffusion in Image Processing, Teubner 1998; {_STENCIL}",
    equation="∂u/∂t = div(D ∇u), D = g(∇u_σ ∇u_σᵀ)",
    any_channels=True,
)
def eed(
    contrast=0.02,
    sigma=1.0,
    rho=0.0,
    diffusivity="weickert",
    steps=10,
    cycle=1,
    time_step=None,
    alpha=0.4,
    gamma=1.0,
    form="stencil",
    learn=False,
    channels=1,
):
    """Edge-enhancing diffusion: along edges, not across them."""
    tensor = EdgeEnhancingTensor(contrast, sigma, rho, diffusivity, learn, name="tensor")
    options = {"cycle": cycle, "time_step": time_step, "alpha": alpha, "gamma": gamma}
    return _evolution("eed", tensor, steps, channels, form, learn_time_step=learn, **options)


@architecture(
    "ced",
    paper=f"Weickert: Coherence-Enhancing Diffusion Filtering, IJCV 1999; {_STENCIL}",
    equation="∂u/∂t = div(D ∇u), D along the structure of G_ρ ∗ (∇u_σ ∇u_σᵀ)",
    any_channels=True,
)
def ced(
    contrast=0.02,
    sigma=0.5,
    rho=4.0,
    least=0.001,
    steps=10,
    cycle=1,
    time_step=None,
    alpha=0.4,
    gamma=1.0,
    form="stencil",
    learn=False,
    channels=1,
):
    """Coherence-enhancing diffusion: along flow-like structures only, so that it closes their gaps."""
    tensor = CoherenceEnhancingTensor(contrast, sigma, rho, least, learn, name="tensor")
    options = {"cycle": cycle, "time_step": time_step, "alpha": alpha, "gamma": gamma}
    return _evolution("ced", tensor, steps, channels, form, learn_time_step=learn, **options)


@architecture(
    "isotropic",
    paper=f"Catté, Lions, Morel, Coll: Image Selective Smoothing, 1992; {_STENCIL}",
    equation="∂u/∂t = div(g(|∇u_σ|²) ∇u)",
    any_channels=True,
)
def isotropic(
    contrast=0.02,
    sigma=1.0,
    diffusivity="weickert",
    steps=10,
    cycle=1,
    time_step=None,
    alpha=0.4,
    gamma=1.0,
    form="stencil",
    learn=False,
    channels=1,
):
    """Isotropic nonlinear diffusion on the δ-stencil, to compare."""
    tensor = IsotropicTensor(contrast, sigma, form=diffusivity, learn=learn, name="tensor")
    options = {"cycle": cycle, "time_step": time_step, "alpha": alpha, "gamma": gamma}
    return _evolution("isotropic", tensor, steps, channels, form, learn_time_step=learn, **options)


@architecture(
    "inpainting",
    paper=f"Galić et al.: Image Compression with Anisotropic Diffusion, JMIV 2008; {_STENCIL}",
    equation="∂u/∂t = (1 − m) div(D ∇u), u = f where m = 1",
    any_channels=True,
)
def inpainting(
    tensor="edge_enhancing",
    contrast=0.03,
    sigma=2.0,
    diffusivity="perona_malik_rational",
    steps=40,
    cycle=12,
    alpha=0.25,
    gamma=1.0,
    channels=1,
):
    """Fills unknown pixels by diffusion from the known ones; the mask is the last channel."""
    makers = {
        "edge_enhancing": lambda: EdgeEnhancingTensor(contrast, sigma, form=diffusivity, name="tensor"),
        "homogeneous": lambda: HomogeneousTensor(name="tensor"),
    }
    image = keras.Input((None, None, channels + 1), name="image")
    step = AnisotropicDiffusionStep(
        _choose(tensor, makers, "tensor")(), alpha=alpha, gamma=gamma, cycle=cycle, name="step"
    )
    filled = Inpainting(step, steps, name="inpainting")(image)
    return ZooModel(image, filled, name="inpainting")


@architecture(
    "delta_resnet",
    paper=_STENCIL,
    equation="u ← u + τ A(D(u)) u, D = L Lᵀ/(1 + tr L Lᵀ), L = CNN(u)",
)
def delta_resnet(steps=6, features=32, kernel_size=5, cycle=3, alpha=0.4, gamma=1.0, channels=1):
    """Stable cycles of diffusion whose tensors small networks estimate, each with its own."""
    image = keras.Input((None, None, channels), name="image")
    u = image
    for k in range(steps):
        tensor = EstimatedTensor(features, kernel_size, name="tensor")
        u = AnisotropicDiffusionStep(
            tensor,
            alpha=alpha,
            gamma=gamma,
            cycle=cycle,
            learn_time_step=True,
            name=f"step_{k + 1}",
        )(u)
    return ZooModel(image, u, name="delta_resnet")
