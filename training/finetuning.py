"""Fine-tuning a denoiser on one's own pictures: noisy ones alone, pairs, or two shots of a scene."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .. import zoo
from ..errors import InputError
from ..images.files import replacing
from ..pde.backend import keras
from .batches import drawn_batches
from .noisy_examples import Example, Prepared

_HELD_BACK = 8
"""A strip of one part in so many of each picture is for validation."""


def finetune(
    model: str | keras.Model,
    examples: Sequence[Example],
    *,
    output: str | Path | None = None,
    minutes: float = 10.0,
    epochs: int | None = None,
    learning_rate: float = 3e-4,
    steps_per_epoch: int = 100,
    patience: int = 5,
    patch: int = 64,
    batch: int = 8,
    seed: int = 0,
    progress: Callable[[int, float, float], None] | None = None,
) -> keras.Model:
    """Fine-tunes a grey denoiser on noisy pictures, with or without clean ones.

    Each picture is stabilised with the noise that was measured of it, as `zoo.restore` does. Without a
    target the model learns from the noisy picture alone. Where photons are few, each of
    them goes to one of two pictures at random, and the model is to make one picture of the other.
    Otherwise, by Recorrupted-to-Recorrupted (Pang, Zheng, Quan, Ji, CVPR 2021), it is given x + α n
    and should return x − n/α, with n drawn anew like the noise of x. A second shot of the same scene
    is a target (Noise2Noise, Lehtinen et al. 2018), and so is a clean picture. The last eighth of each
    picture is held back: the weights with the least error there are kept, and the training ends if
    there are no better ones for `patience` epochs. None of this needs a clean picture.

    Args:
        model: Name of a denoiser, or a `keras.Model` with a card that says so, as `"trd.any"`.
        examples: The pictures.
        output: A `.keras` file that always holds the best model so far; an interrupted fine-tuning
            loses nothing, and goes on if the file is the `model` of the next one.
        minutes: Time at most.
        epochs: Epochs at most; as many as there is time for when `None`.
        learning_rate: Of Adam.
        steps_per_epoch: Steps between two validations.
        patience: Epochs without a better one.
        patch: Side of the pieces in px.
        batch: Pieces in a step.
        seed: Of pieces and noise.
        progress: Called after each epoch with its number, the validation error and the seconds.

    Returns:
        The `keras.Model` with the best weights; its card says what it was fine-tuned on, and has no
        results.

    Raises:
        InputError: for a model that is no grey denoiser, pictures that are too small or without noise.

    Example:
        >>> import numpy as np
        >>> from skimage import data
        >>> from imagepde import training
        >>> noisy = data.camera() / 255 + 0.1 * np.random.default_rng(0).standard_normal((512, 512))
        >>> tuned = training.finetune("trd.any", [training.Example(noisy)])  # doctest: +SKIP
    """
    model = zoo.load(model) if isinstance(model, str) else model
    told, sigma = _kind_of(model)
    for example in examples:
        _check(example, patch)
    if not examples:
        raise InputError("A fine-tuning needs at least one noisy picture. Received: none.")
    prepared = [Prepared(example, sigma, model) for example in examples]
    sizes = [one.noisy.shape for one in prepared]

    def take(group, numbers, rng):
        one, pieces = prepared[group], []
        height, width = sizes[group]
        height -= max(height // _HELD_BACK, patch)
        for _ in numbers:
            top, left = (int(rng.integers(side - patch + 1)) for side in (height, width))
            pieces.append(one.pair(np.s_[top : top + patch, left : left + patch], rng, told, sigma))
        given, target = map(np.stack, zip(*pieces, strict=True))
        turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        return tuple(
            np.ascontiguousarray(np.rot90(x[:, ::-1] if mirrored else x, turns, (1, 2)))
            for x in (given, target)
        )

    channels = model.input_shape[-1]
    shapes = ((None, None, channels), (None, None, 1))
    pairs = drawn_batches([h * w for h, w in sizes], take, shapes, batch, seed)
    held_back = [
        one.pair(
            np.s_[-max(h // _HELD_BACK, patch) :, :], np.random.default_rng([seed, k]), told, sigma
        )
        for k, (one, (h, _)) in enumerate(zip(prepared, sizes, strict=True))
    ]
    schedule = _Schedule(learning_rate, 60 * minutes, steps_per_epoch, patience, epochs)
    card = _card_of(model, examples)

    def keep():
        if card is not None:
            model.card = card
        if output is not None:
            with replacing(output) as temporary:
                model.save(temporary)

    _fit(model, iter(pairs), held_back, schedule, keep, progress or (lambda *numbers: None))
    return model


def _kind_of(model):
    """Whether a model is told the noise, and the strength that it is made for otherwise."""
    card = getattr(model, "card", None)
    task = (card.made_for if card is not None else None) or {}
    told = zoo.traits(model).takes == "noise"
    grey = model.output_shape[-1] == 1 and model.input_shape[-1] == 1 + told
    if task.get("kind") != "gaussian_noise" or not grey:
        raise InputError(
            "Fine-tuning is for grey models that remove noise, as 'trd.any' or 'trd.gauss25'. "
            f"Received: {zoo.zoo_model.named(model)!r}."
        )
    sigma = task["sigma"]
    return told, float(sigma) if isinstance(sigma, int | float) else None


def _check(example, patch):
    height, width = example.noisy.shape[:2]
    if example.noisy.ndim != 2 or height < 2 * patch or width < patch:
        raise InputError(
            f"Pictures must be grey and at least {2 * patch} pixels high and {patch} wide. "
            f"Received: shape={example.noisy.shape} of {example.name}."
        )
    if example.target is not None and example.target.shape != example.noisy.shape:
        raise InputError(
            "A picture and its target must have the same size. "
            f"Received: {example.noisy.shape} and {example.target.shape} of {example.name}."
        )


@dataclasses.dataclass(frozen=True)
class _Schedule:
    learning_rate: float
    seconds: float
    steps: int
    patience: int
    epochs: int | None

    def share(self, seconds: float, steps: int) -> float:
        """How much is over, of the time or of the steps that there are."""
        done = 0.0 if self.epochs is None else steps / (self.epochs * self.steps)
        return min(max(seconds / self.seconds, done), 1.0)

    def rate(self, share: float) -> float:
        """Half a period of a cosine over all that there is."""
        return self.learning_rate * (0.02 + 0.49 * (1 + np.cos(np.pi * share)))


def _fit(model, pairs, held_back, schedule, keep, progress):
    """Trains until time or patience is over, and leaves the best weights in the model."""
    optimizer = keras.optimizers.Adam(schedule.learning_rate)
    model.compile(optimizer, loss="mse", jit_compile=False)
    best, weights = _error(model, held_back), model.get_weights()
    keep()
    progress(0, best, 0.0)
    start, epoch, waited, share, done = time.monotonic(), 0, 0, 0.0, 0
    try:
        while waited < schedule.patience and share < 1:
            for _ in range(schedule.steps):
                optimizer.learning_rate = schedule.rate(share)
                model.train_on_batch(*next(pairs))
                done += 1
                share = schedule.share(time.monotonic() - start, done)
                if share == 1:
                    break
            epoch, waited, error = epoch + 1, waited + 1, _error(model, held_back)
            if error < best:
                best, weights, waited = error, model.get_weights(), 0
                keep()
            progress(epoch, error, time.monotonic() - start)
    finally:
        model.set_weights(weights)


def _error(model, held_back):
    """The mean squared error where no training was, with noise that is the same each time."""
    errors = []
    for given, target in held_back:
        found = np.asarray(model.predict_on_batch(given[None]))[0]
        errors.append(np.mean((found - target) ** 2))
    return float(np.mean(errors))


def _card_of(model, examples):
    """The card of what the model becomes: without results, which nobody has measured."""
    card = getattr(model, "card", None)
    if card is None:
        return None
    tuned = {"from": card.name, "pictures": len(examples), "targets": _targets(examples)}
    training = {**card.training, "finetuned": tuned}
    return dataclasses.replace(card, results=[], sha256=None, weights=None, training=training)


def _targets(examples):
    if all(example.target is None for example in examples):
        return "none"
    return "clean" if all(example.clean for example in examples) else "second shots"
