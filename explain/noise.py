"""The noise that was measured of a picture: variance against brightness, and correlation."""

from typing import TYPE_CHECKING

import numpy as np

from ..images.measured_noise import MeasuredNoise
from ..images.noise_models import CorrelatedNoise
from ..images.scale import Scale
from .anatomy import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NEAR = 4
"""Pixels to each side of which the correlation is drawn."""


def draw_noise(measured: MeasuredNoise, scale: Scale | None = None) -> "Figure":
    """Draws the flat places of a picture, the line that was fitted, and the correlation of the noise.

    Args:
        measured: What `images.measure_noise` returned.
        scale: Black and white of the picture, for the units; 0 to 255 when `None`.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        InputError: without matplotlib.

    Example:
        measured = images.measure_noise(picture)
        explain.draw_noise(measured, images.find_scale(picture)).savefig("noise.png")
    """
    span = 255.0 if scale is None else scale.high - scale.low
    black = 0.0 if scale is None else scale.low
    correlated = isinstance(measured.noise, CorrelatedNoise)
    figure = new_figure(figsize=(7.5 if correlated else 4.5, 3.2))
    axes = figure.subplots(1, 2 if correlated else 1, squeeze=False)[0]
    mean, variance, weight = measured.points.T
    if mean.size:
        size = 8 + 60 * weight / weight.max()
        axes[0].scatter(
            black + span * mean, span * np.sqrt(np.maximum(variance, 0)), size, label="flat places"
        )
    ends = (mean.min(), mean.max()) if mean.size else (0.0, 1.0)
    at = np.linspace(*ends, 200)
    fit = span * np.sqrt(measured.noise.variance(at))
    axes[0].plot(black + span * at, fit, color="C1", label="fit")
    axes[0].set_ylim(0, None)
    axes[0].set_xlabel("brightness, grey values")
    axes[0].set_ylabel("σ of the noise, grey values")
    axes[0].legend(fontsize=8)
    if correlated:
        table = np.asarray(measured.noise.autocorrelation)
        middle = len(table) // 2
        near = min(_NEAR, middle)
        part = table[middle - near : middle + near + 1, middle - near : middle + near + 1]
        extent = (-near - 0.5, near + 0.5, near + 0.5, -near - 0.5)
        shown = axes[1].imshow(part, cmap="RdBu_r", vmin=-1, vmax=1, extent=extent)
        axes[1].set_xlabel("distance, px")
        axes[1].set_title("correlation of the noise", fontsize=9)
        figure.colorbar(shown, ax=axes[1])
    return figure
