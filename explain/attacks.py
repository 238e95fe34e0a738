"""Searches by gradient ascent for the pictures that a model enlarges most."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from ..errors import InputError
from ..pde.backend import keras
from .anatomy import WIDTH, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RATIOS = ("norm", "distance")


@dataclasses.dataclass(frozen=True)
class Attack:
    """What an attack found.

    Attributes:
        ratio: The largest ratio: ‖D(f)‖/‖f‖, or ‖D(f + d) − D(f)‖/‖d‖.
        start: The ratio before the first step.
        picture: f, of the shape of the picture that the attack started from.
        change: d, zero for a ratio of norms.

    Example:
        >>> found = Attack(1.8, 1.1, np.zeros((8, 8)), np.zeros((8, 8)))
        >>> found.ratio > found.start
        True
    """

    ratio: float
    start: float
    picture: np.ndarray
    change: np.ndarray


def attack(
    model: keras.Model,
    picture: np.ndarray,
    ratio: str = "distance",
    steps: int = 100,
    rate: float = 0.2,
    size: float = 0.05,
    seed: int = 0,
) -> Attack:
    """Maximises how much a model D enlarges a picture, or the difference between two.

    `"norm"`: ‖D(f)‖/‖f‖ over f. `"distance"`: ‖D(f + d) − D(f)‖/‖d‖ over f and d. Each step goes along
    the gradient of the logarithm, by a share of the picture's norm that falls to zero; the norms of f
    and of d stay as they are, since an ascent would shrink d to where single precision ends. The answer
    is a ratio that was seen: the true maximum may be larger.

    Args:
        model: A model from pictures to pictures.
        picture: Array `(height, width)` or `(height, width, channels)` in [0, 1] to start from.
        ratio: `"norm"` or `"distance"`.
        steps: Number of steps.
        rate: Length of the first step, in units of the norm.
        size: Root of the mean square of d.
        seed: Of the first d.

    Returns:
        An `Attack`.

    Raises:
        InputError: for another ratio.

    Example:
        found = explain.attack(zoo.load("foe_s.gauss25"), picture, "norm", steps=20)
        print(found.start, found.ratio)
    """
    if ratio not in _RATIOS:
        raise InputError(f"`ratio` must be one of {_RATIOS}. Received: ratio={ratio!r}.")
    shape = np.shape(picture)
    start = np.asarray(picture, np.float32).reshape(1, *shape[:2], -1)
    noise = np.random.default_rng(seed).standard_normal(start.shape)
    f, d = tf.Variable(start), tf.Variable(noise.astype(np.float32))
    d.assign(d * (size * np.sqrt(start.size) / tf.norm(d)))
    moved = [f] if ratio == "norm" else [f, d]
    norms = [tf.norm(one) for one in moved]

    @tf.function
    def ascend(length):
        with tf.GradientTape() as tape:
            if ratio == "norm":
                found = tf.norm(model(f)) / tf.norm(f)
            else:
                found = tf.norm(model(f + d) - model(f)) / tf.norm(d)
            logarithm = tf.math.log(found)
        gradients = tape.gradient(logarithm, moved)
        for one, gradient, norm in zip(moved, gradients, norms, strict=True):
            further = one + length * norm * gradient / (tf.norm(gradient) + 1e-30)
            one.assign(further * norm / tf.norm(further))
        return found

    best, first = -1.0, None
    for step in range(steps + 1):
        before = f.numpy(), d.numpy()
        found = float(ascend(tf.constant(rate * (1 - step / (steps + 1)), tf.float32)))
        first = found if first is None else first
        if found > best:
            best, (at, change) = found, before
    change = change if ratio == "distance" else np.zeros_like(change)
    return Attack(best, first, at.reshape(shape), change.reshape(shape))


def draw_attack(model: keras.Model, found: Attack, title: str = "") -> "Figure":
    """What an attack found, and what the model makes of it; each panel has its own grey scale.

    Args:
        model: The model that was attacked.
        found: The `Attack`.
        title: Title of the figure.

    Returns:
        A `matplotlib.figure.Figure`.
    """
    f, d = (x.reshape(1, *x.shape[:2], -1) for x in (found.picture, found.change))
    before, after = f, np.asarray(model(f))
    if d.any():
        before, after = d, np.asarray(model(f + d)) - after
    names = ("f + d − f", "D(f + d) − D(f)") if d.any() else ("f", "D(f)")
    figure = new_figure(figsize=(WIDTH, 3.4))
    figure.suptitle(f"{title}: a ratio of norms of {found.ratio:.4f}")
    rows = [*zip(names, (before, after), strict=True)]
    for axis, (name, picture) in zip(figure.subplots(1, 2), rows, strict=True):
        shown = axis.imshow(picture[0, ..., 0], cmap="gray", interpolation="nearest")
        axis.set_title(f"{name}, norm {np.linalg.norm(picture):.3f}", fontsize=9)
        axis.axis("off")
        figure.colorbar(shown, ax=axis, shrink=0.8)
    return figure
