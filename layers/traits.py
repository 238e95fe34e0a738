"""Traits: what the rest of the house must know of a layer, as one frozen value."""

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from ..errors import InputError
from ..pde.backend import keras
from ..properties import PROPERTIES
from .stages import Stages

TAKES = ("picture", "mask", "displacement", "noise")
GIVES = ("picture", "region", "number", "field")

Reason = str | Callable[[], str]
"""Why a promise holds: a sentence, or a function that makes it from the weights as they are now."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Traits:
    """What a layer, or a chain of layers, needs and promises. All lengths are in px of its input.

    `a.then(b)` are the traits of a layer `a` whose result goes into `b`.

    Attributes:
        reach: How many pixels away a change of the input can change the output; `None` if any pixel can
            depend on any other, so that the whole image is needed.
        smallest_side: The smallest height and width of an image; what is smaller cannot be mirrored at
            its border as far as the layer sees.
        alignment: A window of an image is seen as the image is if it starts at a multiple of this.
        coarsening: How much larger the pixels of the output are than those of the input: 2 for a Haar
            transform, ½ for its inverse.
        extended_to: An image whose sides are no multiples of this is extended first, and the promises
            hold for the extended one.
        magnification: How much larger the picture is that comes out, along each axis.
        takes: `"picture"`; `"mask"` if the last channel is a mask of known pixels; `"displacement"` if
            the last two channels are a displacement field; `"noise"` if the last one is the standard
            deviation of the noise of each pixel.
        gives: `"picture"`; `"region"` if a pixel only says whether it is in a region, above or
            below ½; `"number"` for numbers about the whole image, one each; `"field"` for what is no
            picture, for instance a diffusivity.
        mirrors: Whether a mirrored image has the mirrored result, so that an image that is continued by
            its mirror image is treated as it is at its border.
        promises: For each key of `PROPERTIES` that holds for every weight value and every image the
            reason, or the reasons.

    Raises:
        InputError: if there is no such `takes`, `gives` or promise.

    Example:
        >>> haar = Traits(reach=1, alignment=2, coarsening=2)
        >>> haar.then(Traits(reach=3)).reach
        7
    """

    reach: int | None
    smallest_side: int = 1
    alignment: int = 1
    coarsening: int | Fraction = 1
    extended_to: int = 1
    magnification: int | float = 1
    takes: str = "picture"
    gives: str = "picture"
    mirrors: bool = False
    promises: Mapping[str, Reason | tuple[Reason, ...]] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        for name, value, known in (("takes", self.takes, TAKES), ("gives", self.gives, GIVES)):
            if value not in known:
                raise InputError(f"`{name}` must be one of {known}. Received: {name}={value!r}.")
        unknown = [name for name in self.promises if name not in PROPERTIES]
        if unknown:
            raise InputError(f"A promise must be one of {tuple(PROPERTIES)}. Received: {unknown[0]!r}.")
        given = {k: v if isinstance(v, tuple) else (v,) for k, v in self.promises.items()}
        object.__setattr__(self, "promises", given)

    @property
    def needs_whole_image(self) -> bool:
        """Whether an image cannot be computed in windows."""
        return self.reach is None

    @property
    def extra_channels(self) -> int:
        """The channels of the input that are no channels of the picture."""
        return {"picture": 0, "mask": 1, "displacement": 2, "noise": 1}[self.takes]

    def then(self, after: "Traits") -> "Traits":
        """The traits of this and, applied to its result, of `after`."""
        pixel = Fraction(self.coarsening) / Fraction(self.magnification)
        reaches = self.reach, after.reach
        return Traits(
            reach=None if None in reaches else math.ceil(self.reach + after.reach * pixel),
            smallest_side=max(self.smallest_side, math.ceil((after.smallest_side - 1) * pixel) + 1),
            alignment=math.lcm(self.alignment, math.ceil(after.alignment * pixel)),
            coarsening=Fraction(self.coarsening) * Fraction(after.coarsening),
            extended_to=math.lcm(self.extended_to, math.ceil(after.extended_to * pixel)),
            magnification=self.magnification * after.magnification,
            takes=after.takes if self.takes == "picture" else self.takes,
            gives=after.gives,
            mirrors=self.mirrors and after.mirrors,
            promises={
                name: reasons + after.promises[name]
                for name, reasons in self.promises.items()
                if name in after.promises
            },
        )


UNCHANGED = Traits(reach=0, mirrors=True, promises=dict.fromkeys(PROPERTIES, ()))
"""The traits of doing nothing: any chain starts with them."""

POINTWISE = Traits(reach=0, mirrors=True)
"""The traits of what is done pixel by pixel and promises nothing."""

UNKNOWN = Traits(reach=None)
"""The traits of a layer of other people: it may look at any pixel, and promises nothing."""


class Loop(NamedTuple):
    """A part of a layer that a compiled program repeats, for those who count operations.

    Attributes:
        times: How often it is computed.
        body: Function of tensors, one pass.
        shapes: Shapes of these tensors.
        inner: The loops within a pass.

    Example:
        >>> Loop(times=3, body=lambda u: 2.0 * u, shapes=((1, 8, 8, 1),)).inner
        ()
    """

    times: int
    body: Callable
    shapes: tuple
    inner: tuple["Loop", ...] = ()


class ImageLayer(keras.layers.Layer):
    """Base class of the layers of imagepde. A subclass must state its `traits`.

    Args:
        card: The card of the model whose first layer this is, as plain data.
        **kwargs: Those of `keras.layers.Layer`.

    Raises:
        InputError: if a layer is built for other shapes than it takes, see `expect_images`.

    Example:
        >>> class Negative(ImageLayer):
        ...     traits = Traits(reach=0, mirrors=True)
        ...     def call(self, inputs):
        ...         return 1.0 - inputs
        >>> Negative().traits.reach
        0
    """

    traits: Traits
    """The `Traits` of the layer; a property where they depend on its arguments."""

    duration: Any = None
    """The time in px² that a step of an evolution takes; `None` for a layer that is no such step."""

    def __init__(self, *, card: dict | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        # Keras saves, clones and copies layers with their configuration, and forgets what hangs on a
        # model: so the card of a model goes with its first layer.
        self.card = card

    @property
    def card(self) -> dict | None:
        """The card of the model whose first layer this is, as plain data."""
        return None if self._card is None else json.loads(self._card)

    @card.setter
    def card(self, card: dict | None) -> None:
        # As text: Keras would wrap a dictionary in a class of its own.
        self._card = None if card is None else json.dumps(card)

    def get_config(self) -> dict:
        """The arguments of the constructor, as Keras stores them."""
        config = super().get_config()
        return config if self.card is None else {**config, "card": self.card}

    def __init_subclass__(cls, abstract: bool = False, **kwargs):
        super().__init_subclass__(**kwargs)
        stated = any("traits" in vars(base) for base in cls.__mro__ if base is not ImageLayer)
        if not abstract and not stated:
            raise TypeError(f"{cls.__name__} must state its `traits`, see `layers.Traits`.")

    def start_from(self, narrower: "ImageLayer") -> None:
        """Takes the weights of a layer of the same kind that has no more weights than this one.

        Afterwards both layers compute the same, and the additional weights can be trained. This method
        needs equal shapes; layers that can be widened override it.

        Raises:
            InputError: if this layer cannot start from the other one.
        """
        shapes = [[weight.shape for weight in one.weights] for one in (self, narrower)]
        if type(self) is not type(narrower) or shapes[0] != shapes[1]:
            raise InputError(
                f"The layer {self.name!r} cannot start from weights of {narrower.name!r}, whose shapes "
                f"are others: {shapes[1]} instead of {shapes[0]}."
            )
        self.set_weights(narrower.get_weights())

    def promises_of_step(self, time_step: float) -> dict[str, Reason]:
        """What an explicit step with this layer as its rate promises beyond any multiple of it."""
        return {}

    def loops(self, input_shape: tuple) -> tuple[Loop, ...]:
        """The `Loop`s in one call of the layer, for an input of this shape."""
        return ()

    def stages(self) -> Stages | None:
        """The `Stages` of a layer that needs the whole image, but not in each of its steps."""
        return None

    def expect_images(self, *shapes: tuple) -> None:
        """Refuses shapes other than `(batch, height, width, channels)`, and later other channels.

        Keras drops a last axis of 1 before it compares shapes, and a kernel of one channel is
        broadcast: without this a grey layer makes nonsense of a color image.
        """
        for shape in shapes:
            if len(shape) != 4 or shape[-1] is None:
                raise InputError(
                    f"`{type(self).__name__}` takes images (batch, height, width, channels) with a "
                    f"known number of channels. Received: shape={tuple(shape)}."
                )
        specs = [keras.layers.InputSpec(ndim=4, axes={-1: shape[-1]}) for shape in shapes]
        self.input_spec = specs if len(specs) > 1 else specs[0]

    def expect_channels(self, shape: tuple) -> int:
        """The length of the last axis, which layers that learn channel by channel must know."""
        if shape[-1] is None:
            raise InputError(
                f"`{type(self).__name__}` must know the number of channels, the last axis of its "
                f"input. Received: shape={tuple(shape)}."
            )
        self.input_spec = keras.layers.InputSpec(min_ndim=1, axes={-1: shape[-1]})
        return shape[-1]


_POINTWISE = (
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.Concatenate,
    keras.layers.Multiply,
    keras.layers.ReLU,
    keras.layers.Rescaling,
    keras.layers.Subtract,
)
"""The layers of Keras that are known to work pixel by pixel."""

_PROBE = keras.Input((1,), name="probe")
FUNCTIONAL = type(keras.Model(_PROBE, _PROBE, name="probe"))
"""The class of models that are graphs of layers; Keras has no public name for it."""


def traits_of(layer: Any) -> Traits:
    """The traits of a layer, or of a model: those of its layers, one after the other.

    Where branches run beside each other, they count as if they came one after the other: what is
    promised is then promised by each, and what is needed is enough for all. Layers that give numbers
    are left out of the chain, since their results are known before the pixels are computed.

    Args:
        layer: A Keras layer or model; one of other people's counts as looking at all pixels.

    Returns:
        A `Traits`.
    """
    if isinstance(layer, ImageLayer):
        return layer.traits
    if isinstance(layer, keras.layers.InputLayer):
        return UNCHANGED
    if isinstance(layer, FUNCTIONAL | keras.Sequential):
        # Not `layers`: plain operations, as 2 * x, are steps of a model too.
        parts = layer.layers if isinstance(layer, keras.Sequential) else layer.operations
        found = UNCHANGED
        for one in map(traits_of, parts):
            if one.gives == "number":
                found = dataclasses.replace(
                    found, smallest_side=max(found.smallest_side, one.smallest_side)
                )
            else:
                found = found.then(one)
        return found
    return POINTWISE if isinstance(layer, _POINTWISE) else UNKNOWN


def loops_of(layer: Any, input_shape: tuple) -> tuple[Loop, ...]:
    """The loops of a layer, none for one of other people's."""
    return layer.loops(input_shape) if isinstance(layer, ImageLayer) else ()


def duration_of(layer: Any) -> Any:
    """The time in px² that a step takes; `None` for a layer that does not say."""
    return layer.duration if isinstance(layer, ImageLayer) else None
