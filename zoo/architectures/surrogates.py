"""Surrogates of image PDEs: filters that the structure of the image selects."""

from ...errors import InputError
from ...layers import Blade, BladeFlux, EnergyStep, Evolution, FilterSelection, StableBlade, TimeStep
from ...pde.backend import keras
from ..model_traits import layers_of
from ..registry import architecture
from ..zoo_model import ZooModel

_PAPER = "Getreuer, Milanfar, Luo: Solving Image PDEs with a Shallow Network, 2021"


def _builder(name, layer):
    """The function that builds an architecture: `layer` estimates the rate of each of its steps."""

    def build(
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
        rate = layer(selection, footprint, symmetric, name="rate")
        image = keras.Input((None, None, channels), name="image")
        step = TimeStep(rate, time_step, scheme, name="step")
        return ZooModel(image, Evolution(step, steps, name="evolution")(image), name=name)

    return build


architecture("blade", _PAPER, "∂u/∂t = BLADE(u)", any_channels=True)(_builder("blade", Blade))
architecture("blade_flux", _PAPER, "∂u/∂t = div BLADE(u)", any_channels=True)(
    _builder("blade_flux", BladeFlux)
)


def rate_of(model):
    """The `Blade`, `BladeFlux` or `StableBlade` of a model.

    Raises:
        InputError: if it has none.
    """
    for evolution in layers_of(model, Evolution):
        if isinstance(evolution.step, TimeStep):
            return evolution.step.rate
    raise InputError(
        "Only surrogates have banks of selected filters, as 'blade.tv_flow' has. "
        f"Received: {model.name!r}."
    )


@architecture("blade_stable", _PAPER, "u ← u − Kᵀ C_s K u, ‖K‖² ≤ 2, 0 ≤ C_s ≤ 1", any_channels=True)
def blade_stable(
    time_step=0.1,
    longest_step=0.1,
    steps=10,
    orientations=16,
    strengths=24,
    coherences=3,
    intensities=1,
    rho=1.0,
    footprint=5,
    kernels=24,
    colour="joint",
    channels=1,
):
    """Steps that no image grows in, with gains that the structure of the image selects.

    A `time_step` of at most `longest_step`, for which the gains were learned, keeps what is proven.
    """
    selection = FilterSelection(
        orientations, strengths, coherences, intensities, rho, colour, centred=True, name="selection"
    )
    rate = StableBlade(selection, footprint, kernels, longest_step, name="rate")
    image = keras.Input((None, None, channels), name="image")
    step = TimeStep(rate, time_step, name="step")
    return ZooModel(image, Evolution(step, steps, name="evolution")(image), name="blade_stable")


@architecture(
    "phase_field",
    "after Eyre: Unconditionally Gradient Stable Time Marching the Cahn-Hilliard Equation, 1998",
    "(1 + τM(L + S)) u⁺ = (1 + τMS) u − τM Σₖ KₖᵀWₖ′(Kₖu), |W″| ≤ 2S",
    any_channels=True,
)
def phase_field(
    time_step=0.4,
    steps=10,
    kernels=8,
    footprint=3,
    pieces=30,
    gamma=0.25,
    damping=1.0,
    channels=1,
):
    """Steps in which a learned energy cannot grow, for equations that separate phases."""
    step = EnergyStep(time_step, kernels, footprint, pieces, gamma, damping, name="step")
    image = keras.Input((None, None, channels), name="image")
    return ZooModel(image, Evolution(step, steps, name="evolution")(image), name="phase_field")
