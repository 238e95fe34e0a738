"""The training loop: one recipe, one source of pictures, one run folder."""

import dataclasses
import importlib.util

from rich.console import Console
from rich.progress import track

from .. import zoo
from ..errors import InputError
from ..images.files import replacing
from ..pde.backend import keras
from . import surrogates
from .callbacks import KeepBest, LogEpochs, SaveCheckpoint, ShowProgress
from .curve import draw_curve
from .displacements import Displaced, start_from_copies
from .flow_targets import TargetCache
from .metrics import psnr
from .pipeline import training_pairs, validation_pairs
from .run_folder import RunFolder


def train(
    recipe,
    source,
    run,
    resume=False,
    console=None,
    validation=None,
    keep_best=False,
    cache=None,
    processes=1,
):
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

    Returns:
        The trained `keras.Model`.

    Raises:
        InputError: if the folder is another run's, or the pictures are too few or too small.
    """
    console = console or Console()
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError("Training draws a curve at its end: pip install 'imagepde[train]' first.")
    if recipe.pictures is not None and len(source) > recipe.pictures:
        source = source.part([k * len(source) // recipe.pictures for k in range(recipe.pictures)])
    if validation is None:
        if len(source) <= recipe.validation:
            raise InputError(
                f"A training needs more than {recipe.validation} pictures, since so many are held "
                f"back for validation. Received: {len(source)}."
            )
        held_back = recipe.held_back(len(source))
        kept = source.part(sorted(set(range(len(source))) - set(held_back)))
        validation = source.part(held_back)
    else:
        kept = source

    keras.utils.set_random_seed(recipe.seed)
    model = zoo.create(recipe.architecture, **recipe.config)
    if recipe.start is not None:
        model.set_weights(zoo.load(recipe.start).get_weights())
    run = RunFolder(run)
    done = run.epochs_done()
    # Unsuitable pictures are refused before the folder is made.
    patches = None
    if recipe.surrogate is None and recipe.displacement is None:
        patches = _patches(recipe, kept, validation, model.input_shape[-1], done)
    run.start(recipe, source, resume)
    if run.finished:
        console.print(f"{run.path} is finished already.")
        return keras.saving.load_model(run.model)

    if patches is not None:
        fitted, metric, (pairs, held_back) = model, psnr, patches
    elif recipe.displacement is not None:
        fitted, metric = model, psnr
        pairs, held_back = _copies(recipe, kept, validation, model, done)
    else:
        fitted, metric = surrogates.unrolled(model), surrogates.final_psnr
        task = _surrogate_task(recipe, source, cache, processes, console)
        pairs, held_back = _sequences(recipe, task, kept, validation, model, done)

    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate,
        recipe.epochs * recipe.steps_per_epoch,
        alpha=recipe.final_learning_rate / recipe.learning_rate,
    )
    fitted.compile(
        keras.optimizers.Adam(schedule, epsilon=recipe.epsilon),
        loss="mse",
        metrics=[keras.metrics.MeanMetricWrapper(metric, "psnr")],
        jit_compile=recipe.jit_compile,
    )
    if done:
        # A checkpoint holds the optimiser too; its variables must be there to be loaded.
        fitted.optimizer.build(fitted.trainable_variables)
        fitted.load_weights(run.checkpoint())
    progress = ShowProgress(console, recipe.epochs, recipe.steps_per_epoch)
    try:
        fitted.fit(
            pairs,
            epochs=recipe.epochs,
            initial_epoch=done,
            steps_per_epoch=recipe.steps_per_epoch,
            validation_data=held_back,
            shuffle=False,
            verbose=0,
            callbacks=[
                LogEpochs(run),
                *([KeepBest(run)] if keep_best else []),
                SaveCheckpoint(run),
                progress,
            ],
        )
    finally:
        progress.close()
    return _finish(model, recipe, run)


def _patches(recipe, kept, validation, channels, done):
    """Pairs of degraded and clean patches for training, and of pictures for validation."""
    pairs = training_pairs(
        kept,
        recipe.degradation,
        channels,
        recipe.patch,
        recipe.batch,
        recipe.seed,
        skip=done * recipe.steps_per_epoch * recipe.batch,
        scale=recipe.scale,
        normalise=recipe.normalise,
    )
    held_back = validation_pairs(
        validation,
        recipe.degradation,
        channels,
        recipe.validation_size,
        recipe.scale,
        recipe.normalise,
    )
    return pairs, held_back


def _copies(recipe, kept, validation, model, done):
    """Displaced copies of pictures; a new model is fitted to them first."""
    copies = Displaced(recipe.degradation, kept, recipe.copies, recipe.seed)
    if not done:
        start_from_copies(model.get_layer("resampling"), copies)
    pairs = copies.batches(recipe.batch, recipe.seed, done * recipe.steps_per_epoch)
    return pairs, Displaced(recipe.degradation, validation, 1, recipe.seed).one_by_one()


def _sequences(recipe, task, kept, validation, model, done):
    """Windows of target sequences; a new model is fitted to them first."""
    sequences = surrogates.Sequences(task, kept)
    if not done:
        surrogates.start_from_data(model, sequences, task.targets.time_step, recipe.seed)
    pairs = sequences.windows(
        task.steps, recipe.starts, recipe.batch, recipe.seed, done * recipe.steps_per_epoch
    )
    return pairs, surrogates.Sequences(task, validation).first_windows(task.steps)


def _surrogate_task(recipe, source, cache, processes, console):
    """The task of a surrogate, with the sequences of all pictures in the cache if there is one."""
    task = dataclasses.replace(recipe.degradation, cache=cache)
    if cache is not None:
        TargetCache(cache, task.targets).fill(
            source,
            processes,
            lambda jobs, total: track(jobs, "targets", total=total, console=console, transient=True),
        )
    return task


def _finish(model, recipe, run):
    """Writes curve, weights and model; the model last, since it marks the run as finished."""
    draw_curve(run.rows(), recipe.name, run.curve)
    trained = zoo.create(recipe.architecture, **recipe.config)
    if run.best.is_file():
        trained.load_weights(run.best)
    else:
        trained.set_weights(model.get_weights())
    trained.save_weights(run.weights)
    with replacing(run.model) as temporary:
        trained.save(temporary)
    run.checkpoint().unlink()
    return trained
