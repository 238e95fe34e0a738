"""What an inverse problem starts from: a picture as it is observed, with noise."""

import dataclasses
from typing import Any, Self

import numpy as np

from ..errors import InputError
from ..layers import Observation
from ..pde.backend import keras, ops
from .degradations import checked_sigma
from .draws import Draw
from .task import Degradation, register


@register("observed")
@dataclasses.dataclass(frozen=True)
class Observed(Degradation):
    """f = A u + n with n ~ N(0, (σ/255)²), not clipped.

    Attributes:
        observation: A, an `Observation`.
        sigma: Standard deviation of the noise on the scale of 0 to 255; 0 for none.

    Raises:
        InputError: for a `sigma` that is not one number from 0 to 255.

    Example:
        >>> from imagepde.layers import Downscale
        >>> Observed(Downscale(2)).degrade(np.ones((16, 24), "float32"), seed=0).shape
        (8, 12)
    """

    observation: Observation
    sigma: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(checked_sigma(self.sigma), tuple):
            raise InputError(f"`sigma` of an observation is one number. Received: {self.sigma!r}.")

    def __str__(self) -> str:
        return f"{self.observation}, noise {self.sigma:g}/255" if self.sigma else f"{self.observation}"

    @property
    def purpose(self) -> str:
        """What a model made for it does, in words."""
        return f"Undoes {self}"

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """A picture as it is observed; it may be smaller."""
        observed = draw.apply(self.observation.apply, clean)
        return (
            observed + np.float32(self.sigma / 255) * draw.normal(observed) if self.sigma else observed
        )

    def pair(self, clean: np.ndarray, seed: Any) -> tuple[np.ndarray, np.ndarray]:
        """What is observed, and the picture, cropped to a multiple of the factor."""
        factor = self.observation.factor
        height, width = (side // factor * factor for side in clean.shape[:2])
        return super().pair(clean[:height, :width], seed)

    def shown(self, given: np.ndarray) -> np.ndarray:
        """Where the reconstruction starts, to compare with."""
        grey = given.ndim == 2
        f = ops.convert_to_tensor(np.asarray(given[None, ..., None] if grey else given[None]))
        start = np.asarray(ops.convert_to_numpy(self.observation.start(f)))[0]
        return start[..., 0] if grey else start

    def get_config(self) -> dict[str, Any]:
        """The attributes as data, the operator as `{"operator": "Blur", "kernel": 1}` for instance."""
        observation = _short(keras.saving.serialize_keras_object(self.observation))
        return {**super().get_config(), "observation": observation}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The task with these attributes."""
        observation = keras.saving.deserialize_keras_object(_long(config["observation"]))
        if not isinstance(observation, Observation):
            raise InputError(f"`observation` must be an operator. Received: {observation!r}.")
        return cls(**{**config, "observation": observation})


_OURS = "imagepde>"


def _short(value: Any) -> Any:
    """What Keras writes of an object of ours, without what follows from its name."""
    if isinstance(value, list):
        return [_short(entry) for entry in value]
    if isinstance(value, dict) and str(value.get("registered_name")).startswith(_OURS):
        config = {key: _short(entry) for key, entry in value["config"].items()}
        return {"operator": value["class_name"], **config}
    return value


def _long(value: Any) -> Any:
    """The reverse."""
    if isinstance(value, list):
        return [_long(entry) for entry in value]
    if isinstance(value, dict) and "operator" in value:
        config = {key: _long(entry) for key, entry in value.items() if key != "operator"}
        name = value["operator"]
        return {"class_name": name, "config": config, "registered_name": f"{_OURS}{name}"}
    return value
