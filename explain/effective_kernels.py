"""What one pixel of DiffNet's result is made of: its row of the operator, and its gradient."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..pde import five_point_matrix
from ..pde.backend import keras
from .anatomy import new_figure
from .states import filtering_states, grey_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WINDOW = 12
"""How far around the pixel the figure shows."""


def effective_kernel(model: keras.Model, image: np.ndarray, pixel: tuple[int, int]) -> np.ndarray:
    """The weights with which the pixels of an image make one pixel of the result, read from the model.

    Once the filters ζ are estimated, DiffNet is a linear operator: u ↦ Π_k (Id + δt_k W(ζ_k)) u (eq.
    4.7). This is the row of its matrix for one pixel: its product with the image is what the model
    computes there, before the ReLU.

    Args:
        model: A grey model made of `FilteringStep` layers.
        image: Grey array `(height, width)` in [0, 1].
        pixel: `(row, column)`.

    Returns:
        float64 array `(height, width)`.

    Example:
        >>> from imagepde import zoo
        >>> model = zoo.create("diffnet", blocks=1, layers=2, estimator_channels=2)
        >>> effective_kernel(model, np.ones((12, 16)), (4, 5)).shape
        (12, 16)
    """
    height, width = image.shape
    row, column = _check_pixel(pixel, image.shape)
    _, filters, time_steps = filtering_states(model, image)
    kernel = np.zeros(height * width)
    kernel[row * width + column] = 1.0
    for zeta, time_step in zip(filters[::-1], time_steps[::-1], strict=True):
        kernel = kernel + time_step * (five_point_matrix(zeta).T @ kernel)
    return kernel.reshape(height, width)


def saliency(
    model: keras.Model,
    image: np.ndarray,
    pixel: tuple[int, int],
    samples: int = 0,
    noise: float = 0.02,
    seed: int = 0,
) -> np.ndarray:
    """The gradient of one pixel of the result by the image, computed by tf-keras-vis.

    Unlike `effective_kernel` it holds what the pixels do by changing the filters, too.

    Args:
        model: A grey model that ends with a ReLU, or any other grey model.
        image: Grey array `(height, width)` in [0, 1].
        pixel: `(row, column)`.
        samples: If positive, SmoothGrad: the mean over so many images with noise.
        noise: Standard deviation of this noise, relative to the range of the image.
        seed: Of this noise.

    Returns:
        float32 array `(height, width)`.

    Raises:
        InputError: without tf-keras-vis or the TensorFlow backend.

    Example:
        gradient = explain.saliency(zoo.load("diffnet.pm_inverse"), image, (20, 30), samples=32)
    """
    row, column = _check_pixel(pixel, image.shape)
    if keras.backend.backend() != "tensorflow":
        raise InputError("Saliency is computed by tf-keras-vis, which needs the TensorFlow backend.")
    try:
        from tf_keras_vis.saliency import Saliency
    except ImportError as error:
        raise InputError(
            f"Saliency needs tf-keras-vis: pip install 'imagepde[vis]' first. Received: {error}."
        ) from error
    before = np.random.get_state()  # that is what tf-keras-vis draws from
    np.random.seed(seed)
    try:
        with warnings.catch_warnings():
            # It calls the model with a list of one image, which Keras 3 remarks on.
            warnings.filterwarnings("ignore", "The structure of `inputs`")
            gradient = Saliency(model)(
                lambda output: output[:, row, column, 0],
                np.asarray(image, np.float32)[None, ..., None],
                smooth_samples=samples,
                smooth_noise=noise,
                gradient_modifier=None,
                normalize_map=False,
            )
    finally:
        np.random.set_state(before)
    return np.asarray(gradient)[0]


def _check_pixel(pixel, shape):
    row, column = pixel
    if not (0 <= row < shape[0] and 0 <= column < shape[1]):
        raise InputError(
            f"The pixel must lie in the picture of {shape[0]}×{shape[1]} pixels. "
            f"Received: row {row}, column {column}."
        )
    return int(row), int(column)


def telling_pixels(image):
    """Three pixels, far from each other and the border: on an edge, in texture, in a level place."""
    from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude

    margin = min(_WINDOW + 1, (min(image.shape) - 1) // 2)
    edge = gaussian_gradient_magnitude(image, 1.0)
    rows, columns = np.indices(image.shape)
    free = np.zeros(image.shape, bool)
    free[margin : image.shape[0] - margin, margin : image.shape[1] - margin] = True
    pixels = []
    for measure in (edge, gaussian_filter(edge, 4.0), -gaussian_filter(edge, 2.0)):
        chosen = np.unravel_index(np.argmax(np.where(free, measure, -np.inf)), image.shape)
        pixels.append(tuple(map(int, chosen)))
        around = np.maximum(abs(rows - chosen[0]), abs(columns - chosen[1])) <= 2 * _WINDOW
        # In a small picture they may be near to each other.
        free = free & ~around if (free & ~around).any() else free
    return pixels


def draw_effective_kernels(
    model: keras.Model,
    picture: np.ndarray,
    pixels: Sequence[tuple[int, int]] | None = None,
    title: str = "",
) -> "Figure":
    """Draws for some pixels the row of the operator, saliency and SmoothGrad beside the image around.

    Args:
        model: A grey model made of `FilteringStep` layers.
        picture: A picture as for `restore`; its grey values are taken.
        pixels: List of `(row, column)`; `telling_pixels` when `None`.
        title: Title of the figure.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        figure = explain.draw_effective_kernels(zoo.load("diffnet.pm_inverse"), picture, [(20, 30)])
        figure.savefig("kernels.png")
    """
    image = grey_picture(picture)
    pixels = pixels or telling_pixels(image)
    names = ("image", "row of the operator", "saliency (gradient)", "SmoothGrad")
    figure = new_figure(figsize=(2.4 * len(names) + 0.6, 2.5 * len(pixels) + 0.4))
    figure.suptitle(title)
    axes = figure.subplots(len(pixels), len(names), squeeze=False)
    for axis, name in zip(axes[0], names, strict=True):
        axis.set_title(name, fontsize=10)
    for row, pixel in zip(axes, pixels, strict=True):
        fields = (
            effective_kernel(model, image, pixel),
            saliency(model, image, pixel),
            saliency(model, image, pixel, samples=32),
        )
        top, left = (max(0, at - _WINDOW) for at in pixel)
        window = (slice(top, pixel[0] + _WINDOW + 1), slice(left, pixel[1] + _WINDOW + 1))
        row[0].imshow(image[window], cmap="gray", vmin=0, vmax=1)
        row[0].plot(pixel[1] - left, pixel[0] - top, "o", color="tab:red", fillstyle="none")
        row[0].set_ylabel(f"row {pixel[0]}, column {pixel[1]}", fontsize=8)
        for axis, field in zip(row[1:], fields, strict=True):
            largest = np.abs(field).max() or 1.0
            # The square root shows the small weights around the large one.
            shown = np.sign(field) * np.sqrt(np.abs(field) / largest)
            axis.imshow(shown[window], cmap="RdBu_r", vmin=-1, vmax=1)
            axis.set_xlabel(f"largest {largest:.2f}, sum {field.sum():.2f}", fontsize=8)
        for axis in row:
            axis.set_xticks([])
            axis.set_yticks([])
    return figure
