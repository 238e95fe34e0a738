"""Inverse problems by evolutions: their defaults, and models that are kept for the next picture."""

import functools
import json
from typing import Any

from ..errors import InputError
from ..layers import Evolution, Observation
from ..pde.backend import keras
from .architectures.reconstruction import regularised

DEBLURRING = {"regulariser": "foe_s.gauss15", "steps": 10}
INPAINTING = {"regulariser": "blade_flux.ced_smooth", "weight": None, "steps": 40}
"""What a problem is solved with where nothing else is said: better than the other evolutions that were
tried on photographs of BSDS500, see `docs/problems.md`."""

STEPS_AT_ONCE = 100
"""Steps of inpainting where there are no coarser levels to start from."""


def upscaling(factor: float) -> dict[str, Any]:
    """The same for upscaling: what is best at a factor of 2 is not at 4."""
    if factor == 2:
        return {"regulariser": "blade_flux.ced_smooth", "weight": None, "steps": 10}
    # The distance that TV flow has to go grows with that of the known pixels.
    time_step = 0.01 * (factor / 4) ** 2
    return {
        "regulariser": "blade_flux.tv_flow",
        "time_step": time_step,
        "weight": None,
        "steps": 10,
    }


def is_evolution(model: keras.Model) -> bool:
    """Whether a model is one evolution, which a data term can be put beside."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    return len(layers) == 1 and isinstance(layers[0], Evolution)


@functools.lru_cache(maxsize=8)
def evolution_solver(
    name: str, operator: Observation, weight: Any, steps: int, time_step: float | None, color: bool
) -> keras.Model:
    """A model for a problem; it sees colours together if the picture has them and the weights fit."""
    if color:
        try:
            return regularised(name, operator, weight, steps, time_step, 3)
        except InputError:
            pass  # Its weights are for one channel: colours are restored one by one.
    return regularised(name, operator, weight, steps, time_step, 1)


def one_object(operator: Observation) -> Observation:
    """The same object for every operator that says the same, so that its solver is found again."""
    return _described(json.dumps(keras.saving.serialize_keras_object(operator)))


@functools.lru_cache(maxsize=32)
def _described(text):
    return keras.saving.deserialize_keras_object(json.loads(text))


def evolution_options(
    model: str | keras.Model | None, weight: Any, time_step: float | None, defaults: dict[str, Any]
) -> dict[str, Any]:
    """Model and time step: the default evolution where only what goes with one is given."""
    if model is None and (weight != "auto" or time_step is not None):
        own = defaults.get("time_step")
        model, time_step = defaults["regulariser"], own if time_step is None else time_step
    return {"model": model, "time_step": time_step}
