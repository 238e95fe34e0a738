"""How much noise there is in a picture."""

from numpy.typing import ArrayLike

from ..errors import InputError
from .arrays import unit_picture
from .scale import Scale


def estimate_noise(image: ArrayLike, value_range: tuple[float, float] | Scale | None = None) -> float:
    """The standard deviation of the white Gaussian noise in a picture, on the scale of 0 to 255.

    The median of the finest diagonal wavelet coefficients (Donoho and Johnstone 1994), as
    `skimage.restoration.estimate_sigma` computes it. Fine texture counts as noise, clipping at black
    and white takes some away; colour pictures are estimated channel by channel and averaged.

    Args:
        image: As for `restore`, one picture.
        value_range: The values of black and white; found when `None`.

    Returns:
        A number ≥ 0.

    Raises:
        InputError: for what `restore` does not take, and for a batch.
    """
    from skimage.restoration import estimate_sigma

    image, _ = unit_picture(image, value_range)
    if image.ndim == 4:
        raise InputError(
            f"The noise is estimated for one picture at a time. Received: shape={image.shape}."
        )
    image = image[..., :3] if image.ndim == 3 else image
    axis = -1 if image.ndim == 3 else None
    sigma = estimate_sigma(image, average_sigmas=True, channel_axis=axis)
    return 255.0 * float(sigma)
