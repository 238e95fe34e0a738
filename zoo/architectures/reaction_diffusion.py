"""Trainable reaction–diffusion: models for denoising and deblocking, and a certified twin."""

from ...errors import InputError
from ...layers import (
    AppendLevel,
    HaarTransform,
    InverseHaarTransform,
    NoiseLevel,
    NoiseMap,
    ReactionDiffusionStep,
)
from ...pde.backend import keras
from ..registry import architecture
from ..zoo_model import ZooModel

_PAPER = "after Chen, Pock: Trainable Nonlinear Reaction Diffusion, PAMI 2017; with several components"
_EQUATION = "u ← u − Σᵢ Kᵢᵀ φᵢ(Kᵢ u) − λ (u − f)"


def _model(name, stages, components, channels, haar=True, blind=False, told=False, **options):
    """Steps of reaction–diffusion, between a Haar transform and its inverse if `haar`."""
    if blind and told:
        raise InputError("The noise is measured, `blind`, or it is `told`: leave out one of the two.")
    image = keras.Input((None, None, channels + told), name="image")
    given, brightness = (HaarTransform(name="haar")(image), 4 * channels) if haar else (image, channels)
    if components < brightness:
        raise InputError(
            f"This model needs at least {brightness} `components`, those of the picture. "
            f"Received: components={components}."
        )
    if blind:
        given = AppendLevel(name="given")([given, NoiseLevel(name="noise_level")(image)])
    more = []
    if told:
        given, noise = NoiseMap(haar, name="noise_map")(given)
        more = [noise]
    u = given
    for stage in range(1, stages + 1):
        u = ReactionDiffusionStep(
            # The last stage computes the picture only.
            components=components if stage < stages else brightness,
            brightness=brightness,
            parity=haar,
            told=told,
            name=f"step_{stage}",
            **options,
        )([u, given, *more])
    restored = InverseHaarTransform(name="inverse_haar")([u, image]) if haar else u
    return ZooModel(image, restored, name=name)


def told_once(model: keras.Model) -> keras.Model | None:
    """A model that is told the noise of each pixel, as one that is told a number.

    The gains of its filters are numbers then instead of images, by which kernels are multiplied.

    Args:
        model: A model of this file with `told`.

    Returns:
        A model of an image `(1, height, width, channels)` and of σ `(1, 1, 1, 1)` with the same
        weights; `None` if the given one has other layers.
    """
    steps = [layer for layer in model.layers if isinstance(layer, ReactionDiffusionStep)]
    others = {type(layer) for layer in model.layers} - {ReactionDiffusionStep, keras.layers.InputLayer}
    if others - {HaarTransform, InverseHaarTransform, NoiseMap} or NoiseMap not in others:
        return None
    channels = model.input_shape[-1] - 1
    image = keras.Input(batch_shape=(1, None, None, channels), name="image")
    sigma = keras.Input(batch_shape=(1, 1, 1, 1), name="sigma")
    given = HaarTransform()(image) if HaarTransform in others else image
    _, noise = NoiseMap()(keras.ops.concatenate([sigma, sigma], axis=-1))
    u = given
    for step in steps:
        u = step([u, given, noise])
    restored = InverseHaarTransform()([u, image]) if HaarTransform in others else u
    return keras.Model([image, sigma], restored, name=model.name)


@architecture("trd", paper=_PAPER, equation=_EQUATION)
def trd(
    stages=8,
    components=24,
    filters=64,
    kernel_size=3,
    pieces=20,
    slope=0.1,
    symmetric=True,
    haar=True,
    blind=False,
    channels=1,
    told=False,
):
    """Reaction–diffusion of Haar coefficients and hidden components; each stage has its weights."""
    options = {"filters": filters, "kernel_size": kernel_size, "pieces": pieces, "slope": slope}
    options["symmetric"] = symmetric
    return _model("trd", stages, components, channels, haar, blind, told, **options)


@architecture("trd_color", paper=_PAPER, equation=_EQUATION)
def trd_color(
    stages=8,
    components=32,
    filters=80,
    kernel_size=3,
    pieces=20,
    slope=0.1,
    blind=False,
    channels=3,
    told=False,
):
    """The same for colour: filters see all channels."""
    options = {"filters": filters, "kernel_size": kernel_size, "pieces": pieces, "slope": slope}
    return _model("trd_color", stages, components, channels, blind=blind, told=told, **options)


@architecture("trd_small", paper=_PAPER, equation=_EQUATION)
def trd_small(
    stages=6,
    components=12,
    filters=24,
    kernel_size=3,
    pieces=10,
    slope=0.1,
    channels=1,
    told=False,
):
    """The same with fewer than 5,000 parameters."""
    options = {"filters": filters, "kernel_size": kernel_size, "pieces": pieces, "slope": slope}
    return _model("trd_small", stages, components, channels, told=told, **options)


@architecture("trd_certified", paper=_PAPER, equation=_EQUATION + ", ‖Σᵢ KᵢᵀKᵢ‖ ≤ 2 (1 − λ)")
def trd_certified(
    stages=8,
    components=24,
    filters=64,
    kernel_size=3,
    pieces=20,
    slope=0.2,
    bound="sign",
    channels=1,
):
    """The twin with a proof: the norm does not grow, or no two pictures come further apart."""
    options = {"filters": filters, "kernel_size": kernel_size, "pieces": pieces, "slope": slope}
    if bound is None:
        raise InputError("A certified model has a `bound`, 'sign' or 'monotone'; else take `trd`.")
    return _model("trd_certified", stages, components, channels, bound=bound, **options)
