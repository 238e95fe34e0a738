"""What a model promises whatever its weights and whatever the picture, and why."""

import dataclasses

from ..layers.traits import PROPERTIES
from ..pde.backend import keras
from .model_traits import traits


@dataclasses.dataclass(frozen=True)
class Certificate:
    """What holds for a model, up to rounding.

    Attributes:
        model: Name of the model.
        promises: For each property that holds the reasons, one a layer.
        multiple: Height and width must be multiples of it. Other pictures are extended first, and what
            is promised holds for the extended ones.

    Example:
        >>> str(Certificate("my_model", {}))
        'my_model promises nothing: other weights or pictures may do anything.'
    """

    model: str
    promises: dict[str, tuple[str, ...]]
    multiple: int = 1

    def __str__(self) -> str:
        if not self.promises:
            return f"{self.model} promises nothing: other weights or pictures may do anything."
        even = "" if self.multiple == 1 else f" whose sides are multiples of {self.multiple}"
        lines = [f"{self.model}, for every value of its weights and every picture{even}:"]
        for name, reasons in self.promises.items():
            lines.append(f"- {PROPERTIES[name]};")
            lines += [f"    {reason}" for reason in dict.fromkeys(reasons)]
        return "\n".join(lines)


def certificate(model: keras.Model) -> Certificate:
    """What a model promises by construction, with the bounds that it computed.

    A property holds for a model if it holds for each of its layers; see `layers.Traits`.

    Args:
        model: A `keras.Model` whose layers are applied one after the other.

    Returns:
        A `Certificate`; what it does not name is not promised.

    Example:
        >>> from imagepde import zoo
        >>> list(zoo.certificate(zoo.load("perona_malik.gauss25")).promises)
        ['mean', 'range', 'norm']
    """
    found = traits(model)
    promises = {
        name: tuple(reason if isinstance(reason, str) else reason() for reason in found.promises[name])
        for name in PROPERTIES
        if name in found.promises
    }
    return Certificate(model.name, promises, found.extended_to)
