"""A model as the functions that work on pictures see it: something to apply, and what it needs."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError
from ..layers import Traits
from ..pde.backend import keras
from .model_traits import local_part, sums_images_up, whole
from .model_traits import traits as traits_of
from .stepwise import Stepwise, stepwise
from .zoo_model import named

Function = Callable[[np.ndarray], np.ndarray]
"""Of float32 arrays `(batch, height, width, channels)`."""


@dataclasses.dataclass(frozen=True)
class Method:
    """What `restore` and `warp` know of a model, or of another function of images.

    Attributes:
        name: What errors call it.
        traits: Its `Traits`.
        channels: Channels of the picture, without a mask or a displacement; `None` for any number.
        size: Height and width of the images that it is for, each `None` for any.
        apply: The function of whole images.
        local: Function that returns the function of windows which is left when the images have been
            seen as a whole. It is given a function that returns them, since most do not need them.
        outputs: Channels of the result; those of the picture when `None`.
        model: The Keras model; `None` for another function.
        in_steps: Function that returns how it is computed step by step, or `None` if it cannot be.
    """

    name: str
    traits: Traits
    channels: int | None
    size: tuple[int | None, int | None]
    apply: Function
    local: Callable[[Callable[[], np.ndarray]], Function]
    outputs: int | None = None
    model: keras.Model | None = None
    in_steps: Callable[[], Stepwise | None] = lambda: None

    def applied_by(self, function: Function) -> "Method":
        """The same with another function in the place of the model's, for instance that of a file.

        Where the model sums an image up in numbers, the function must have the image as a whole, too:
        it has no part for windows, or for images that were extended.
        """

        def apply(images):
            return np.asarray(function(np.asarray(images, np.float32)))

        sums_up = self.model is not None and sums_images_up(self.model)
        return dataclasses.replace(
            self,
            traits=dataclasses.replace(self.traits, reach=None) if sums_up else self.traits,
            apply=apply,
            local=lambda images: apply,
            model=None,
            in_steps=lambda: None,
        )


def method_of(model: Any, traits: Traits | None = None, channels: int | None = None) -> Method:
    """The `Method` of a model, or of a plain function with its traits.

    Args:
        model: A `keras.Model`, a function of an array `(batch, height, width, channels)`, or a
            `Method`, which is returned as it is.
        traits: The traits of a plain function.
        channels: Channels of its pictures; any if `None`.

    Raises:
        InputError: for something else, for a function without traits and a model with given ones.
    """
    if isinstance(model, Method):
        return model
    if isinstance(model, keras.Model):
        if traits is not None or channels is not None:
            raise InputError("`traits` and `channels` are for plain functions; a model has its own.")
        found, (height, width, given) = traits_of(model), model.input_shape[1:]
        return Method(
            named(model),
            found,
            given - found.extra_channels,
            (height, width),
            whole(model),
            lambda images: local_part(model, images),
            model.output_shape[-1],
            model,
            lambda: stepwise(model),
        )
    if callable(model) and traits is not None:
        return Method(str(model), traits, channels, (None, None), model, lambda images: model)
    raise InputError(
        "`model` must be the name of a model, a `keras.Model`, a function with its `traits`, or "
        f"None; the image comes first. Received: model={type(model).__name__}."
    )
