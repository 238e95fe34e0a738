"""Segmentation into two regions by a level set."""

from ...layers import ChanVese
from ...pde.backend import keras
from ..registry import architecture, load
from ..zoo_model import ZooModel
from .surrogates import rate_of

_PAPER = (
    "Chan, Vese: Active Contours Without Edges, 2001; "
    "Getreuer, Milanfar, Luo: Solving Image PDEs with a Shallow Network, 2021, section 4.3"
)


@architecture(
    "segmentation",
    _PAPER,
    "∂φ/∂t = δ(φ) (μ div(∇φ/|∇φ|) − ν − λ₁ ‖f − c₁‖² + λ₂ ‖f − c₂‖²)",
    any_channels=True,
)
def segmentation(
    regulariser="blade_flux.tv_flow",
    length=0.2,
    area=0.0,
    inside=1.0,
    outside=1.0,
    time_step=1.0,
    tolerance=2e-4,
    steps=500,
    side=5.0,
    channels=1,
):
    """Chan–Vese segmentation; `regulariser` is a surrogate of TV flow, or `None` for the reference."""
    rate = None if regulariser is None else rate_of(load(regulariser))
    image = keras.Input((None, None, channels), name="image")
    layer = ChanVese(
        rate, length, area, inside, outside, time_step, tolerance, steps, side, name="segmentation"
    )
    return ZooModel(image, layer(image), name="segmentation")
