"""Inverse problems with an evolution of the zoo as the regulariser."""

from ...errors import InputError
from ...layers import Blur, Chain, Evolution, Identity, Mask, Observation, Reconstruction, Subsample
from ...layers.traits import duration_of
from ...pde.backend import keras, ops
from ..registry import architecture, load
from ..zoo_model import ZooModel

_PAPER = "Getreuer, Milanfar, Luo: Solving Image PDEs with a Shallow Network, 2021, section 4"


_PULL = 1.2
"""λ τ ‖A‖² where no weight is given."""


def regularised(
    regulariser: str | keras.Model,
    observation: Observation,
    weight: float | str | None = "auto",
    steps: int = 10,
    time_step: float | None = None,
    channels: int = 1,
) -> ZooModel:
    """A model that solves f = A u + noise with an evolution that was made for another purpose.

    Args:
        regulariser: Name of a model, or a `keras.Model`, that is one `Evolution`: BLADE, classical,
            learned Perona–Malik or on the δ-stencil.
        observation: An `Observation`, A.
        weight: λ in 1/px², see `Reconstruction`; 1.2/(τ ‖A‖²) for `"auto"`, which suits noise of about
            5/255; `None` for the projection.
        steps: Number of steps.
        time_step: τ of the regulariser, where it is one of its arguments and not learned; as it is when
            `None`.
        channels: 3 for a model that sees the colours of a picture together, where the weights of the
            regulariser fit.

    Returns:
        A `keras.Model` with the layer `Reconstruction`; the weights of the regulariser are its own.

    Raises:
        InputError: for an unknown name, a model that is no evolution, and what `Reconstruction`
            refuses.

    Example:
        >>> regularised("foe_s.gauss25", Blur(1.5), steps=2).output_shape
        (None, None, None, 1)
    """
    changes = {} if time_step is None else {"time_step": time_step}
    if isinstance(regulariser, str):
        if channels != 1:
            changes["channels"] = channels
        regulariser = load(regulariser, **changes)
    elif changes:
        raise InputError("`time_step` goes with the name of a regulariser; change the model instead.")
    layers = [layer for layer in regulariser.layers if not isinstance(layer, keras.layers.InputLayer)]
    if len(layers) != 1 or not isinstance(layers[0], Evolution):
        raise InputError(
            "A regulariser must be one evolution, as 'blade_flux.ced', 'foe_s.gauss25' or "
            f"'eed.default'. Received: {regulariser.name!r}."
        )
    step = layers[0].step
    if weight == "auto":
        duration = duration_of(step)
        if duration is None:
            weight = 1.0
        else:
            weight = _PULL / (float(ops.convert_to_numpy(duration)) * observation.squared_norm)
    given = regulariser.input_shape[-1] + observation.takes_mask
    image = keras.Input((None, None, given), name="image")
    layer = Reconstruction(step, observation, weight, steps, name="reconstruction")
    return ZooModel(image, layer(image), name="reconstruction")


@architecture("reconstruction", _PAPER, "∂u/∂t = F(u) + λ Aᵀ(f − A u)", any_channels=True)
def reconstruction(
    regulariser="blade_flux.ced_smooth",
    blur=None,
    factor=1,
    mask=False,
    weight="auto",
    steps=10,
    time_step=None,
    channels=1,
):
    """An inverse problem with a pretrained regulariser, whose weights come with it.

    `blur` is the standard deviation of a Gaussian or a kernel, `factor` a subsampling after it, `mask`
    whether only some pixels are known.
    """
    return regularised(
        regulariser, observation_of(blur, factor, mask), weight, steps, time_step, channels
    )


def observation_of(blur=None, factor=1, mask=False):
    operators = [
        *([] if blur is None else [Blur(blur)]),
        *([Subsample(factor)] if factor != 1 else []),
        *([Mask()] if mask else []),
    ]
    return operators[0] if len(operators) == 1 else Chain(operators or [Identity()])
