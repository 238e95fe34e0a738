"""How good a picture looks without a clean one beside it: Q of Zhu and Milanfar."""

import numpy as np

from ..errors import InputError

PATCH = 8
"""Side of a patch in px, as in the paper."""


def metric_q(image: np.ndarray, delta: float = 0.001) -> float:
    """Q of Zhu and Milanfar (2010): how much image content there is that is not noise.

    The picture is cut into patches of 8×8 pixels. s₁ ≥ s₂ are the singular values of the 64×2 matrix
    of a patch's gradients and R = (s₁ − s₂)/(s₁ + s₂) is its coherence. A patch counts as structure if
    R > √((1 − δ^(1/63))/(1 + δ^(1/63))), which white noise exceeds with probability δ. Then

        Q = 1/M · Σ s₁·R    over the structured patches,    M the number of all patches.

    Gradients are central differences, one-sided at the border of a patch, as in the authors' code,
    which divides by the number of all patches too.

    Args:
        image: Array `(height, width)` in [0, 1]; Q is on the scale of 0 to 255, as the papers have it.
        delta: Probability δ that a patch of noise counts as structure.

    Returns:
        Q ≥ 0, larger for sharper pictures with less noise.

    Raises:
        InputError: if the image is smaller than one patch.

    Example:
        >>> edge = np.tile(np.arange(16) // 4 % 2, (16, 1))
        >>> metric_q(edge) > metric_q(0.5 * edge) > metric_q(0 * edge) == 0.0
        True
    """
    image = np.asarray(image, np.float64) * 255.0
    if image.ndim != 2 or min(image.shape) < PATCH:
        raise InputError(
            f"Q takes grey pictures (height, width) of at least {PATCH}×{PATCH} pixels. "
            f"Received: shape={image.shape}."
        )
    rows, columns = (side // PATCH for side in image.shape)
    patches = image[: rows * PATCH, : columns * PATCH]
    patches = patches.reshape(rows, PATCH, columns, PATCH).transpose(0, 2, 1, 3)
    down, right = (np.gradient(patches, axis=axis) for axis in (2, 3))
    # Singular values of [right, down] from the 2×2 matrix of their inner products.
    a, b, c = (np.sum(x * y, axis=(2, 3)) for x, y in ((right, right), (right, down), (down, down)))
    mean, spread = 0.5 * (a + c), np.sqrt(0.25 * (a - c) ** 2 + b**2)
    s1, s2 = np.sqrt(mean + spread), np.sqrt(np.maximum(mean - spread, 0.0))
    coherence = (s1 - s2) / np.maximum(s1 + s2, 1e-12)
    quantile = delta ** (1.0 / (PATCH**2 - 1))
    threshold = np.sqrt((1.0 - quantile) / (1.0 + quantile))
    return float(np.mean(np.where(coherence > threshold, s1 * coherence, 0.0)))
