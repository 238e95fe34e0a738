"""The data of a training: patches of pictures, or what a kind of task registers instead."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from ..errors import InputError
from ..tasks import METRICS, Displacement, FlowTask, TargetCache, Task
from . import surrogates
from .displaced import Displaced, start_from_copies
from .pipeline import training_pairs, validation_pairs
from .recipe_record import Recipe


@dataclasses.dataclass(frozen=True)
class Setting:
    """All that the data of a training depend on.

    Attributes:
        recipe: The `Recipe`.
        model: The model, new or with the weights that it starts from.
        pictures: Source to train on.
        validation: Source to validate on, or none.
        done: Epochs that were done before.
        cache: Folder of target sequences, for surrogates.
        fill: Function that fills a `TargetCache`, in as many processes as wanted, and shows progress.
    """

    recipe: Recipe
    model: Any
    pictures: Any
    validation: Any
    done: int = 0
    cache: Any = None
    fill: Callable[[TargetCache], Any] | None = None

    @property
    def steps_done(self) -> int:
        """Steps of the optimiser that were done before."""
        return self.done * self.recipe.steps_per_epoch

    @property
    def metric(self) -> Callable[[Any, Any], Any]:
        """What validates the model: a function of what it should return and what it returns."""
        return METRICS[self.recipe.task.metric]

    def sampling(self, **known: Any) -> list[Any]:
        """The values of the arguments that the recipe may have for drawing batches.

        Args:
            known: Their names with what they are by default.

        Raises:
            InputError: for another argument.
        """
        for key in self.recipe.sampling:
            if key not in known:
                allowed = ", ".join(known) or "nothing"
                raise InputError(
                    f"`sampling` may say {allowed} for a task of kind {self.recipe.task.kind!r}. "
                    f"Received: {key!r}."
                )
        return list({**known, **self.recipe.sampling}.values())


@dataclasses.dataclass(frozen=True)
class TrainingData:
    """What `fit` is given.

    Attributes:
        fitted: The model that is fitted; it shares its weights with the one that is trained.
        pairs: Batches to train on, without end.
        validation: Batches to validate on, or none.
        metric: Function of what the fitted model should return and what it returns.

    Example:
        data = training.training_data(recipe.task, setting)()
        data.fitted.compile("adam", "mse")
        data.fitted.fit(data.pairs, steps_per_epoch=250, validation_data=data.validation)
    """

    fitted: Any
    pairs: tf.data.Dataset
    validation: tf.data.Dataset | None
    metric: Callable[[Any, Any], Any]


@functools.singledispatch
def training_data(task: Task, setting: Setting) -> Callable[[], TrainingData]:
    """What a task is trained on: patches of pictures, and the centers of others to validate.

    It is called before the run folder is made, and refuses unsuitable pictures; what takes long is
    done when what it returns is called. A kind of task that needs other data registers a function:
    `@training_data.register(MyTask)`.

    Args:
        task: That of the recipe, which decides about the function.
        setting: A `Setting`.

    Returns:
        A function without arguments that returns the `TrainingData`.

    Raises:
        InputError: if no picture is large enough.

    Example:
        @training.training_data.register(MyTask)
        def my_data(task, setting):
            pairs, validation = ...  # two `tf.data.Dataset`
            return lambda: training.TrainingData(setting.model, pairs, validation, setting.metric)
    """
    setting.sampling()
    recipe, channels = setting.recipe, setting.model.output_shape[-1]
    skip = setting.steps_done * recipe.batch
    patches = recipe.patch, recipe.batch, recipe.seed, skip
    pairs = training_pairs(setting.pictures, task, channels, *patches)
    size = task.preparation.crop or recipe.validation_size
    validation = None
    if setting.validation is not None:
        validation = validation_pairs(setting.validation, task, channels, size)
    return lambda: TrainingData(setting.model, pairs, validation, setting.metric)


@training_data.register
def copies(task: Displacement, setting: Setting) -> Callable[[], TrainingData]:
    """Displaced copies of pictures; a new model is fitted to them first."""
    (count,) = setting.sampling(copies=4)
    check_whole_pictures(task)

    def data() -> TrainingData:
        recipe, model = setting.recipe, setting.model
        displaced = Displaced(task, setting.pictures, count, recipe.seed)
        if not setting.done:
            start_from_copies(model.get_layer("resampling"), displaced)
        pairs = displaced.batches(recipe.batch, recipe.seed, setting.steps_done)
        held_back = None
        if setting.validation is not None:
            held_back = Displaced(task, setting.validation, 1, recipe.seed).one_by_one()
        return TrainingData(model, pairs, held_back, setting.metric)

    return data


@training_data.register
def windows(task: FlowTask, setting: Setting) -> Callable[[], TrainingData]:
    """Windows of target sequences; a new model is fitted to them first."""
    starts, length = setting.sampling(starts=(0, 0, 10, 20), steps=task.steps)
    check_whole_pictures(task)
    if not isinstance(length, int) or length < 1:
        raise InputError(f"`steps` of `sampling` must be a positive integer. Received: {length!r}.")
    steps = setting.model.get_layer("evolution").steps
    if steps != task.steps:
        raise InputError(
            "A surrogate makes as many steps as its task has. "
            f"Received: steps={steps} in the `config`, {task.steps} in the task."
        )
    if max(starts) + length > task.targets.frames:
        raise InputError(
            f"A window of {length} steps from frame {max(starts)} needs more frames. "
            f"Received: frames={task.targets.frames}."
        )

    def data() -> TrainingData:
        recipe, model = setting.recipe, setting.model
        cached = dataclasses.replace(task, cache=setting.cache)
        if setting.cache is not None and setting.fill is not None:
            setting.fill(TargetCache(setting.cache, task.targets))
        sequences = surrogates.Sequences(cached, setting.pictures)
        if not setting.done:
            surrogates.start_from_data(model, sequences, task.targets.time_step, recipe.seed)
        pairs = sequences.windows(length, starts, recipe.batch, recipe.seed, setting.steps_done)
        held_back = None
        if setting.validation is not None:
            held_back = surrogates.Sequences(cached, setting.validation).first_windows(length)
        metric = surrogates.of_last_frame(setting.metric)
        return TrainingData(surrogates.unrolled(model, length), pairs, held_back, metric)

    return data


_LEAST_SIDE = 32
"""Whole pictures that are smaller say little of what is around a pixel."""


def smallest_side(recipe: Recipe) -> int:
    """Height and width in px that pictures of a training must have at least."""
    whole = isinstance(recipe.task, Displacement | FlowTask)
    return _LEAST_SIDE if whole else recipe.patch


def check_whole_pictures(task: Task) -> None:
    """Refuses a preparation for a task that takes pictures as they are.

    Raises:
        InputError: naming the task.
    """
    if task.preparation.to_dict():
        raise InputError(
            f"A task of kind {task.kind!r} is trained on whole pictures as they are: leave out scale, "
            f"crop and normalise. Received: {task.preparation}."
        )
