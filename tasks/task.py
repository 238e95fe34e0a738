"""What a model is for, as an object: the base class of all tasks, and the register of their kinds."""

import dataclasses
import difflib
import json
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from ..errors import InputError
from ..images.preparation import prepare
from ..zoo.restoration import restore
from .draws import ArrayDraw, Draw, TensorDraw
from .metrics import METRICS

_KINDS: dict[str, type["Task"]] = {}


@dataclasses.dataclass(frozen=True)
class Preparation:
    """How pictures are prepared for a task; whole pictures as they are by default.

    Attributes:
        scale: Factor by which they are shrunk first, with smoothing against aliasing.
        crop: Side of the center that a model is measured on, in px; all of it when `None`.
        normalise: Whether each picture, or patch of it, is divided by its largest value.
    """

    scale: float = 1.0
    crop: int | None = None
    normalise: bool = False

    def __post_init__(self) -> None:
        if not _is_number(self.scale) or not 0 < self.scale <= 1:
            raise InputError(f"`scale` must be in (0, 1]. Received: scale={self.scale!r}.")
        if self.crop is not None and (not isinstance(self.crop, int) or self.crop < 1):
            raise InputError(
                f"`crop` must be a positive number of pixels. Received: crop={self.crop!r}."
            )

    def of(self, picture: np.ndarray) -> np.ndarray:
        """A floating-point picture `(height, width)` or `(height, width, channels)`, prepared."""
        return prepare(picture, self.crop, self.scale, self.normalise)

    def to_dict(self) -> dict[str, Any]:
        """What is not as by default."""
        fields = dataclasses.fields(self)
        return {f.name: v for f in fields if (v := getattr(self, f.name)) != f.default}


