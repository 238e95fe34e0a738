"""The U-Net of Ronneberger, Fischer and Brox (2015), with a reflecting boundary."""

from ..errors import InputError
from ..pde import to_blocks
from ..pde.backend import correlate, keras, ops
from ..pde.tracing import being_traced
from .convolution import BLOCK, ReflectingConvolution
from .serialization import build_once, check_positive_integer, register
from .traits import ImageLayer, Traits


@register
class UNet(ImageLayer):
    """A U-Net: convolutions at ever coarser resolution and back, with the finer ones joined again.

    On the way down, each level has `convolutions` 3×3 convolutions with ReLU and hands the maximum of
    2×2 pixels to the next. On the way up, a transposed convolution doubles the resolution, the
    features of the same level from the way down are joined, and as many convolutions follow. One more
    convolution makes the output.

    Args:
        filters: Number of channels of each level, the finest first.
        outputs: Channels of the output.
        convolutions: Convolutions on a level, on each way.
        kernel_size: Side of their kernels.
        doubling_size: Side of the kernels of the transposed convolutions, 2 or 3.
        last_size: Side of the kernels of the last convolution, which makes the output.
        zero_mean: Whether the kernels of the first convolution have mean zero, so that the output
            does not depend on the brightness.
        deviation: Standard deviation of what the first kernels look for, noise or edges; they start so
            large that they bring it to about one.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, height, width, outputs)`; any height
        and width of at least 2^(levels − 1).

    Raises:
        InputError: if `filters` is empty, or `doubling_size` is neither 2 nor 3.

    Example:
        >>> tuple(UNet(filters=(4, 8), outputs=2)(ops.zeros((1, 9, 16, 1))).shape)
        (1, 9, 16, 2)
    """

    def __init__(
        self,
        filters=(8, 16, 32),
        outputs=1,
        convolutions=2,
        kernel_size=3,
        doubling_size=2,
        last_size=1,
        zero_mean=True,
        deviation=0.1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = tuple(check_positive_integer(count, "filters") for count in filters)
        if not self.filters:
            raise InputError("`filters` must name at least one level. Received: filters=().")
        self.outputs = check_positive_integer(outputs, "outputs")
        self.convolutions = check_positive_integer(convolutions, "convolutions")
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")
        if doubling_size not in (2, 3):
            raise InputError(f"`doubling_size` must be 2 or 3. Received: {doubling_size!r}.")
        self.doubling_size = doubling_size
        self.zero_mean = bool(zero_mean)
        self.deviation = float(deviation)
        levels = range(len(self.filters))
        self.down = [self._level(f"down_{i}", i, first=i == 0) for i in levels]
        self.up = [self._level(f"up_{i}", i) for i in levels[:-1]]
        self.doubling = [self._doubling(f"doubling_{i}", self.filters[i]) for i in levels[:-1]]
        self.last_size = check_positive_integer(last_size, "last_size")
        self.last = ReflectingConvolution(
            outputs,
            last_size,
            kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
            dtype=self.dtype_policy,
            name="last",
        )

    def _doubling(self, name, filters):
        if self.doubling_size == 2:
            return ReflectingConvolution(4 * filters, 1, dtype=self.dtype_policy, name=name)
        return keras.layers.Conv2DTranspose(
            filters, 3, strides=2, padding="same", dtype=self.dtype_policy, name=name
        )

    def _level(self, name, level, first=False):
        return [
            ReflectingConvolution(
                self.filters[level],
                self.kernel_size,
                zero_mean=self.zero_mean and first and j == 0,
                kernel_initializer=keras.initializers.VarianceScaling(
                    2.0 / self.deviation**2 if first and j == 0 else 2.0, "fan_in"
                ),
                dtype=self.dtype_policy,
                name=f"{name}_{j}",
            )
            for j in range(self.convolutions)
        ]

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        radius, way = self.kernel_size // 2, self.convolutions
        coarse = len(self.filters) - 1
        on_both_ways = sum(2 * way * radius * 2**i for i in range(coarse))
        # Each change of resolution adds the width of a block, or of a kernel of three.
        blocks = self.doubling_size * (2**coarse - 1)
        return Traits(
            reach=on_both_ways + way * radius * 2**coarse + blocks + self.last_size // 2,
            smallest_side=2**coarse * (max(1, radius) - 1) + 1,
            # A window must start at a multiple of the coarsest pixels.
            alignment=2**coarse,
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        batch = input_shape[0]

        def build_all(convolutions, channels):
            for convolution in convolutions:
                build_once(convolution, (batch, None, None, channels))
                channels = convolution.filters

        before = input_shape[-1]
        for level, filters in zip(self.down, self.filters, strict=True):
            build_all(level, before)
            before = filters
        for i in reversed(range(len(self.up))):
            build_all([self.doubling[i]], self.filters[i + 1])
            build_all(self.up[i], 2 * self.filters[i])
        build_all([self.last], self.filters[0])

    def call(self, inputs):
        x, passed = inputs, []
        for i, level in enumerate(self.down):
            x = _through(level, ops.max_pool(x, BLOCK, BLOCK, padding="same") if i else x)
            passed.append(x)
        for i in reversed(range(len(self.up))):
            fine = passed[i]
            _, height, width, _ = ops.shape(fine)
            x = self._doubled(self.doubling[i], x)[:, :height, :width]
            x = _through(self.up[i], ops.concatenate([fine, x], axis=-1))
        return self.last(x)

    def _doubled(self, doubling, x):
        if self.doubling_size == 2:
            return to_blocks(doubling(x))
        if being_traced().transposed_convolutions:
            return doubling(x)
        return _doubled_in_blocks(doubling, x)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.outputs)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "outputs": self.outputs,
            "convolutions": self.convolutions,
            "kernel_size": self.kernel_size,
            "doubling_size": self.doubling_size,
            "last_size": self.last_size,
            "zero_mean": self.zero_mean,
            "deviation": self.deviation,
        }


def _doubled_in_blocks(transposed, x):
    """What a transposed 3×3 convolution of stride 2 makes of an image, by a convolution of its blocks.

    The pixels 2 i of a row are K₀ᵀ x_i + K₂ᵀ x_{i−1}, the pixels 2 i + 1 are K₁ᵀ x_i.
    """
    kernel = ops.transpose(ops.convert_to_tensor(transposed.kernel), (0, 1, 3, 2))
    upper, lower = kernel[::-2], ops.pad(kernel[1:2], ((1, 0), (0, 0), (0, 0), (0, 0)))
    blocks = [
        part
        for rows in (upper, lower)
        for part in (rows[:, ::-2], ops.pad(rows[:, 1:2], ((0, 0), (1, 0), (0, 0), (0, 0))))
    ]
    blocks, bias = ops.concatenate(blocks, axis=-1), ops.convert_to_tensor(transposed.bias)
    before = ops.pad(x, ((0, 0), (1, 0), (1, 0), (0, 0)))
    return to_blocks(correlate(before, blocks) + ops.tile(bias, 4))


def _through(level, x):
    for convolution in level:
        x = ops.relu(convolution(x))
    return x
