"""Where a diffusion still flows: the diffusivity in the last step (the paper's figures 1, 3, 4)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..images.arrays import check_picture, to_unit_range
from ..images.color import luma
from ..pde import repeat
from ..pde.backend import keras, ops
from ..zoo.restoration import restore
from .anatomy import WIDTH, evolution_of, new_figure, on_edges, scale_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def last_diffusivity(model: keras.Model, image: np.ndarray) -> np.ndarray:
    """The diffusivity g of the last step, at the pixels: the mean over the four edges of each.

    Args:
        model: A grey diffusion model.
        image: Grey array `(height, width)` in [0, 1].

    Returns:
        Array `(height, width)` in [0, 1]: white where the diffusion goes on, black where it is stopped.

    Example:
        >>> from imagepde import zoo
        >>> model = zoo.create("perona_malik", steps=2)
        >>> bool((last_diffusivity(model, np.ones((8, 12))) == 1).all())
        True
    """
    evolution = evolution_of(model)
    images = ops.convert_to_tensor(np.asarray(image, np.float32)[None, ..., None])
    images = images / scale_of(model, images)
    before = repeat(evolution.step, images, evolution.steps - 1)
    rows, columns = (np.array(g)[0, ..., 0] for g in on_edges(evolution.step.diffusivity(before)))
    # What stands on the border does not matter to the scheme; its inner neighbour is shown.
    rows[0], rows[-1] = rows[1], rows[-2]
    columns[:, 0], columns[:, -1] = columns[:, 1], columns[:, -2]
    return 0.25 * (rows[1:] + rows[:-1] + columns[:, 1:] + columns[:, :-1])


def draw_last_diffusivity(
    models: Mapping[str, keras.Model], image: np.ndarray, noise: float, seed: int = 0
) -> "Figure":
    """Draws, for each model, the restored picture above the diffusivity of its last step.

    Args:
        models: Dictionary of grey diffusion models by name.
        image: A clean picture; its grey values are taken.
        noise: Strength of the noise that is added, on the scale of 0 to 255.
        seed: Seed of the noise.

    Returns:
        A `matplotlib.figure.Figure`.

    Raises:
        InputError: if there is no model, or `restore` does not take the picture.

    Example:
        models = {name: zoo.load(name) for name in ("perona_malik.gauss25", "foe_s.gauss25")}
        explain.draw_last_diffusivity(models, picture, noise=25).savefig("diffusivity.png")
    """
    if not models:
        raise InputError("Name at least one model to draw. Received: none.")
    clean = to_unit_range(luma(check_picture(image)))
    normal = np.random.default_rng(seed).standard_normal(clean.shape, dtype=np.float32)
    noisy = clean + np.float32(noise / 255) * normal
    height, width = clean.shape
    across = min(3, len(models) + 1)
    down = -(-(len(models) + 1) // across)
    figure = new_figure(figsize=(WIDTH, down * (2 * WIDTH / across * height / width + 0.3)))
    axes = figure.subplots(2 * down, across, squeeze=False)
    for axis in axes.ravel():
        axis.axis("off")
    columns = {"original, and noisy": (clean, noisy)}
    for name, model in models.items():
        columns[name] = restore(noisy, model), last_diffusivity(model, noisy)
    for place, (title, pictures) in enumerate(columns.items()):
        row, column = divmod(place, across)
        for axis, picture in zip(axes[2 * row : 2 * row + 2, column], pictures, strict=True):
            axis.imshow(np.clip(picture, 0, 1), cmap="gray", vmin=0, vmax=1)
        axes[2 * row, column].set_title(title, fontsize=10)
    return figure
