"""How near a restored picture is to the clean one: PSNR and SSIM."""

from typing import Any

import numpy as np

from ..layers.serialization import register
from ..pde import gaussian_kernel
from ..pde.backend import keras, ops


def psnr(clean: Any, restored: Any) -> Any:
    """Peak signal-to-noise ratio of each image, 10·log₁₀(1/MSE), in dB.

    Both images are clipped to [0, 1], the peak is 1.

    Args:
        clean: Tensor or array `(batch, height, width, channels)`.
        restored: The same shape.

    Returns:
        Tensor `(batch,)`; infinite for equal images.

    Example:
        >>> round(float(psnr(np.zeros((1, 8, 8, 1)), np.full((1, 8, 8, 1), 0.1))[0]), 2)
        20.0
    """
    error = ops.clip(clean, 0.0, 1.0) - ops.clip(restored, 0.0, 1.0)
    mse = ops.mean(ops.square(error), axis=(1, 2, 3))
    return -10.0 * ops.log10(mse)


def ssim(clean: Any, restored: Any) -> Any:
    """Structural similarity of each image (Wang et al. 2004), in [−1, 1].

    Gaussian window of 11 taps and σ = 1.5, K₁ = 0.01, K₂ = 0.03, range 1, population variances,
    mean over the positions where the window lies inside the image, and over channels. Both images
    are clipped to [0, 1].

    Args:
        clean: Tensor or array `(batch, height, width, channels)`; height and width must be at least 11.
        restored: The same shape.

    Returns:
        Tensor `(batch,)`.

    Example:
        >>> checks = (np.indices((1, 16, 16, 1)).sum(0) % 2).astype("float32")
        >>> [round(float(ssim(checks, other)[0]), 1) for other in (checks, 1 - checks)]
        [1.0, -1.0]
    """
    x, y = ops.clip(clean, 0.0, 1.0), ops.clip(restored, 0.0, 1.0)
    window = gaussian_kernel(1.5, truncate=5 / 1.5)
    kernel = np.outer(window, window).astype("float32")[..., None, None]

    def local_mean(image):
        channels = image.shape[-1]
        return ops.depthwise_conv(
            image, ops.convert_to_tensor(np.repeat(kernel, channels, axis=2)), padding="valid"
        )

    mean_x, mean_y = local_mean(x), local_mean(y)
    var_x = local_mean(x * x) - mean_x * mean_x
    var_y = local_mean(y * y) - mean_y * mean_y
    covariance = local_mean(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    similarity = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x * mean_x + mean_y * mean_y + c1) * (var_x + var_y + c2)
    )
    return ops.mean(similarity, axis=(1, 2, 3))


@register
class PSNR(keras.metrics.MeanMetricWrapper):
    """Mean over images of each image's PSNR in dB, as a Keras metric; see `psnr`.

    Args:
        name: Name of the metric in the logs of Keras.
        dtype: Dtype of the mean; that of Keras when `None`.

    Example:
        >>> metric = PSNR()
        >>> metric.update_state(np.zeros((1, 16, 16, 1)), np.full((1, 16, 16, 1), 0.1))
        >>> round(float(metric.result()), 2)
        20.0
    """

    def __init__(self, name: str = "psnr", dtype: Any = None) -> None:
        super().__init__(psnr, name=name, dtype=dtype)
        self._direction = "up"

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}


@register
class SSIM(keras.metrics.MeanMetricWrapper):
    """Mean over images of each image's SSIM, as a Keras metric; see `ssim`.

    Args:
        name: Name of the metric in the logs of Keras.
        dtype: Dtype of the mean; that of Keras when `None`.

    Example:
        >>> metric = SSIM()
        >>> metric.update_state(*np.zeros((2, 1, 16, 16, 1), "float32"))
        >>> round(float(metric.result()), 2)
        1.0
    """

    def __init__(self, name: str = "ssim", dtype: Any = None) -> None:
        super().__init__(ssim, name=name, dtype=dtype)
        self._direction = "up"

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype}


METRICS = {"psnr": psnr, "ssim": ssim}
"""What a task may be judged by: functions of clean and restored images; larger is better."""
