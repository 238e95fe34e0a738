"""The Haar transform as layers: a model between them works at half the resolution."""

from ..pde import haar, inverse_haar, replicate
from ..pde.backend import keras, ops
from .serialization import check_image_shape, register

_ORTHONORMAL = "the Haar transform of 2×2 blocks is orthonormal"


@register
class HaarTransform(keras.layers.Layer):
    """Images to the Haar coefficients of their 2×2 blocks; see `imagepde.pde.haar`.

    An image of odd height or width is first extended by its last row or column.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, ⌈height/2⌉, ⌈width/2⌉, 4·channels)`.

    Example:
        >>> tuple(HaarTransform()(ops.ones((1, 9, 8, 1))).shape)
        (1, 5, 4, 4)
    """

    reach = 1
    coarsening = 2  # Its pixels are so much larger than those of its input.
    alignment = 2

    @property
    def promises(self):
        """What holds for every image, and why; see `zoo.certificate`."""
        return dict.fromkeys(("mean", "norm", "distance"), _ORTHONORMAL)

    def build(self, input_shape):
        check_image_shape(input_shape, "HaarTransform")

    def call(self, inputs):
        _, height, width, _ = ops.shape(inputs)
        # One more row or column always, and then only the whole blocks: a size that is not known when
        # a program is made decides about nothing.
        extended = replicate(inputs, 0, 1)
        return haar(extended[:, : height + height % 2, : width + width % 2])

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        half = [None if side is None else (side + 1) // 2 for side in (height, width)]
        return (batch, *half, 4 * channels)


@register
class InverseHaarTransform(keras.layers.Layer):
    """Haar coefficients back to images; see `imagepde.pde.inverse_haar`.

    Shapes:
        Input a list: coefficients `(batch, ⌈height/2⌉, ⌈width/2⌉, 4·channels)`, and the image that they
        belong to, which tells height and width. Output `(batch, height, width, channels)`.

    Example:
        >>> image = ops.ones((1, 9, 8, 1))
        >>> tuple(InverseHaarTransform()([HaarTransform()(image), image]).shape)
        (1, 9, 8, 1)
    """

    reach = 1
    coarsening = 0.5
    promises = HaarTransform.promises

    def build(self, input_shape):
        coefficients, image = input_shape
        check_image_shape(coefficients, "InverseHaarTransform")
        check_image_shape(image, "InverseHaarTransform")

    def call(self, inputs):
        coefficients, image = inputs
        _, height, width, _ = ops.shape(image)
        return inverse_haar(coefficients)[:, :height, :width]

    def compute_output_shape(self, input_shape):
        coefficients, image = input_shape
        return (*image[:3], coefficients[-1] // 4)
