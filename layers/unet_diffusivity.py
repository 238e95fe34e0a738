"""A diffusivity that a U-Net computes ("Learning diffusion functions", section 3.3)."""

import dataclasses

from ..pde import reflect
from ..pde.backend import ops
from .serialization import build_once, register
from .traits import ImageLayer, Traits
from .unet import UNet


@register
class UNetDiffusivity(ImageLayer):
    """A diffusivity on the edges between pixels, g = sigmoid(U-Net(u)) ∈ (0, 1).

    The U-Net has two channels of output at each pixel: one for the edge to the pixel below, one for
    the edge to the pixel on the right. The sigmoid puts g in (0, 1) whatever the weights are, so that
    an explicit step with τ ≤ ¼ px² obeys the extremum principle for every weight value.

    Differences from the paper: three levels (its authors' code has two, the text five) with two
    convolutions of 3×3 instead of three of 5×5; no batch normalisation and no standardisation of the
    image, so that g does not depend on anything far away; g on the edges instead of at the pixels.

    Args:
        filters: Number of channels of each level, the finest first.
        convolutions: Convolutions on a level, on each way.
        kernel_size: Side of their kernels.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output a pair `(batch, height + 1, width, 1)` and
        `(batch, height, width + 1, 1)`, as `imagepde.pde.diffusion_rate` takes them.

    Example:
        >>> rows, columns = UNetDiffusivity(filters=(4, 8))(ops.zeros((1, 8, 8, 1)))
        >>> tuple(rows.shape), tuple(columns.shape)
        ((1, 9, 8, 1), (1, 8, 9, 1))
    """

    def __init__(self, filters=(8, 16, 32), convolutions=2, kernel_size=3, **kwargs):
        super().__init__(**kwargs)
        self.unet = UNet(filters, 2, convolutions, kernel_size, dtype=self.dtype_policy, name="unet")

    @property
    def traits(self) -> Traits:
        """Those of the U-Net; from either pixel of an edge it sees as far."""
        return dataclasses.replace(self.unet.traits, gives="field")

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.unet, input_shape)

    def call(self, inputs):
        g = ops.sigmoid(self.unet(inputs))
        # Edge i of a row lies before pixel i; what stands on the border does not matter.
        return reflect(g[..., :1], (1, 0), (0, 0)), reflect(g[..., 1:], (0, 1), (0, 0))

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        rows, columns = (None if side is None else side + 1 for side in (height, width))
        return (batch, rows, width, 1), (batch, height, columns, 1)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.unet.filters,
            "convolutions": self.unet.convolutions,
            "kernel_size": self.unet.kernel_size,
        }
