"""What DiffNet does block by block: its states, and the filters that make the next (Figs. 5, 11–13)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..images.arrays import check_picture, to_unit_range
from ..images.color import luma
from ..layers import FilteringStep
from ..pde.backend import keras, ops
from ..zoo.model_traits import layers_of
from .anatomy import WIDTH, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = (
    "state",
    "Fourier",
    "ζ₁ above",
    "ζ₂ left",
    "ζ₃ below",
    "ζ₄ right",
    "ζ₅ centre",
    "Σζᵢ − ζ₅",
)


def grey_picture(picture):
    """The grey values of one picture as float32 `(height, width)` in [0, 1]."""
    picture = check_picture(picture)
    if picture.ndim == 4:
        raise InputError(f"One picture is drawn at a time. Received: shape={picture.shape}.")
    return to_unit_range(luma(picture))


def filtering_states(
    model: keras.Model, image: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """The state before each filtering step, its filters, and the state after the last one.

    Args:
        model: A grey model made of `FilteringStep` layers, one after the other.
        image: Grey array `(height, width)` in [0, 1].

    Returns:
        `(states, filters, time_steps)`: arrays `(blocks + 1, height, width)` and `(blocks, height,
        width, 5)` with the paper's ζ₁ … ζ₅, and the list of the learned δt.

    Raises:
        InputError: if the model has no filtering steps, or is for colour.

    Example:
        >>> from imagepde import zoo
        >>> model = zoo.create("diffnet", blocks=2, layers=2, estimator_channels=2)
        >>> states, filters, time_steps = filtering_states(model, np.ones((8, 12)))
        >>> states.shape, filters.shape
        ((3, 8, 12), (2, 8, 12, 5))
    """
    blocks = layers_of(model, FilteringStep)
    if not blocks or model.input_shape[-1] != 1:
        raise InputError(
            "Only grey models made of filtering steps have states to look at, as 'diffnet' has. "
            f"Received: {model.name!r}."
        )
    u = ops.convert_to_tensor(np.asarray(image, np.float32)[None, ..., None])
    states, filters = [u], []
    for block in blocks:
        filters.append(np.asarray(block.filters(states[-1]))[0, ..., 0])
        states.append(block(states[-1]))
    states = np.stack([np.asarray(u)[0, ..., 0] for u in states])
    return states, np.stack(filters), [float(np.asarray(b.time_step_weight)) for b in blocks]


def smoothing_levels(filters: np.ndarray) -> np.ndarray:
    """α of each block, the mean of |ζ₁ + ζ₂ + ζ₃ + ζ₄ − ζ₅| over the pixels (section 6.2, Fig. 13).

    Args:
        filters: Array `(blocks, height, width, 5)`, as `filtering_states` gives it.

    Returns:
        Array `(blocks,)`.

    Example:
        >>> smoothing_levels(np.ones((2, 8, 12, 5))).tolist()
        [3.0, 3.0]
    """
    return np.abs(_excess(filters)).mean((1, 2))


def _excess(filters):
    return filters[..., :4].sum(-1) - filters[..., 4]


def draw_states(model: keras.Model, picture: np.ndarray, title: str = "") -> "Figure":
    """Draws a row for each state: image, Fourier space, and the filters that make the next one.

    States are clipped to [0, 1]; of Fourier coefficients it is log |û|, zero frequency in the centre;
    each filter has a scale of its own, red above zero and blue below.

    Args:
        model: A grey model made of `FilteringStep` layers.
        picture: A picture as for `restore`; its grey values are taken.
        title: Title of the figure.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        explain.draw_states(zoo.load("diffnet.pm_inverse"), picture).savefig("states.png")
    """
    grey = grey_picture(picture)
    states, filters, time_steps = filtering_states(model, grey)
    side = WIDTH / len(_COLUMNS)
    height = side * grey.shape[0] / grey.shape[1] + 0.2
    figure = new_figure(figsize=(side * len(_COLUMNS), height * len(states) + 0.5))
    figure.suptitle(title)
    axes = figure.subplots(len(states), len(_COLUMNS), squeeze=False)
    spectra = [np.log10(np.abs(np.fft.fftshift(np.fft.fft2(u))) + 1e-3) for u in states]
    for axis in axes.ravel():
        axis.axis("off")
    for axis, name in zip(axes[0], _COLUMNS, strict=True):
        axis.set_title(name, fontsize=10)
    for k, (row, state, spectrum) in enumerate(zip(axes, states, spectra, strict=True)):
        row[0].imshow(np.clip(state, 0, 1), cmap="gray", vmin=0, vmax=1)
        row[1].imshow(spectrum, cmap="magma", vmin=min(map(np.min, spectra)), vmax=spectra[0].max())
        step = f", δt = {time_steps[k]:.3f}" if k < len(filters) else ""
        row[0].text(0, -0.04, f"u{k}{step}", va="top", fontsize=8, transform=row[0].transAxes)
    for row, zeta in zip(axes, filters, strict=False):
        fields = np.concatenate([zeta, _excess(zeta)[..., None]], axis=-1)
        for axis, field in zip(row[2:], np.moveaxis(fields, -1, 0), strict=True):
            _draw_signed(axis, field)
    return figure


def _draw_signed(axis, field):
    """A field with zero in white, and its largest absolute value below it."""
    # A few outliers must not take the colours away from all the rest.
    largest = max(float(np.quantile(np.abs(field), 0.995)), 1e-12)
    axis.imshow(field, cmap="RdBu_r", vmin=-largest, vmax=largest)
    axis.text(0, -0.04, f"±{largest:.2g}", va="top", fontsize=8, transform=axis.transAxes)


def draw_smoothing(sigmas: Sequence[float], levels: ArrayLike, title: str = "") -> "Figure":
    """Draws α against the noise, the mean over the pictures and the range of the middle half (Fig. 13).

    Args:
        sigmas: Standard deviations of the noise on the scale of 0 to 255, ascending.
        levels: Array `(sigmas, pictures, blocks)` of α, see `smoothing_levels`.
        title: Title of the figure.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        >>> figure = draw_smoothing([1, 5, 25], np.ones((3, 4, 2)), "two blocks, four pictures")
        >>> [axis.get_ylabel() for axis in figure.axes]
        ['α, mean over the blocks', 'α of each block']
    """
    levels = np.asarray(levels)
    figure = new_figure(figsize=(8.5, 3.4))
    figure.suptitle(title)
    together, single = figure.subplots(1, 2)
    of_pictures = levels.mean(-1)
    low, high = np.quantile(of_pictures, (0.25, 0.75), axis=1)
    together.fill_between(sigmas, low, high, alpha=0.25)
    together.plot(sigmas, of_pictures.mean(1), marker="o", markersize=3)
    together.set_ylabel("α, mean over the blocks")
    for k in range(levels.shape[-1]):
        single.plot(sigmas, levels[..., k].mean(1), label=f"block {k + 1}")
    single.set_ylabel("α of each block")
    single.legend(fontsize=7)
    for axis in (together, single):
        axis.set_xscale("log")
        axis.set_xlabel("noise, σ from 0 to 255")
    return figure
