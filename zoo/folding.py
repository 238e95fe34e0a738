"""A deconvolution as one filter: the data term in the filters of BLADE."""

from ..errors import InputError
from ..layers import FoldedDeconvolution, Reconstruction, TimeStep
from ..pde.backend import keras
from .model_traits import layers_of
from .zoo_model import ZooModel


def folded(model: keras.Model) -> keras.Model:
    """A deconvolution with its data term folded into the filters of BLADE (eqs. 4.4, 4.5).

    Args:
        model: A model from `regularised` with a plain BLADE, as `"blade.ced"`, and a `Blur`.

    Returns:
        A `keras.Model` with the layer `FoldedDeconvolution`, which shares its weights. Away from the
        border it computes the same.

    Raises:
        InputError: for another model.

    Example:
        model = zoo.regularised("blade.ced", layers.Blur(1.5), weight=1.0)
        folded = zoo.folded(model)
    """
    layer = next(iter(layers_of(model, Reconstruction)), None)
    step = None if layer is None else layer.step
    if not isinstance(step, TimeStep) or step.scheme != "euler" or layer.weight is None:
        raise InputError(
            "Only a reconstruction with a weight, by Euler steps of BLADE, can be folded; see "
            f"`zoo.regularised`. Received: {model.name!r}."
        )
    image = keras.Input(model.input_shape[1:], name="image")
    deconvolution = FoldedDeconvolution(
        step.rate, layer.observation, layer.weight, step.time_step, layer.steps, name="deconvolution"
    )
    return ZooModel(image, deconvolution(image), name="folded_deconvolution")
