"""The Haar transform of 2×2 blocks: an orthonormal way to half the resolution and four channels."""

import numpy as np

from .backend import Tensor, ops

_BANDS = 0.5 * np.array(
    # For each pixel of a block (upper left, upper right, lower left, lower right): mean, difference
    # along the rows, along the columns, along both.
    [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]],
    np.float32,
)


def haar(u: Tensor) -> Tensor:
    """Haar coefficients of the 2×2 blocks of an image.

    With a block's pixels p q / r s: ½ (p + q + r + s), ½ (p − q + r − s), ½ (p + q − r − s),
    ½ (p − q − r + s). The transform is orthonormal: it keeps the Euclidean norm, and its adjoint is its
    inverse.

    Args:
        u: Tensor `(batch, height, width, channels)` with even sides.

    Returns:
        Tensor `(batch, height/2, width/2, 4·channels)`, the four coefficients of the first channel,
        then those of the second, and so on.

    Example:
        >>> ops.convert_to_numpy(haar(ops.ones((1, 2, 2, 1)))).ravel()
        array([2., 0., 0., 0.], dtype=float32)
    """
    channels = u.shape[-1]
    kernel = np.zeros((2, 2, channels, 4 * channels), np.float32)
    for channel in range(channels):
        kernel[:, :, channel, 4 * channel : 4 * channel + 4] = _BANDS.reshape(2, 2, 4)
    return ops.conv(u, ops.convert_to_tensor(kernel, dtype=u.dtype), strides=2, padding="valid")


def inverse_haar(coefficients: Tensor) -> Tensor:
    """The image with these Haar coefficients; the adjoint of `haar`.

    Args:
        coefficients: Tensor `(batch, height, width, 4·channels)`, as `haar` returns it.

    Returns:
        Tensor `(batch, 2·height, 2·width, channels)`.

    Example:
        >>> u = ops.reshape(ops.arange(4.0), (1, 2, 2, 1))
        >>> ops.convert_to_numpy(inverse_haar(haar(u))).ravel()
        array([0., 1., 2., 3.], dtype=float32)
    """
    channels = coefficients.shape[-1] // 4
    pixels = np.zeros((4 * channels, 4 * channels), np.float32)
    for channel in range(channels):
        # Pixel after pixel, with all channels of each.
        pixels[4 * channel : 4 * channel + 4, channel::channels] = _BANDS.T
    return to_blocks(ops.matmul(coefficients, ops.convert_to_tensor(pixels, coefficients.dtype)))


def to_blocks(quadrants: Tensor) -> Tensor:
    """Twice the resolution: the channels of a pixel become a 2×2 block.

    Args:
        quadrants: Tensor `(batch, height, width, 4·channels)`: the channels of the upper left pixel of
            each block, then those of the upper right, lower left and lower right one.

    Returns:
        Tensor `(batch, 2·height, 2·width, channels)`.

    Example:
        >>> ops.convert_to_numpy(to_blocks(ops.reshape(ops.arange(4.0), (1, 1, 1, 4))))[0, :, :, 0]
        array([[0., 1.],
               [2., 3.]], dtype=float32)
    """
    batch, height, width, _ = ops.shape(quadrants)
    channels = quadrants.shape[-1] // 4
    halves = (quadrants[..., : 2 * channels], quadrants[..., 2 * channels :])
    # A row of pixels after the other, which is what `stack` along the rows would make of them.
    rows = [ops.reshape(half, (batch, height, 2 * width * channels)) for half in halves]
    return ops.reshape(ops.concatenate(rows, axis=-1), (batch, 2 * height, 2 * width, channels))
