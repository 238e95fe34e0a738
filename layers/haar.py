"""The Haar transform as layers: a model between them works at half the resolution."""

from fractions import Fraction

from ..pde import haar, inverse_haar, replicate
from ..pde.backend import ops
from .serialization import register
from .traits import ImageLayer, Traits

_ORTHONORMAL = "the Haar transform of 2×2 blocks is orthonormal"


@register
class HaarTransform(ImageLayer):
    """Images to the Haar coefficients of their 2×2 blocks; see `imagepde.pde.haar`.

    An image of odd height or width is first extended by its last row or column.

    Args:
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, ⌈height/2⌉, ⌈width/2⌉, 4·channels)`.

    Example:
        >>> tuple(HaarTransform()(ops.ones((1, 9, 8, 1))).shape)
        (1, 5, 4, 4)
    """

    traits = Traits(
        reach=1,
        alignment=2,
        coarsening=2,
        extended_to=2,
        mirrors=True,
        promises=dict.fromkeys(("mean", "norm", "distance"), _ORTHONORMAL),
    )

    def build(self, input_shape):
        self.expect_images(input_shape)

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
class InverseHaarTransform(ImageLayer):
    """Haar coefficients back to images; see `imagepde.pde.inverse_haar`.

    Args:
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input a list: coefficients `(batch, ⌈height/2⌉, ⌈width/2⌉, 4·channels)`, and the image that they
        belong to, which tells height and width. Output `(batch, height, width, channels)`.

    Example:
        >>> image = ops.ones((1, 9, 8, 1))
        >>> tuple(InverseHaarTransform()([HaarTransform()(image), image]).shape)
        (1, 9, 8, 1)
    """

    traits = Traits(
        reach=1, coarsening=Fraction(1, 2), mirrors=True, promises=HaarTransform.traits.promises
    )

    def build(self, input_shape):
        coefficients, image = input_shape
        self.expect_images(coefficients, image)

    def call(self, inputs):
        coefficients, image = inputs
        _, height, width, _ = ops.shape(image)
        return inverse_haar(coefficients)[:, :height, :width]

    def compute_output_shape(self, input_shape):
        coefficients, image = input_shape
        return (*image[:3], coefficients[-1] // 4)
