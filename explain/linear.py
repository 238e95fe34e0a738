"""The diffusivity that a linear diffusion network has learned, beside the true one (Fig. 1)."""

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..layers import LinearDiffusionStep
from ..pde.backend import keras
from ..zoo.model_traits import layers_of
from .anatomy import WIDTH, new_figure, panels_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Edges = tuple[np.ndarray, ...]
"""Values on the edges between rows, and between columns."""


def learned_diffusivities(model: keras.Model) -> list[Edges]:
    """δt γ of each diffusion layer of a model; only this product can be learned.

    Args:
        model: A model made of `LinearDiffusionStep` layers.

    Returns:
        Pairs of arrays: between rows `(height − 1, width)` and between columns `(height, width − 1)`.

    Raises:
        InputError: if the model has no such layers.

    Example:
        >>> step = LinearDiffusionStep(time_step=0.1)
        >>> image = keras.Input((8, 12, 1))
        >>> ((rows, columns),) = learned_diffusivities(keras.Model(image, step(image)))
        >>> rows.shape, columns.shape
        ((7, 12), (8, 11))
    """
    steps = layers_of(model, LinearDiffusionStep)
    if not steps:
        raise InputError(
            "Only linear diffusion networks have learned a diffusivity for each edge, as "
            f"'linear_diffusion' has. Received: {model.name!r}."
        )
    return [
        tuple(
            float(np.asarray(step.time_step_weight)) * np.asarray(gamma)[..., 0]
            for gamma in (step.between_rows, step.between_columns)
        )
        for step in steps
    ]


def relative_error(learned: Edges, true: Edges) -> float:
    """‖a − b‖ / ‖b‖ for two diffusivities on edges, each a pair of arrays.

    Args:
        learned: Pair a of arrays `(height − 1, width)` and `(height, width − 1)`.
        true: Pair b of arrays of the same shapes.

    Returns:
        A number ≥ 0; 0 for equal diffusivities.

    Example:
        >>> true = np.ones((7, 12)), np.ones((8, 11))
        >>> round(relative_error((1.1 * true[0], 1.1 * true[1]), true), 6)
        0.1
    """
    a, b = (np.concatenate([np.ravel(part) for part in pair]) for pair in (learned, true))
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def draw_linear_diffusion(model: keras.Model, true: Edges) -> "Figure":
    """Draws the true δt γ, the one that each layer has learned, and how far their mean is off.

    Args:
        model: A model made of `LinearDiffusionStep` layers.
        true: The true δt γ on the edges, a pair of arrays as `learned_diffusivities` gives them.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        gamma = tasks.KnownDiffusion().diffusivity
        true = tuple(0.2 * edges for edges in gamma)
        explain.draw_linear_diffusion(model, true).savefig("linear_diffusion.png")
    """
    layers = learned_diffusivities(model)
    mean = tuple(np.mean(parts, axis=0) for parts in zip(*layers, strict=True))
    panels = [("true δt γ", true)]
    panels += [
        (f"layer {k + 1}: {100 * relative_error(layer, true):.2g} % off", layer)
        for k, layer in enumerate(layers)
    ]
    panels.append((f"mean: {100 * relative_error(mean, true):.2g} % off", mean))
    rows = -(-(len(panels) + 1) // 3)
    figure = new_figure(figsize=(WIDTH, 2.4 * rows))
    axes = panels_of(figure, len(panels) + 1, 3)
    shown = [_at_pixels(pair) for _, pair in panels]
    for axis, (name, _), field in zip(axes, panels, shown, strict=False):
        image = axis.imshow(field, cmap="viridis", vmin=0, vmax=shown[0].max())
        axis.set_title(name, fontsize=9)
    figure.colorbar(image, ax=axes, shrink=0.6, location="left", label="px²")
    off = shown[-1] - shown[0]
    largest = np.abs(off).max()
    error = axes[-1].imshow(off, cmap="RdBu_r", vmin=-largest, vmax=largest)
    axes[-1].set_title("mean − true", fontsize=9)
    figure.colorbar(error, ax=axes[-1], shrink=0.8)
    return figure


def _at_pixels(pair):
    """The mean over the edges of each pixel."""
    rows, columns = pair
    total, count = np.zeros((2, columns.shape[0], rows.shape[1]))
    for part in (slice(None, -1), slice(1, None)):
        total[part] += rows
        count[part] += 1
        total[:, part] += columns
        count[:, part] += 1
    return total / count
