"""The training loop: one recipe, one source of pictures, one run folder."""

import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from .. import zoo
from ..errors import InputError
from ..images.files import replacing
from ..pde.backend import keras
from ..tasks import TargetCache
from .callbacks import KeepBest, LogEpochs, SaveCheckpoint, ShowProgress
from .curve import draw_curve
from .data import Setting, TrainingData, training_data
from .distribution import OneDevice
from .publishing import card_of_run
from .recipe_record import Recipe
from .run_folder import RunFolder, run_record


def train(
    recipe: Recipe,
    source: Any,
    run: str | Path,
    resume: bool = False,
    console: Console | None = None,
    validation: Any = None,
    keep_best: bool = False,
    cache: str | Path | None = None,
    processes: int = 1,
    on: OneDevice | None = None,
) -> Any:
    """Trains a model by its recipe.

    After every epoch there is a validation, a row in the log and a checkpoint, so that a run that
    was killed goes on from there with `resume=True` and the patches that it would have seen.

    Args:
        recipe: A `Recipe`.
        source: Pictures, from `open_source`; some are held back for validation unless there is
            `validation`.
        run: Path of the run folder; it must not exist unless `resume`.
        resume: Go on with an interrupted run.
        console: A `rich.console.Console` for the progress bar; a new one when `None`.
        validation: Other pictures for validation; then all of `source` is trained on.
        keep_best: Whether the weights of the epoch with the best validation are kept, not the last.
        cache: Folder of target sequences, for surrogates; they are computed anew each time when `None`.
        processes: How many compute them.
        on: Several devices or processes, from `distribute`; one device when `None`.

    Returns:
        The trained `keras.Model`.

    Raises:
        InputError: if the folder is another run's, damaged, in use or not writable, or the pictures are
            too few or too small.
        ConnectionError: if one of several processes ended.

    Example:
        recipe = training.recipe("foe_s.gauss25", epochs=20)
        model = training.train(recipe, training.open_source("photographs"), "runs/foe_s")
    """
    console = console or Console()
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError("Training draws a curve at its end: pip install 'imagepde[train]' first.")
    on = on or OneDevice()
    on.check(recipe)
    recipe.to_dict()  # A task that cannot be written down is refused before any work.
    kept, validation = _divided(recipe, source, validation)
    keras.utils.set_random_seed(recipe.seed)
    with on.scope():
        model = zoo.create(recipe.architecture, **recipe.config)
        if recipe.start is not None:
            _start_from(model, zoo.open_model(recipe.start))
    folder = RunFolder(run)
    done = folder.epochs_done()
    # Unsuitable pictures are refused before the folder is made.
    setting = Setting(
        recipe, model, kept, validation, done, cache, _filling((kept, validation), processes, console)
    )
    data = training_data(recipe.task, setting)
    on.check_same({**run_record(recipe, source), "done": done, "finished": folder.finished})
    with folder.started(recipe, source, resume, model.count_params(), writes=on.writes):
        if folder.finished:
            console.print(f"{folder.path} is finished already.")
            return keras.saving.load_model(folder.model)
        if folder.epochs_done() != done:
            raise InputError(
                f"Another process has trained in {str(folder.path)!r}; resume it once more."
            )
        with on.scope():
            _fit(recipe, data(), folder, done, console, keep_best, on)
        return _finish(model, recipe, folder) if on.writes else model


def _start_from(model: Any, other: Any) -> None:
    """Takes all weights of another model; those that it does not have stay new.

    Raises:
        InputError: if a weight of the other one has no place.
    """
    shapes = [[weight.shape for weight in one.weights] for one in (model, other)]
    if shapes[0] == shapes[1]:
        # Of one architecture: paths may differ, since a step may be a layer of its own.
        model.set_weights(other.get_weights())
        return
    mine = {weight.path: weight for weight in model.weights}
    for weight in other.weights:
        place = mine.get(weight.path)
        if place is None or place.shape != weight.shape:
            raise InputError(
                f"A training cannot start from {other.name!r}: its weight {weight.path!r} of "
                f"shape {tuple(weight.shape)} has no place in the model."
            )
        place.assign(weight)


def _divided(recipe: Recipe, source: Any, validation: Any) -> tuple[Any, Any]:
    """The pictures to train on, and those to validate on."""
    if recipe.pictures is not None and len(source) > recipe.pictures:
        source = source.part([k * len(source) // recipe.pictures for k in range(recipe.pictures)])
    if validation is not None:
        return source, validation
    if len(source) <= recipe.validation:
        raise InputError(
            f"A training needs more than {recipe.validation} pictures, since so many are held "
            f"back for validation. Received: {len(source)}."
        )
    held_back = recipe.held_back(len(source))
    kept = sorted(set(range(len(source))) - set(held_back))
    return source.part(kept), source.part(held_back)


def _filling(sources: Iterable[Any], processes: int, console: Console) -> Callable[[TargetCache], None]:
    """A function that computes the sequences of all pictures of sources that a cache does not have."""

    def fill(cached: TargetCache) -> None:
        for source in sources:
            cached.fill(
                source,
                processes,
                lambda jobs, total: track(
                    jobs, "targets", total=total, console=console, transient=True
                ),
            )

    return fill


def _fit(
    recipe: Recipe,
    data: TrainingData,
    run: RunFolder,
    done: int,
    console: Console,
    keep_best: bool,
    on: OneDevice,
) -> None:
    """Fits the model, with a row in the log and a checkpoint after each epoch."""
    data = on.divided(data)
    fitted, metric = data.fitted, recipe.task.metric
    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate,
        recipe.epochs * recipe.steps_per_epoch,
        alpha=recipe.final_learning_rate / recipe.learning_rate,
    )
    fitted.compile(
        on.optimizer(schedule, epsilon=recipe.epsilon),
        loss="mse",
        metrics=[keras.metrics.MeanMetricWrapper(data.metric, metric)],
        jit_compile=recipe.jit_compile and on.compiles,
    )
    if done:
        # A checkpoint holds the optimiser too; its variables must be there to be loaded.
        fitted.optimizer.build(fitted.trainable_variables)
        run.load_checkpoint(fitted)
    progress = ShowProgress(console, recipe.epochs, recipe.steps_per_epoch, metric)
    writing = [LogEpochs(run), *([KeepBest(run, metric)] if keep_best else []), SaveCheckpoint(run)]
    try:
        fitted.fit(
            data.pairs,
            epochs=recipe.epochs,
            initial_epoch=done,
            steps_per_epoch=recipe.steps_per_epoch,
            validation_data=data.validation,
            shuffle=False,
            verbose=0,
            callbacks=[
                *on.callbacks(),
                *(writing if on.writes else []),
                progress,
            ],
        )
    finally:
        progress.close()


def _finish(model: Any, recipe: Recipe, run: RunFolder) -> Any:
    """Writes curve, weights and model; the model last, since it marks the run as finished."""
    draw_curve(run.rows(), recipe.name, run.curve, recipe.task.metric)
    trained = zoo.create(recipe.architecture, **recipe.config)
    if run.best.is_file():
        trained.load_weights(run.best)
    else:
        trained.set_weights(model.get_weights())
    trained.save_weights(run.weights)
    trained.card = card_of_run(run, trained)
    with replacing(run.model) as temporary:
        trained.save(temporary)
    run.checkpoint().unlink()
    return trained
