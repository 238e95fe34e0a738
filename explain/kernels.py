"""Kernels and activations of a Fields-of-Experts diffusivity (the paper's figure 2)."""

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..layers import FieldsOfExperts
from ..pde.backend import keras, ops
from .anatomy import WIDTH, evolution_of, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = 6


def draw_kernels(model: keras.Model, title: str = "", most: int = 12) -> "Figure":
    """Draws kernels, each with its mean taken off as the layer does, above its activation.

    Kernels have a grey scale of their own each, zero is grey. The activation is drawn over what its
    layer sees: the sigmoid of the response, or the response itself for a product of experts. The most
    influential experts come first: those whose activation varies most.

    Args:
        model: A model with a `FieldsOfExperts` diffusivity.
        title: Title of the figure.
        most: So many experts at most.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        InputError: if the model has no such diffusivity.

    Example:
        explain.draw_kernels(zoo.load("foe_s.gauss25")).savefig("kernels.png")
    """
    experts = evolution_of(model).step.diffusivity
    if not isinstance(experts, FieldsOfExperts):
        raise InputError(
            "Only Fields of Experts have kernels and activations to draw, as 'foe_s.gauss25' has. "
            f"Received: {model.name!r}."
        )
    x, y = activation_curves(experts)
    kernels = np.asarray(experts.kernel)
    kernels = (kernels - kernels.mean((0, 1)))[:, :, 0]
    order = np.argsort(-np.ptp(y, axis=0))[:most]
    rows = -(-len(order) // _COLUMNS)
    figure = new_figure(figsize=(WIDTH, 2.3 * rows))
    figure.suptitle(title)
    axes = figure.subplots(2 * rows, _COLUMNS, squeeze=False)
    low, high = y.min(), y.max()
    for place in range(rows * _COLUMNS):
        row, column = divmod(place, _COLUMNS)
        above, below = axes[2 * row, column], axes[2 * row + 1, column]
        above.axis("off")
        if place >= len(order):
            below.axis("off")
            continue
        kernel = kernels[..., order[place]]
        largest = np.abs(kernel).max()
        above.imshow(kernel, cmap="gray", vmin=-largest, vmax=largest)
        below.plot(x, y[:, order[place]], linewidth=1)
        below.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        below.tick_params(labelsize=8)
        if column:
            below.set_yticklabels([])
    return figure


def activation_curves(experts, points=201):
    """Arguments `(points,)` and values `(points, experts)` of the activations."""
    product = experts.combination == "product"
    x = np.linspace(-3, 3, points) if product else np.linspace(0, 1, points)
    table = np.repeat(x[:, None], experts.experts, axis=1).astype("float32")
    return x, np.asarray(experts.activation(ops.convert_to_tensor(table)))
