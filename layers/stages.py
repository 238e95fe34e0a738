"""An evolution that needs the whole image, taken apart into parts that see no further than a step."""

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stages:
    """The start and the step of an evolution, for those who compute each in windows of a large image.

    A layer whose known pixels fill the image from anywhere needs all of it, but one of its steps does
    not. Each step can be computed in windows, one after the other, before the next step begins.

    Attributes:
        begin: Function of the input of the layer and of the mean of its known pixels, `(batch, 1, 1,
            channels)`, that returns the image to start from.
        begin_reach: How far a pixel of it sees, in px.
        advance: Function of the image and of the input of the layer; returns the image after a step.
        advance_reach: How far a pixel of it sees, in px.
        alignment: Windows start at multiples of it.
        steps: How often the image is advanced.

    Example:
        >>> from imagepde.layers import AnisotropicDiffusionStep, EdgeEnhancingTensor, Inpainting
        >>> step = AnisotropicDiffusionStep(EdgeEnhancingTensor(sigma=0.5))
        >>> Inpainting(step, steps=30).stages().steps
        30
    """

    begin: Callable[[Any, Any], Any]
    begin_reach: int
    advance: Callable[[Any, Any], Any]
    advance_reach: int
    alignment: int
    steps: int