@dataclasses.dataclass(frozen=True)
class Task:
    """What a model is for: it makes pairs of what a model is given and what it should return.

    A task is a frozen dataclass that is registered under a `kind`. Its attributes and the kind are its
    dictionary, for instance `{"kind": "gaussian_noise", "sigma": 25}`, which recipes, cards and results
    hold. Pairs are made twice: of NumPy pictures, to validate and measure, and of tensors in a tf.data
    pipeline, to train.

    Most tasks of your own are degradations to be undone. Derive them from `Degradation` and write
    `degraded` once, for both:

        import dataclasses

        from imagepde import tasks, training, zoo

        @tasks.register("speckle")
        @dataclasses.dataclass(frozen=True)
        class Speckle(tasks.Degradation):
            strength: float

            def __str__(self):
                return f"speckle of {self.strength:g}"

            def degraded(self, clean, draw):
                return clean * (1 + self.strength * draw.normal(clean))

        task = Speckle(0.1)
        assert tasks.from_dict({"kind": "speckle", "strength": 0.1}) == task

        pictures = training.open_source("photographs")
        pairs = training.training_pairs(pictures, task, channels=1, patch=64, batch=8, seed=0)
        model = zoo.load("foe_s.gauss25")
        model.compile("adam", "mse")
        model.fit(pairs, steps_per_epoch=100)
        result, _ = tasks.evaluate(model, pictures, task)

    `training.train` takes it as the `task` of a recipe. Any other task overrides `pair` and
    `pair_tensor`, and `solution` if a model is not applied by `zoo.restore`.

    Attributes:
        kind: The name that it is registered under.
        metric: Name of the metric that validates and compares models, a key of `tasks.METRICS`.
        preparation: How pictures are prepared.
    """

    kind: ClassVar[str] = ""
    metric: ClassVar[str] = "psnr"

    preparation: Preparation = dataclasses.field(default_factory=Preparation, kw_only=True)

    def __str__(self) -> str:
        """What is done to a picture, in words."""
        return self.kind.replace("_", " ")

    @property
    def purpose(self) -> str:
        """What a model trained for it does, in words."""
        return f"Removes {self}"

    def pair(self, clean: np.ndarray, seed: Any) -> tuple[np.ndarray, np.ndarray]:
        """What a model is given and what it should return.

        Args:
            clean: Array `(height, width)` or `(height, width, channels)` in [0, 1], prepared.
            seed: An integer, or a list of them, that fixes all that is random.
        """
        raise NotImplementedError

    def pair_tensor(self, clean: Any, seed: Any) -> tuple[Any, Any]:
        """The same in a tf.data pipeline, of a tensor `(height, width, channels)`.

        The seed is a tensor of two integers.
        """
        raise NotImplementedError

    def mask(self, clean: np.ndarray, seed: Any) -> np.ndarray | None:
        """Which pixels stay known, `(height, width)`, for a model that inpaints; `None` for others."""
        return None

    def solution(self, model: Any, given: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        """What a model makes of what `pair` gives it."""
        return restore(given, model, mask=mask)

    def shown(self, given: np.ndarray) -> np.ndarray:
        """What a model is given, as a picture like the one that it should return."""
        return given

    def for_model(self, model: Any) -> Self:
        """The task as this very model does it, where the model decides about something in it."""
        return self

    def prepared(self, **changes: Any) -> Self:
        """The same task with another preparation, for instance `task.prepared(crop=96)`."""
        return dataclasses.replace(self, preparation=dataclasses.replace(self.preparation, **changes))

    def to_dict(self) -> dict[str, Any]:
        """The task as data that JSON can hold; `from_dict` reads it."""
        if _KINDS.get(self.kind) is not type(self):
            raise InputError(
                "A task is written down by its kind: register its class with "
                f"`@tasks.register(...)` first. Received: {type(self).__name__}."
            )
        config = {key: value for key, value in self.get_config().items() if value is not None}
        return json.loads(json.dumps({"kind": self.kind, **config}))

    def get_config(self) -> dict[str, Any]:
        """The attributes as data; overridden where one is an object."""
        config = _shallow(self)
        del config["preparation"]
        return {**config, "preparation": self.preparation.to_dict() or None}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The task with these attributes."""
        return cls(**config)


@dataclasses.dataclass(frozen=True)
class Degradation(Task):
    """Something that is done to a clean picture, and that a model learns to undo, or to do.

    A subclass has `degraded`; see `Task` for an example.

    Attributes:
        forward: Whether the task is to degrade, not to undo it.
    """

    # Without an annotation: it takes no place among the fields of a subclass that has it as one.
    forward = False

    def degraded(self, clean: Any, draw: Draw) -> Any:
        """The degraded picture, an array for an array and a tensor for a tensor.

        Args:
            clean: NumPy array `(height, width)` or `(height, width, channels)`, or a tensor `(height,
                width, channels)`, in [0, 1].
            draw: What is random: `draw.normal(clean)`, `draw.chosen(clean, share)`,
                `draw.level(low, high)`; and `draw.apply(function, clean)` for a function of tensors
                `(1, height, width, channels)`. See `ArrayDraw` and `TensorDraw`.
        """
        raise NotImplementedError

    def degrade(self, clean: np.ndarray, seed: Any) -> np.ndarray:
        """A degraded NumPy picture; the seed fixes all that is random."""
        return self.degraded(clean, ArrayDraw(seed))

    def degrade_tensor(self, clean: Any, seed: Any) -> Any:
        """The same in a tf.data pipeline; the seed is a tensor of two integers."""
        return self.degraded(clean, TensorDraw(seed))

    def pair(self, clean: np.ndarray, seed: Any) -> tuple[np.ndarray, np.ndarray]:
        """Degraded and clean picture, or the other way round if the task is to degrade."""
        degraded = self.degrade(clean, seed)
        return (clean, degraded) if self.forward else (degraded, clean)

    def pair_tensor(self, clean: Any, seed: Any) -> tuple[Any, Any]:
        """The same in a tf.data pipeline."""
        pair = self.degrade_tensor(clean, seed), clean
        return pair[::-1] if self.forward else pair


Kind = TypeVar("Kind", bound=Task)


def register(kind: str) -> Callable[[type[Kind]], type[Kind]]:
    """Registers a class of tasks under a kind, so that recipes and cards can name it.

    Args:
        kind: A name that is not taken.

    Returns:
        A decorator, for a frozen dataclass derived from `Task`.

    Raises:
        InputError: for another class, or a kind that another class has.
    """

    def decorate(cls: type[Kind]) -> type[Kind]:
        frozen = "__dataclass_params__" in vars(cls) and cls.__dataclass_params__.frozen
        if not (isinstance(cls, type) and issubclass(cls, Task) and frozen):
            raise InputError(
                "A task must be a frozen dataclass derived from `Task`: write "
                f"`@dataclasses.dataclass(frozen=True)` below `@register`. Received: {cls!r}."
            )
        if cls.metric not in METRICS:
            raise InputError(f"`metric` must be one of {', '.join(METRICS)}. Received: {cls.metric!r}.")
        before = _KINDS.get(kind)
        # The same class once more is a cell of a notebook that was run again.
        if before and (before.__module__, before.__qualname__) != (cls.__module__, cls.__qualname__):
            raise InputError(f"The kind {kind!r} is taken by {before.__qualname__}; choose another.")
        cls.kind, _KINDS[kind] = kind, cls
        return cls

    return decorate


def kinds() -> list[str]:
    """The kinds of tasks that `from_dict` knows, sorted."""
    return sorted(_KINDS)


def from_dict(data: dict[str, Any]) -> Task:
    """The task of a dictionary, as `to_dict` writes it.

    Raises:
        InputError: for an unknown kind or key, with the nearest one; for a key that is missing, and
            for values that the task refuses.

    Example:
        >>> str(from_dict({"kind": "gaussian_noise", "sigma": 25}))
        'Gaussian noise σ=25/255'
    """
    if not isinstance(data, dict) or "kind" not in data:
        raise InputError(
            'A task is a dictionary such as {"kind": "gaussian_noise", "sigma": 25}. '
            f"Received: {data!r}."
        )
    config = dict(data)
    kind = config.pop("kind")
    if kind not in _KINDS:
        raise InputError(
            f"There is no task of kind {kind!r}: did you mean {nearest(kind, kinds())}? "
            "A task of your own must be registered, by importing the module with its class."
        )
    cls = _KINDS[kind]
    check_keys(config, cls, f"A task of kind {kind!r}")
    if isinstance(config.get("preparation"), dict):
        preparation = config["preparation"]
        check_keys(preparation, Preparation, "The `preparation` of a task")
        config["preparation"] = Preparation(**preparation)
    try:
        return cls.from_config(config)
    except (TypeError, AttributeError, KeyError) as error:
        raise InputError(
            f"A task of kind {kind!r} cannot be made of this. Received: {data!r} ({error})."
        ) from error


def check_keys(config: dict[str, Any], cls: type, what: str) -> None:
    """Refuses keys that a dataclass does not have, and missing ones.

    Raises:
        InputError: with the nearest key.
    """
    if not isinstance(config, dict):
        raise InputError(f"{what} must be a dictionary. Received: {config!r}.")
    fields = {field.name: field for field in dataclasses.fields(cls) if field.init}
    for key in config:
        if key not in fields:
            raise InputError(f"{what} has no {key!r}: did you mean {nearest(key, list(fields))}?")
    missing = dataclasses.MISSING
    for name, field in fields.items():
        if field.default is missing and field.default_factory is missing and name not in config:
            raise InputError(f"{what} needs {name!r}. Received: {', '.join(config) or 'nothing'}.")


def nearest(name: Any, known: list[str]) -> str:
    """The names that are most like a wrong one, as a question lists them."""
    return " or ".join(difflib.get_close_matches(str(name), known, n=3, cutoff=0.3) or known)


def _shallow(task: Any) -> dict[str, Any]:
    return {field.name: getattr(task, field.name) for field in dataclasses.fields(task) if field.init}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
