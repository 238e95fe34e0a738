"""A plot of each activation that a Fields-of-Experts diffusivity can have."""

from typing import TYPE_CHECKING

import numpy as np

from ..layers import DecreasingLinearSpline, LinearSpline, Monomial, RothBlack
from ..pde.backend import keras, ops
from .anatomy import WIDTH, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_activations(seed: int = 0) -> "Figure":
    """Draws each activation of `layers/` for a few channels with random weights.

    Args:
        seed: Of the random weights.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        explain.draw_activations().savefig("activations.png")
    """

    def random(stddev):
        return keras.initializers.RandomNormal(stddev=stddev, seed=seed)

    panels = [
        ("LinearSpline", LinearSpline(20, random(4.0), random(0.3)), (-0.5, 1.5)),
        ("DecreasingLinearSpline", DecreasingLinearSpline(20, random(4.0), random(0.3)), (-0.5, 1.5)),
        ("Monomial, n = 1 … 4", Monomial(coefficient_initializer="ones"), (-1.5, 1.5)),
        ("RothBlack", RothBlack(keras.initializers.RandomUniform(-2, 3, seed=seed)), (-5.0, 5.0)),
    ]
    figure = new_figure(figsize=(WIDTH, 5))
    for axis, (title, layer, (low, high)) in zip(figure.subplots(2, 2).flat, panels, strict=True):
        x = np.linspace(low, high, 401, dtype="float32")
        y = np.asarray(layer(ops.convert_to_tensor(np.repeat(x[:, None], 4, axis=1))))
        axis.plot(x, y, linewidth=1.2)
        axis.set_title(title, fontsize=10)
        if isinstance(layer, LinearSpline):
            axis.axvspan(0, 1, color="0.93")
        axis.set_xlabel("x", fontsize=9)
    figure.supylabel("φ(x)", fontsize=9)
    return figure
