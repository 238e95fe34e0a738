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
from ..pde.backend import keras, ops
from ..pde.tracing import bfloat16_convolutions
from ..tasks import TargetCache
from ..zoo.dtypes import with_dtype
from .bad_pictures import usable_pictures
from .callbacks import KeepBest, LogEpochs, SaveCheckpoint, ShowProgress, ValidateAverages
from .curve import draw_curve
from .data import Setting, TrainingData, smallest_side, training_data
from .distribution import OneDevice
from .event_log import LogForTensorBoard, check_tensorboard
from .optimizers import make_optimizer
from .publishing import card_of_run
from .recipe_record import Recipe
from .run_folder import RunFolder, data_record, run_record


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
    bad_pictures: str = "stop",
    tensorboard: bool = False,
    on: OneDevice | None = None,
) -> Any:
    """Trains a model by its recipe.

    After every epoch there is a validation, a row in the log and a checkpoint, so that a run that
    was killed goes on from there with `resume=True` and the patches that it would have seen.

    Args:
        recipe: A `Recipe`.
        source: Pictures, from `open_source`; some are held back for validation unless there is
            `validation`. Those of a folder are read once before anything else is done.
        run: Path of the run folder; it must be new or empty unless `resume`.
        resume: Go on with an interrupted run.
        console: A `rich.console.Console` for the progress bar; a new one when `None`.
        validation: Other pictures for validation; then all of `source` is trained on.
        keep_best: Whether the weights of the epoch with the best validation are kept, not the last.
        cache: Folder of target sequences, for surrogates; they are computed anew each time when `None`.
        processes: How many compute them.
        bad_pictures: `"stop"` refuses pictures that are damaged or too small, `"skip"` names them and
            leaves them out, see `usable_pictures`.
        tensorboard: Whether loss, metric, a picture and learned filters are logged for TensorBoard, in
            the folder `tensorboard` of the run.
        on: Several devices or processes, from `distribute`; one device when `None`.

    Returns:
        The trained `keras.Model`.

    Raises:
        InputError: if the folder is another run's, damaged, in use or not writable, or a picture cannot
            be used.
        DiskError: if the disk becomes full. The last checkpoint is whole, and the run can be resumed.
        ConnectionError: if one of several processes ended.

    Example:
        recipe = training.recipe("foe_s.gauss25", epochs=20)
        model = training.train(recipe, training.open_source("photographs"), "runs/foe_s")
    """
    console = console or Console()
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError("Training draws a curve at its end: pip install 'imagepde[train]' first.")
    if tensorboard:
        check_tensorboard()
    on = on or OneDevice()
    on.check(recipe)
    recipe.to_dict()  # A task that cannot be written down is refused before any work.
    source, validation = (
        one if one is None else _usable(one, recipe, bad_pictures, console)
        for one in (source, validation)
    )
    data_of_run = data_record(source, validation)
    kept, validation = _divided(recipe, source, validation)
    if keep_best and validation is None:
        raise InputError("The best epoch is found by validation: give `validation` pictures.")
    keras.utils.set_random_seed(recipe.seed)
    with on.scope():
        model = zoo.create(recipe.architecture, **recipe.config)
        if recipe.start is not None:
            start_from(model, zoo.open_model(recipe.start))
        if recipe.dtype_policy is not None:
            model = with_dtype(model, recipe.dtype_policy)
    folder = RunFolder(run)
    done = folder.epochs_done()
    # Unsuitable pictures are refused before the folder is made.
    sources = [one for one in (kept, validation) if one is not None]
    setting = Setting(
        recipe, model, kept, validation, done, cache, _filling(sources, processes, console)
    )
    data = training_data(recipe.task, setting)
    on.check_same({**run_record(recipe, data_of_run), "done": done, "finished": folder.finished})
    with folder.started(recipe, data_of_run, resume, model.count_params(), writes=on.writes):
        if folder.finished:
            console.print(f"{folder.path} is finished already.")
            return keras.saving.load_model(folder.model)
        if folder.epochs_done() != done:
            raise InputError(
                f"Another process has trained in {str(folder.path)!r}; resume it once more."
            )
        # With its units: 0.1 is not the noise that someone means who counts from 0 to 1.
        console.print(f"{recipe.name}: {recipe.task}; {len(kept)} pictures.", highlight=False)
        more = [KeepBest(folder, recipe.task.metric)] if keep_best else []
        made = data()
        if tensorboard:
            more.append(LogForTensorBoard(folder.path / "tensorboard", model, made.validation))
        with on.scope():
            _fit(recipe, made, folder, done, console, more, on)
        return _finish(model, recipe, folder) if on.writes else model


