"""The networks of DiffNet (Arridge and Hauptmann): linear diffusion, DiffNet, and their U-Net."""

from ...layers import FilteringStep, LinearDiffusionStep, UNet
from ...pde.backend import keras
from ..registry import architecture
from ..zoo_model import ZooModel

_PAPER = "Arridge, Hauptmann: Networks for Nonlinear Diffusion Problems in Imaging, JMIV 2020"


@architecture(
    "diffnet",
    paper=_PAPER,
    equation="u ← u + δt (ζ₁ u_above + ζ₂ u_left + ζ₃ u_below + ζ₄ u_right − ζ₅ u), ζ = CNN(u)",
)
def diffnet(
    blocks=5,
    layers=4,
    estimator_channels=32,
    time_step=0.2,
    channels=1,
    shared=True,
    estimator_dtype=None,
):
    """Filtering steps with estimated five-point filters, and a ReLU at the end (Fig. 2)."""
    image = keras.Input((None, None, channels), name="image")
    u = image
    for k in range(blocks):
        u = FilteringStep(
            layers,
            estimator_channels,
            time_step=time_step,
            shared=shared,
            estimator_dtype=estimator_dtype,
            name=f"block_{k + 1}",
        )(u)
    return ZooModel(image, keras.layers.ReLU(name="positive")(u), name="diffnet")


@architecture(
    "linear_diffusion",
    paper=_PAPER,
    equation="u ← u + δt div(γ ∇u), γ learned",
    any_channels=True,
)
def linear_diffusion(height=64, width=64, blocks=3, time_step=0.1, channels=1):
    """Diffusion steps with a diffusivity that is learned explicitly, for one size of image (Fig. 1)."""
    image = keras.Input((height, width, channels), name="image")
    u = image
    for k in range(blocks):
        u = LinearDiffusionStep(time_step, name=f"block_{k + 1}")(u)
    return ZooModel(image, u, name="linear_diffusion")


@architecture("unet", paper=_PAPER, equation="u ← max(u + U-Net(u), 0)")
def unet(width=64, levels=5, convolutions=2, channels=1):
    """The baseline of the paper: a U-Net whose finest level has `width` channels, with a residual."""
    image = keras.Input((None, None, channels), name="image")
    filters = [width * 2**level for level in range(levels)]
    options = {"doubling_size": 3, "last_size": 3, "zero_mean": False, "deviation": 1.0}
    change = UNet(filters, channels, convolutions, **options, name="unet")(image)
    u = keras.layers.Add(name="residual")([image, change])
    return ZooModel(image, keras.layers.ReLU(name="positive")(u), name="unet")
