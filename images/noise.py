"""How much noise there is in a picture, as one number."""

from numpy.typing import ArrayLike

from .noise_measuring import measure_noise
from .scale import Scale


def estimate_noise(image: ArrayLike, value_range: tuple[float, float] | Scale | None = None) -> float:
    """The standard deviation of the noise in a picture, on the scale of 0 to 255.

    The σ of `measure_noise`, which also says how it depends on the brightness and whether neighbours
    are correlated. Of noise that depends on the brightness it is the root of the mean variance.

    Args:
        image: As for `restore`, one picture.
        value_range: The values of black and white; found when `None`.

    Returns:
        A number ≥ 0.

    Raises:
        InputError: for what `restore` does not take, and for a batch.

    Example:
        >>> import numpy as np
        >>> noise = np.random.default_rng(0).standard_normal((256, 256))
        >>> round(estimate_noise(0.5 + 10 / 255 * noise))
        10
    """
    return measure_noise(image, value_range).sigma