def start_from(model: Any, other: Any) -> None:
    """Takes all weights of another model; those that it does not have stay new.

    A wider model of the same layers computes the same as the other one at first, see
    `ImageLayer.start_from`.

    Args:
        model: The `keras.Model` to train.
        other: The one whose weights it takes.

    Raises:
        InputError: if a weight of the other one has no place.

    Example:
        >>> wide = zoo.create("trd_small", filters=32)
        >>> start_from(wide, zoo.load("trd_small.gauss25"))
    """
    shapes = [[weight.shape for weight in one.weights] for one in (model, other)]
    if shapes[0] == shapes[1]:
        # Of one architecture: paths may differ, since a step may be a layer of its own.
        model.set_weights(other.get_weights())
        return
    if [type(layer) for layer in model.layers] == [type(layer) for layer in other.layers]:
        for layer, narrower in zip(model.layers, other.layers, strict=True):
            if layer.weights or narrower.weights:
                layer.start_from(narrower)
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


def _usable(source: Any, recipe: Recipe, bad_pictures: str, console: Console) -> Any:
    """The pictures that can be used, after one look at each."""

    def say(words: str) -> None:
        console.print(words, markup=False, highlight=False, soft_wrap=True)

    def progress(found: Iterable[Any], total: int) -> Iterable[Any]:
        if not console.is_terminal:
            return found
        return track(found, "pictures", total=total, console=console, transient=True)

    scale = recipe.task.preparation.scale
    return usable_pictures(source, smallest_side(recipe), bad_pictures, scale, say, progress)


def _divided(recipe: Recipe, source: Any, validation: Any) -> tuple[Any, Any]:
    """The pictures to train on, and those to validate on, if there are any."""
    if recipe.pictures is not None and len(source) > recipe.pictures:
        source = source.part([k * len(source) // recipe.pictures for k in range(recipe.pictures)])
    held_back = recipe.held_back(len(source))
    if validation is not None or not held_back:
        return source, validation
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
    more: list[Any],
    on: OneDevice,
) -> None:
    """Fits the model, with a row in the log and a checkpoint after each epoch."""
    data = on.divided(data)
    fitted, metric = data.fitted, recipe.task.metric
    fitted.compile(
        on.optimizer(make_optimizer(recipe)),
        loss="mse",
        metrics=[keras.metrics.MeanMetricWrapper(_in_float32(data.metric), metric)],
        jit_compile=recipe.jit_compile and on.compiles,
    )
    if done:
        # A checkpoint holds the optimiser too; its variables must be there to be loaded.
        fitted.optimizer.build(fitted.trainable_variables)
        run.load_checkpoint(fitted)
    progress = ShowProgress(console, recipe.epochs, recipe.steps_per_epoch, metric)
    writing = [LogEpochs(run), *more, SaveCheckpoint(run)]
    try:
        with bfloat16_convolutions(recipe.bfloat16_convolutions):
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
                    *([ValidateAverages()] if recipe.optimizer.get("use_ema") else []),
                    *(writing if on.writes else []),
                    progress,
                ],
            )
    finally:
        progress.close()


def _in_float32(metric: Any) -> Any:
    """A metric that can be compared with those of other precisions."""
    return lambda wanted, restored: metric(wanted, ops.cast(restored, wanted.dtype))


def _finish(model: Any, recipe: Recipe, run: RunFolder) -> Any:
    """Writes curve, weights and model; the model last, since it marks the run as finished."""
    draw_curve(run.rows(), recipe.name, run.curve, recipe.task.metric)
    trained = zoo.create(recipe.architecture, **recipe.config)
    if run.best.is_file():
        trained.load_weights(run.best)
    else:
        trained.set_weights(model.get_weights())
    run.save_weights(trained, run.weights)
    trained.card = card_of_run(run, trained)
    with replacing(run.model) as temporary:
        trained.save(temporary)
    run.checkpoint().unlink()
    return trained
