"""The parts of a diffusion model that the figures look at, and how figures are written."""

import importlib.util

from ..errors import InputError
from ..images.files import replacing
from ..layers import Evolution, NoiseNormalized, PeronaMalikStep
from ..pde import COLUMNS, ROWS, edge_average
from ..pde.backend import ops
from ..zoo.model_traits import layers_of

WIDTH = 7.5
"""Of a figure, in inches: a page shows that without making letters smaller."""


def evolution_of(model):
    """The repeated diffusion step of a model.

    Raises:
        InputError: if the model is none of a diffusion with a diffusivity.
    """
    evolutions = layers_of(model, Evolution)
    evolutions += [layer.filter for layer in layers_of(model, NoiseNormalized)]
    for evolution in evolutions:
        if isinstance(evolution, Evolution) and isinstance(evolution.step, PeronaMalikStep):
            return evolution
    raise InputError(
        f"Only diffusion models have a diffusivity to look at, as 'foe_s' has. "
        f"Received: {model.name!r}."
    )


def scale_of(model, images):
    """By what the images are divided before the diffusion: 1, or more for a blind model."""
    for layer in layers_of(model, NoiseNormalized):
        return model.get_layer("noise_level")(images) / layer.reference
    return ops.ones((images.shape[0], 1, 1, 1))


def on_edges(diffusivity):
    """A diffusivity as a pair on the edges of rows and columns, wherever it came."""
    if isinstance(diffusivity, tuple | list):
        return tuple(diffusivity)
    return tuple(edge_average(diffusivity, axis) for axis in (ROWS, COLUMNS))


def new_figure(*arguments, **keywords):
    """A matplotlib figure that belongs to no window."""
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError("Figures need matplotlib: pip install 'imagepde[vis]' first.")
    from matplotlib.figure import Figure

    return Figure(*arguments, layout="constrained", **keywords)


def panels_of(figure, count, columns):
    """So many axes without ticks and frames, row by row."""
    axes = figure.subplots(-(-count // columns), columns, squeeze=False).ravel()
    for axis in axes[count:]:
        axis.remove()
    for axis in axes[:count]:
        axis.axis("off")
    return axes[:count]


def save_figure(figure, path, dpi=110):
    """Writes a figure whole or not at all."""
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=dpi)
