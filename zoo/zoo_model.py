"""The Keras model of the zoo: it knows its card, and refuses images with other channels."""

import difflib
import os
from typing import Any

from ..errors import InputError
from ..layers.serialization import register
from ..layers.traits import FUNCTIONAL, ImageLayer
from .model_card import ModelCard

_IMAGES = {1: "grey", 3: "color"}


@register
class ZooModel(FUNCTIONAL):
    """A functional `keras.Model` that carries its card and refuses what it was not made for.

    `zoo.load` and `zoo.create` return it. It can be called, compiled, fitted, cloned, copied, pickled
    and saved as any model; the card goes with it.

    Attributes:
        card: The `ModelCard`, `None` for a model without one.

    Example:
        >>> from imagepde import zoo
        >>> zoo.load("foe_s.gauss25").card.name
        'foe_s.gauss25'
    """

    @property
    def card(self) -> ModelCard | None:
        """The `ModelCard` of the model that the weights came from; `None` if there is none."""
        for layer in self.layers:
            if isinstance(layer, ImageLayer) and layer.card is not None:
                return ModelCard.from_dict(layer.card)
        return None

    @card.setter
    def card(self, card: ModelCard | None) -> None:
        carrier = next((layer for layer in self.layers if isinstance(layer, ImageLayer)), None)
        if carrier is None:
            raise InputError(f"A card needs a layer of imagepde to go with. Received: {self.name!r}.")
        carrier.card = None if card is None else card.to_dict()

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        self._check_channels(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _check_channels(self, inputs):
        """Keras drops a last axis of 1 before it compares shapes: a grey model would take any image."""
        expected = self.input_shape[-1]
        if isinstance(inputs, list | tuple | dict) or len(inputs.shape) != 4:
            return
        found = inputs.shape[-1]
        if expected is None or found is None or found == expected:
            return
        raise InputError(
            f"{named(self)!r} takes images (batch, height, width, {expected}), {_images(expected)}; "
            f"{_remedy(self.card, found)}. Received: shape={tuple(inputs.shape)}."
        )

    def export(self, filepath: Any, format: str = "tf_saved_model", **kwargs: Any) -> None:
        """As `keras.Model.export`, apart from ONNX, which needs our own exporter.

        Raises:
            InputError: for `format="onnx"`: what Keras writes does not run.
        """
        if format == "onnx":
            raise InputError(
                "The ONNX file that Keras writes of this model does not run; use "
                "`imagepde.export.export(model, path, to='onnx')`, which also compares the result."
            )
        super().export(filepath, format=format, **kwargs)

    def save_to_preset(self, preset_dir: str | os.PathLike[str]) -> None:
        """Saves the model as a preset: a folder with configuration, weights, card and page.

        A preset that is there is replaced. The card goes with it; its results do if the weights are
        still those that were measured.

        Args:
            preset_dir: The folder. `zoo.load`, `from_preset` and `keras.saving.load_model` open it.

        Raises:
            InputError: if there is a file of this name, or a folder with something else in it.

        Example:
            zoo.load("trd.gauss25").save_to_preset("models/denoiser")
        """
        from .presets import card_to_keep, write_preset

        write_preset(self, preset_dir, card_to_keep(self))

    @classmethod
    def from_preset(cls, preset: str, load_weights: bool = True, **kwargs: Any) -> "ZooModel":
        """Loads a model from a preset, as `zoo.load` does.

        Args:
            preset: A model of the zoo, a folder, `hf://OWNER/NAME` or
                `kaggle://OWNER/MODEL/FRAMEWORK/VARIATION`.
            load_weights: Whether the model gets the weights of the preset; new ones otherwise.
            **kwargs: `name`, `dtype`, `trainable` and arguments of the architecture, as `zoo.load` has
                them.

        Returns:
            The model; without the weights it has no card.

        Raises:
            InputError: as `zoo.load`.

        Example:
            >>> ZooModel.from_preset("foe_s.gauss25", load_weights=False).count_params()
            1531
        """
        from .registry import load

        loaded = load(preset, **kwargs)
        if load_weights:
            return loaded
        new = cls.from_config(loaded.get_config())
        if new.card is not None:
            new.card = None
        return new


def card_of(model: Any) -> ModelCard | None:
    """The card of a model, `None` for one that has none or is not of the zoo."""
    return model.card if isinstance(model, ZooModel) else None


def named(model: Any) -> str:
    """The name of a model: that of its card, if it has one."""
    found = card_of(model)
    return model.name if found is None else found.name


def _images(channels):
    return f"{_IMAGES[channels]} ones" if channels in _IMAGES else f"of {channels} channels"


def _remedy(card, channels):
    """Which model to take for another number of channels, as a clause."""
    from .catalogue import card as card_of
    from .catalogue import list_models

    if card is not None and card.config.get("told"):
        return "the last channel is σ of the noise in [0, 1], which `zoo.restore` measures"
    if card is not None:
        tag = card.name.partition(".")[2]
        configs = {n: card_of(n).config for n in list_models(f"*.{tag}")}
        named = [
            n for n, c in configs.items() if c.get("channels", 1) == channels and not c.get("told")
        ]
        near = difflib.get_close_matches(card.name, named, n=1, cutoff=0.5)
        if near:
            return f"for {_images(channels)} take {near[0]!r}"
    return "`zoo.restore` takes the channels of an image one by one"
