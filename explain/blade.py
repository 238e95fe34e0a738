"""Banks of filters, the features that select them, and surrogates beside the solution (BLADE)."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..layers import BladeFlux
from ..pde import COLUMNS, orientation_index, structure_at
from ..pde.backend import keras, ops
from ..zoo.architectures.surrogates import rate_of
from .anatomy import WIDTH, new_figure, panels_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST, _ORIENTATIONS = 3, 8
"""So many bins of strength, coherence and intensity are drawn at most, and so many orientations."""


def draw_filters(model: keras.Model, title: str = "") -> "Figure":
    """The bank as in the paper's figures 11 to 14: orientations across, strength, then the rest down.

    Each filter has a grey scale of its own, zero is grey; of many bins some are left out. Of a flux
    it is the bank for those along x.

    Args:
        model: A surrogate.
        title: Title of the figure.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        explain.draw_filters(zoo.load("blade.tv_flow")).savefig("filters.png")
    """
    rate = rate_of(model)
    flux = isinstance(rate, BladeFlux)
    bank = np.asarray(rate.banks()[COLUMNS] if flux else rate.bank())
    orientations, *size = bank.shape[3:]
    shown = [
        np.unique(np.linspace(0, bins - 1, min(bins, _MOST)).round().astype(int))
        for bins in bank.shape[:3]
    ]
    turned = np.arange(0, orientations, max(1, orientations // _ORIENTATIONS))
    rows = bank[np.ix_(*shown, turned)].reshape(-1, len(turned), *size)
    rows = rows / np.maximum(np.abs(rows).max((2, 3), keepdims=True), 1e-12)
    # One picture with lines between the filters, instead of hundreds of axes.
    framed = np.pad(rows, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    mosaic = framed.transpose(0, 2, 1, 3).reshape(len(rows) * framed.shape[2], -1)[:-1, :-1]
    figure = new_figure(figsize=(WIDTH, max(2.0, 0.8 + 6.4 * mosaic.shape[0] / mosaic.shape[1])))
    figure.suptitle(title)
    axis = figure.subplots()
    axis.imshow(mosaic, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
    height, width = framed.shape[2:]
    axis.set_xticks(width * (np.arange(len(turned)) + 0.5) - 1, turned, fontsize=8)
    names = [
        [f"{name} {k}" for k in bins] if count > 1 else [""]
        for name, bins, count in zip(
            ("intensity", "coherence", "strength"), shown, bank.shape[:3], strict=True
        )
    ]
    labels = [" ".join(filter(None, reversed(parts))) for parts in itertools.product(*names)]
    axis.set_yticks(height * (np.arange(len(rows)) + 0.5) - 1, labels, fontsize=8)
    axis.set_xlabel(f"orientation, of {orientations}")
    axis.tick_params(length=0)
    return figure


def draw_features(model: keras.Model, picture: np.ndarray, title: str = "") -> "Figure":
    """The quantised features of a picture, as in the paper's figure 2.

    Args:
        model: A surrogate.
        picture: Array `(height, width)` or `(height, width, channels)` in [0, 1].
        title: Title of the figure.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        figure = explain.draw_features(zoo.load("blade.tv_flow"), picture)
        figure.savefig("features.png")
    """
    selection = rate_of(model).selection
    images = np.asarray(picture, np.float32).reshape(1, *picture.shape[:2], -1)
    images = ops.convert_to_tensor(images)
    orientation = orientation_index(structure_at(images, selection.rho), selection.orientations)
    panels = [("picture", np.asarray(picture), "gray")]
    turned = np.asarray(orientation)[0, ..., 0].astype(float)
    panels.append((f"orientation, of {selection.orientations}", turned, "twilight"))
    for name, values in selection.features(images).items():
        thresholds = np.asarray(selection.thresholds[name])
        if len(thresholds):
            bins = np.searchsorted(thresholds, np.asarray(values)[0, ..., 0], side="right")
            singular = {"strengths": "strength", "coherences": "coherence", "intensities": "intensity"}
            panels.append((f"{singular[name]}, of {len(thresholds) + 1}", bins, "viridis"))
            if name == "strengths":
                turned[bins == 0] = np.nan  # Where nothing is, it points anywhere.
    rows = -(-len(panels) // 2)
    height, width = turned.shape
    figure = new_figure(figsize=(WIDTH, rows * 3.5 * height / width + 0.5))
    figure.suptitle(title)
    axes = panels_of(figure, len(panels), 2)
    for axis, (name, values, colours) in zip(axes, panels, strict=True):
        shown = axis.imshow(values, cmap=colours, interpolation="nearest")
        axis.set_title(name, fontsize=10)
        if colours != "gray":
            figure.colorbar(shown, ax=axis, shrink=0.8)
    return figure


def draw_surrogate(panels: Sequence[tuple[str, np.ndarray]], title: str = "") -> "Figure":
    """Pictures beside each other, as the paper's figures 9 and 10: input, solution, surrogates.

    Args:
        panels: Pairs of a title and an array `(height, width)` or `(height, width, 3)`.
        title: Title of the figure.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        >>> figure = draw_surrogate([("input", np.zeros((8, 12))), ("solution", np.ones((8, 12)))])
        >>> [axis.get_title() for axis in figure.axes]
        ['input', 'solution']
    """
    height, width = panels[0][1].shape[:2]
    columns = 2 if len(panels) in (2, 4) else 3
    rows = -(-len(panels) // columns)
    figure = new_figure(figsize=(WIDTH, rows * (WIDTH / columns * height / width + 0.25) + 0.3))
    figure.suptitle(title)
    for axis, (name, picture) in zip(panels_of(figure, len(panels), columns), panels, strict=True):
        axis.imshow(np.clip(picture, 0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.set_title(name, fontsize=10)
    return figure
