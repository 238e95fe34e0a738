"""What a model is for: the one place that answers it."""

from typing import Any

from ..layers import Reconstruction
from ..zoo import ModelCard, card, traits
from ..zoo.model_traits import layers_of
from ..zoo.zoo_model import card_of
from .degradations import UnknownPixels
from .observed import Observed
from .task import Task, from_dict

_SHARE, _NOISE = 10, 5.0
"""What inpainting and reconstruction are measured on unless something else is said: known pixels in per
cent, and σ on the scale of 0 to 255 where there is a data term."""


def task_of(model: Any) -> Task | None:
    """What a model is for.

    Args:
        model: A `keras.Model`, a `ModelCard`, or the name of a pretrained model.

    Returns:
        The task that it was trained for, or is measured on. If the model itself knows an operator or
        takes a mask, they decide; otherwise its card does. `None` for segmentation, for filters that do
        not restore, and for models without a card.

    Raises:
        InputError: for an unknown name, or a card whose task is not known.

    Example:
        >>> task_of("trd.gauss25").sigma
        25
    """
    if isinstance(model, str):
        model = card(model)
    if isinstance(model, ModelCard):
        return None if model.made_for is None else from_dict(model.made_for)
    if traits(model).takes == "mask":
        return UnknownPixels(_SHARE)
    problem = next(iter(layers_of(model, Reconstruction)), None)
    if problem is not None:
        return Observed(problem.observation, 0.0 if problem.weight is None else _NOISE)
    # Whatever a user built has no card.
    found = card_of(model)
    task = None if found is None else task_of(found)
    return None if task is None else task.for_model(model)
