"""Surrogates of image PDEs: filters that the structure of the image selects."""

from ..layers import Blade, BladeFlux, Evolution, FilterSelection, TimeStep
from ..pde.backend import keras
from .registry import architecture

_PAPER = "Getreuer, Milanfar, Luo: Solving Image PDEs with a Shallow Network, 2021"


def _surrogate(name, rate, time_step, steps, scheme, channels):
    image = keras.Input((None, None, channels), name="image")
    step = TimeStep(rate, time_step, scheme, name="step")
    return keras.Model(image, Evolution(step, steps, name="evolution")(image), name=name)


@architecture("blade", paper=_PAPER, equation="∂u/∂t = BLADE(u)")
def blade(
    time_step=0.1,
    steps=10,
    scheme="euler",
    orientations=24,
    strengths=3,
    coherences=3,
    intensities=1,
    rho=1.0,
    footprint=5,
    symmetric=True,
    colour="joint",
    channels=1,
):
    """Steps in time with a rate that selected filters estimate."""
    selection = FilterSelection(
        orientations, strengths, coherences, intensities, rho, colour, name="selection"
    )
    rate = Blade(selection, footprint, symmetric, name="rate")
    return _surrogate("blade", rate, time_step, steps, scheme, channels)


@architecture("blade_flux", paper=_PAPER, equation="∂u/∂t = div BLADE(u)")
def blade_flux(
    time_step=0.1,
    steps=10,
    scheme="euler",
    orientations=24,
    strengths=3,
    coherences=3,
    intensities=1,
    rho=1.0,
    footprint=5,
    symmetric=True,
    colour="joint",
    channels=1,
):
    """The same with fluxes between pixels, so that the mean is kept."""
    selection = FilterSelection(
        orientations, strengths, coherences, intensities, rho, colour, name="selection"
    )
    rate = BladeFlux(selection, footprint, symmetric, name="rate")
    return _surrogate("blade_flux", rate, time_step, steps, scheme, channels)
