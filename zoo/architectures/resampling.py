"""A picture at displaced positions, by selected filters."""

from ...layers import BladeResampling, FilterSelection
from ...pde.backend import keras
from ..registry import architecture
from ..zoo_model import ZooModel

_PAPER = "Getreuer, Milanfar, Luo: Solving Image PDEs with a Shallow Network, 2021, section 5"


@architecture("blade_resample", _PAPER, "ũ = u + δˣ BLADEˣ(u) + δʸ BLADEʸ(u) + …", any_channels=True)
def blade_resample(
    orientations=8,
    strengths=3,
    coherences=3,
    rho=1.0,
    footprint=7,
    order=2,
    colour="joint",
    channels=1,
):
    """Resampling by a Taylor expansion whose terms selected filters estimate."""
    selection = FilterSelection(orientations, strengths, coherences, 1, rho, colour, name="selection")
    image = keras.Input((None, None, channels + 2), name="image")
    layer = BladeResampling(selection, footprint, order, name="resampling")
    return ZooModel(image, layer(image), name="blade_resample")
