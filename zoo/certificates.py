"""What a model promises whatever its weights and whatever the picture, and why."""

import dataclasses

from ..pde.backend import keras

PROPERTIES = {
    "mean": "the mean grey value of each channel is kept",
    "range": "no grey value leaves the range of the input",
    "known": "known pixels stay as they are",
    "norm": "the Euclidean norm does not grow, from step to step or beyond that of the input",
    "distance": "two pictures come no further apart: ‖D(f₁) − D(f₂)‖ ≤ ‖f₁ − f₂‖",
}
"""What can be promised, in words."""


@dataclasses.dataclass(frozen=True)
class Certificate:
    """What holds for a model, up to rounding.

    Attributes:
        model: Name of the model.
        promises: For each property that holds the reasons, one a layer.
        multiple: Height and width must be multiples of it. Other pictures are extended first, and what
            is promised holds for the extended ones.
    """

    model: str
    promises: dict[str, tuple[str, ...]]
    multiple: int = 1

    def __str__(self):
        if not self.promises:
            return f"{self.model} promises nothing: other weights or pictures may do anything."
        even = "" if self.multiple == 1 else f" whose sides are multiples of {self.multiple}"
        lines = [f"{self.model}, for every value of its weights and every picture{even}:"]
        for name, reasons in self.promises.items():
            lines.append(f"- {PROPERTIES[name]};")
            lines += [f"    {reason}" for reason in dict.fromkeys(reasons)]
        return "\n".join(lines)


def certificate(model):
    """What a model promises by construction, with the bounds that it computed.

    A property holds for a model if it holds for each of its layers, and for a layer if the layer has
    it in `promises`, a dictionary from the property to the reason.

    Args:
        model: A `keras.Model` whose layers are applied one after the other.

    Returns:
        A `Certificate`; what it does not name is not promised.
    """
    # Inputs, and layers that only measure, as `NoiseLevel`, do not change the image.
    layers = [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer) and not getattr(layer, "summary", False)
    ]
    found = [getattr(layer, "promises", {}) for layer in layers]
    held = {
        name: tuple(promises[name] for promises in found)
        for name in PROPERTIES
        if found and all(name in promises for promises in found)
    }
    multiple = max((getattr(layer, "coarsening", 1) for layer in layers), default=1)
    return Certificate(model.name, held, multiple)
