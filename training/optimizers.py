"""Optimiser, schedule of the learning rate and precision of a training, by the names of Keras."""

import contextlib
import inspect
from typing import Any

from ..errors import InputError, reason
from ..pde.backend import keras, tensorflow
from ..tasks.task import nearest

POLICIES = ("float32", "mixed_bfloat16", "mixed_float16")
"""Precisions of a training: weights are float32 in all of them."""

CONSTANT = "constant"
"""The name of the schedule that is none."""

COMMON = tuple(inspect.signature(keras.optimizers.Adam).parameters)
"""Settings that a table of an optimiser may hold; most are common to all of them."""

_WHOLE = ("ema_overwrite_frequency", "gradient_accumulation_steps")
"""Settings that are counts, where the default `None` does not tell the type."""


def _classes(module, base):
    found = {name: value for name, value in vars(module).items() if inspect.isclass(value)}
    return {name: cls for name, cls in found.items() if issubclass(cls, base) and cls is not base}


_OPTIMIZERS = _classes(keras.optimizers, keras.optimizers.Optimizer)
for _of_others in ("LossScaleOptimizer", "MultiOptimizer"):
    _OPTIMIZERS.pop(_of_others, None)
_SCHEDULES = _classes(keras.optimizers.schedules, keras.optimizers.schedules.LearningRateSchedule)


def checked_optimizer(settings: dict[str, Any] | str) -> dict[str, Any]:
    """The settings of an optimiser with the name as Keras writes it.

    Args:
        settings: `name` (`"AdamW"`, in any case) and arguments of its class, as `weight_decay`,
            `clipnorm`, `use_ema` or `gradient_accumulation_steps`. Adam where there is no name. Or the
            name alone.

    Returns:
        The same, a new dictionary.

    Raises:
        InputError: for an unknown name or setting, with the nearest one, and for a wrong value.

    Example:
        >>> checked_optimizer({"name": "adamw", "weight_decay": 0.01})
        {'name': 'AdamW', 'weight_decay': 0.01}
    """
    checked = _checked(settings, _OPTIMIZERS, "Adam", "optimizer")
    if checked:
        # In a graph of its own: before devices are arranged, nothing may be computed.
        with contextlib.nullcontext() if tensorflow is None else tensorflow.Graph().as_default():
            _made(checked, learning_rate=1e-3)
    return checked


def checked_schedule(settings: dict[str, Any] | str) -> dict[str, Any]:
    """The settings of a schedule with the name as Keras writes it.

    Args:
        settings: `name`, as `"CosineDecay"`, `"cosine"` or `"constant"`, and arguments of its class,
            as `warmup_steps`. The cosine where there is no name. Or the name alone.

    Returns:
        The same, a new dictionary.

    Raises:
        InputError: for an unknown name or setting, with the nearest one, and for a wrong value.

    Example:
        >>> checked_schedule({"name": "cosine", "warmup_steps": 100})
        {'name': 'CosineDecay', 'warmup_steps': 100}
    """
    checked = _checked(settings, {**_SCHEDULES, CONSTANT: None}, "CosineDecay", "schedule")
    if checked:
        _schedule(checked, 1e-3, 1e-4, 100)
    return checked


def make_optimizer(recipe: Any) -> Any:
    """The optimiser of a `Recipe`, with the schedule of its learning rate."""
    updates = recipe.epochs * recipe.steps_per_epoch
    updates //= recipe.optimizer.get("gradient_accumulation_steps") or 1
    rates = recipe.learning_rate, recipe.final_learning_rate
    schedule = _schedule(recipe.schedule, *rates, max(updates, 1))
    optimizer = _made(recipe.optimizer, learning_rate=schedule, epsilon=recipe.epsilon)
    if recipe.dtype_policy == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def _made(settings, **known):
    """The optimiser with these settings, and with what its class has of the known ones."""
    cls = _OPTIMIZERS[settings.get("name", "Adam")]
    arguments = {key: value for key, value in settings.items() if key != "name"}
    known = {key: value for key, value in known.items() if key in _parameters(cls)}
    try:
        return cls(**{**known, **arguments})
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{cls.__name__} cannot be made of these settings. Received: {settings} ({reason(error)})."
        ) from error


def _schedule(settings, first, last, updates):
    """A learning rate, or its schedule from a first to a last one within so many updates."""
    name = settings.get("name", "CosineDecay")
    if name == CONSTANT:
        return first
    warmup = settings.get("warmup_steps") or 0
    own = {
        "CosineDecay": {
            "decay_steps": max(updates - warmup, 1),
            "alpha": last / first,
            **({"initial_learning_rate": 0.0, "warmup_target": first} if warmup else {}),
        },
        "CosineDecayRestarts": {"first_decay_steps": updates, "alpha": last / first},
        "ExponentialDecay": {"decay_steps": updates, "decay_rate": last / first},
        "InverseTimeDecay": {"decay_steps": updates, "decay_rate": first / last - 1 if last else 1.0},
        "PolynomialDecay": {"decay_steps": updates, "end_learning_rate": last},
    }.get(name, {})
    cls = _SCHEDULES[name]
    if "initial_learning_rate" in _parameters(cls):
        own = {"initial_learning_rate": first, **own}
    arguments = {key: value for key, value in settings.items() if key != "name"}
    try:
        return cls(**{**own, **arguments})
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{name} cannot be made of these settings. Received: {settings} ({reason(error)})."
        ) from error


def _parameters(cls):
    """The arguments of a class, with their defaults."""
    found = inspect.signature(cls.__init__).parameters.values()
    return {p.name: p.default for p in found if p.name not in ("self", "name", "kwargs")}


def _checked(settings, classes, default, what):
    """Settings whose name, keys and types fit one of some classes."""
    if isinstance(settings, str):
        settings = {"name": settings}
    if not isinstance(settings, dict):
        raise InputError(f"`{what}` must be a table of settings. Received: {settings!r}.")
    name = settings.get("name", default)
    known = {k.lower(): k for k in classes}
    known.update({k.lower().removesuffix("decay"): k for k in classes})
    if str(name).lower() not in known:
        raise InputError(f"There is no {what} {name!r}: did you mean {nearest(name, list(classes))}?")
    name = known[str(name).lower()]
    parameters = {} if classes[name] is None else _parameters(classes[name])
    for own in (
        "learning_rate",
        "initial_learning_rate",
        *(("epsilon",) if what == "optimizer" else ()),
    ):
        parameters.pop(own, None)
    for key, value in settings.items():
        if key == "name":
            continue
        if key not in parameters:
            allowed = nearest(key, list(parameters)) if parameters else "no setting at all"
            raise InputError(f"The {what} {name} has no {key!r}: did you mean {allowed}?")
        _check_type(f"{what}.{key}", value, parameters[key], key in _WHOLE)
    return {**settings, "name": name} if "name" in settings else dict(settings)


def _check_type(name, value, default, whole):
    """Refuses a value of another type than the default has; numbers where there is none."""
    if isinstance(default, bool):
        fits, wanted = isinstance(value, bool), "true or false"
    elif isinstance(default, list | tuple) or default is inspect.Parameter.empty:
        fits, wanted = not isinstance(value, bool | str), "a number or a list of numbers"
    elif isinstance(default, str):
        fits, wanted = isinstance(value, str), "a word"
    elif whole or isinstance(default, int):
        fits, wanted = isinstance(value, int) and not isinstance(value, bool), "a whole number"
    else:
        fits, wanted = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    if not fits:
        raise InputError(f"{name!r} must be {wanted}. Received: {value!r}.")
