"""The diffusivity as a function of the contrast of an edge (after the paper's figure 5)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..pde.backend import keras, ops
from .anatomy import WIDTH, evolution_of, new_figure, on_edges, scale_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLES = {15: "-", 25: "--", 50: ":"}


def edge_response(
    model: keras.Model,
    heights: ArrayLike,
    noise: float,
    seed: int = 0,
    length: int = 512,
    width: int = 32,
) -> np.ndarray:
    """How much a model diffuses across a straight edge, g as a function of its height s.

    A learned diffusivity sees more than one difference, so s alone does not decide. It is measured on
    upright edges of height s around the grey value ½, in noise as the model is made for, in the first
    step, averaged along the edge. For a classical g(s) without noise this is g itself.

    Args:
        model: A grey diffusion model.
        heights: The heights s, in grey values of [0, 1].
        noise: Strength of the noise, on the scale of 0 to 255.
        seed: Seed of the noise.
        length: Length of the edge in px.
        width: Size of the picture across it, in px.

    Returns:
        Array of g, one for each height.

    Example:
        >>> from imagepde import zoo
        >>> g = edge_response(zoo.create("perona_malik"), [0.0, 1.0], noise=0, length=8)
        >>> g.round(1).tolist()
        [1.0, 0.0]
    """
    heights = np.asarray(heights, np.float32)
    side = np.where(np.arange(width) < width // 2, -0.5, 0.5).astype(np.float32)
    images = 0.5 + heights[:, None, None, None] * side[None, None, :, None]
    # The same noise for every height, so that the curve shows the height alone.
    normal = np.random.default_rng(seed).standard_normal((1, length, width, 1), dtype=np.float32)
    images = ops.convert_to_tensor(images + np.float32(noise / 255) * normal)
    images = images / scale_of(model, images)
    _, columns = on_edges(evolution_of(model).step.diffusivity(images))
    return np.asarray(columns)[:, :, width // 2, 0].mean(axis=1)


def draw_curves(models: Mapping[str, keras.Model], noises: Mapping[str, float]) -> "Figure":
    """Draws g(s) for several models, a panel for each family, a line style for each noise level.

    Args:
        models: Dictionary of grey diffusion models by name.
        noises: For each of them, the strength of noise that it is made for, 0 to 255.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        models = {name: zoo.load(name) for name in ("foe_s.gauss15", "foe_s.gauss25")}
        noises = {"foe_s.gauss15": 15, "foe_s.gauss25": 25}
        explain.draw_curves(models, noises).savefig("curves.png")
    """
    heights = np.linspace(0.0, 0.6, 61)
    families = sorted({name.partition(".")[0] for name in models})
    columns = min(4, len(families))
    rows = -(-len(families) // columns)
    figure = new_figure(figsize=(WIDTH, 0.7 + 2 * rows))
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axis in axes[len(families) :]:
        axis.axis("off")
    for axis, family in zip(axes, families, strict=False):
        axis.set_title(family, fontsize=9)
        for name, model in models.items():
            if name.partition(".")[0] == family:
                g = edge_response(model, heights, noises[name])
                style = _STYLES.get(round(noises[name]), "-.")
                axis.plot(heights, g, style, label=f"σ = {noises[name]:g}")
    axes[0].set_ylim(0, None)
    lines = {line.get_label(): line for axis in axes for line in axis.get_lines()}
    figure.legend(lines.values(), lines.keys(), loc="outside upper center", ncols=4, fontsize=9)
    figure.supxlabel("height s of the edge, grey value", fontsize=10)
    figure.supylabel("diffusivity g across it", fontsize=10)
    return figure
