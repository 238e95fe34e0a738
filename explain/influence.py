"""Kernels and influence functions of a stage of reaction–diffusion."""

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..layers import ReactionDiffusionStep
from ..pde.backend import keras, ops
from ..zoo.model_traits import layers_of
from .anatomy import WIDTH, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = 4


def draw_influence(model: keras.Model, stage: int = 1, title: str = "", most: int = 8) -> "Figure":
    """Draws learned kernels of a stage, all their components, and their influence functions.

    Kernels have a grey scale of their own each, zero is grey. Components stand beside and below each
    other, those of the picture first; flips of the kernels are not drawn. The filters with the largest
    influence come first: φ times the norm of the kernel. A dashed line is φ(x) = x, the bound of
    certified models.

    Args:
        model: A model of reaction–diffusion, as `trd.gauss25`.
        stage: Which one, from 1.
        title: Title of the figure.
        most: So many filters at most.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        InputError: if the model has no such stage.

    Example:
        explain.draw_influence(zoo.load("trd.gauss25"), stage=1).savefig("influence.png")
    """
    steps = layers_of(model, ReactionDiffusionStep)
    if not steps:
        raise InputError(
            "Only models of reaction–diffusion have influence functions to draw, as 'trd.gauss25' has. "
            f"Received: {model.name!r}."
        )
    if not 1 <= stage <= len(steps):
        raise InputError(f"`stage` must be from 1 to {len(steps)}. Received: stage={stage}.")
    kernels, x, y = kernels_and_influence(steps[stage - 1])
    norms = np.linalg.norm(kernels.reshape(-1, kernels.shape[-1]), axis=0)
    order = np.argsort(-norms * np.abs(y).max(0))[:most]
    components = kernels.shape[2]
    wide = max(1, round((1.5 * components) ** 0.5))
    rows = -(-len(order) // _COLUMNS)
    figure = new_figure(figsize=(WIDTH, 2.9 * rows))
    figure.suptitle(title)
    axes = figure.subplots(2 * rows, _COLUMNS, squeeze=False, height_ratios=[1.3, 2] * rows)
    for place in range(rows * _COLUMNS):
        row, column = divmod(place, _COLUMNS)
        above, below = axes[2 * row, column], axes[2 * row + 1, column]
        above.axis("off")
        if place >= len(order):
            below.axis("off")
            continue
        chosen = order[place]
        largest = np.abs(kernels[..., chosen]).max()
        above.imshow(_mosaic(kernels[..., chosen], wide), cmap="gray", vmin=-largest, vmax=largest)
        below.plot(x[:, chosen], y[:, chosen], linewidth=1)
        limits = below.get_ylim()
        below.plot(x[:, chosen], x[:, chosen], "k--", linewidth=0.5)
        below.set_ylim(limits)
        below.tick_params(labelsize=8)
    return figure


def kernels_and_influence(
    step: ReactionDiffusionStep, points: int = 201
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The kernels without their flips, and the influence functions over their ranges.

    Args:
        step: A stage of a model of reaction–diffusion.
        points: Number of arguments at which the functions are computed.

    Returns:
        Arrays `(side, side, components, kernels)` of the kernels, and `(points, kernels)` of arguments
        and of values.

    Example:
        >>> step = ReactionDiffusionStep(filters=4)
        >>> image = ops.ones((1, 8, 8, 1))
        >>> _ = step([image, image])
        >>> [part.shape for part in kernels_and_influence(step, points=11)]
        [(3, 3, 1, 1), (11, 1), (11, 1)]
    """
    influence = step.influence
    kernels = np.asarray(step.bank())[..., : step.filters // influence.copies]
    span = np.exp(np.asarray(influence.log_range))
    x = np.linspace(-1.2, 1.2, points)[:, None] * span
    every = np.tile(x, (1, influence.copies)).astype("float32")
    return kernels, x, np.asarray(influence(ops.convert_to_tensor(every)))[:, : len(span)]


def _mosaic(kernel, wide):
    """The components of a kernel beside and below each other, with zeros between them."""
    size, _, components = kernel.shape
    canvas = np.zeros((-(-components // wide) * (size + 1) - 1, wide * (size + 1) - 1))
    for component in range(components):
        row, column = divmod(component, wide)
        top, left = row * (size + 1), column * (size + 1)
        canvas[top : top + size, left : left + size] = kernel[..., component]
    return canvas
