"""The filtering layer of DiffNet (Arridge and Hauptmann, section 4.3), with its estimator."""

from ..errors import InputError
from ..pde import explicit_euler, five_point_rate
from ..pde.backend import keras, ops
from .convolution import ReflectingConvolution
from .serialization import build_once, check_positive_integer, register
from .traits import ImageLayer, Traits


@register
class FilteringStep(ImageLayer):
    """One step u + δt W(ζ(u)) u with five-point filters ζ that a small network estimates from u.

        u ← u + δt · ( Σ_k ζ_k (u_k − u) + s u ),        (ζ₁ … ζ₄, s) = estimator(u)

    This is DiffNet's u + δt (ζ₁ u_above + ζ₂ u_left + ζ₃ u_below + ζ₄ u_right − ζ₅ u) (eqs. 4.6, 4.7)
    with s = ζ₁ + ζ₂ + ζ₃ + ζ₄ − ζ₅: a linear change of the estimator's last convolution turns one into
    the other exactly, and `filters` gives the paper's ζ₁ … ζ₅. As differences, nothing large is
    subtracted from something as large.

    The estimator has K convolutions, the first K − 1 with 32 channels and ReLU (Fig. 3). δt is learned.

    Args:
        layers: K, at least 2.
        channels: Channels between the convolutions.
        kernel_size: Side of the kernels.
        time_step: Where δt starts, in px².
        shared: Whether all channels of the image share one filter (Remark 4.2), or have one each.
        estimator_dtype: Precision of the estimator, a dtype policy such as `"mixed_bfloat16"`; that of
            the layer when `None`. The step itself is always computed in the precision of the layer.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`. The boundary is reflecting (homogeneous
        Neumann), as the paper says; its authors' code pads with zeros.

    Raises:
        InputError: if K is less than 2.

    Example:
        >>> step = FilteringStep(layers=4)
        >>> tuple(step(ops.ones((1, 8, 8, 1))).shape)
        (1, 8, 8, 1)
        >>> step.count_params()
        20262
    """

    def __init__(
        self,
        layers=4,
        channels=32,
        kernel_size=3,
        time_step=0.2,
        shared=True,
        estimator_dtype=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.layers = check_positive_integer(layers, "layers")
        if layers < 2:
            raise InputError(f"`layers` must be at least 2. Received: layers={layers}.")
        self.channels = check_positive_integer(channels, "channels")
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")
        self.time_step = float(time_step)
        self.shared = bool(shared)
        self.estimator_dtype = estimator_dtype

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=max(1, self.layers * (self.kernel_size // 2)),
            smallest_side=max(1, self.kernel_size // 2),
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        outputs = 5 if self.shared else 5 * input_shape[-1]
        counts = [*[self.channels] * (self.layers - 1), outputs]
        shape = tuple(input_shape)
        self.estimator = []
        for i, count in enumerate(counts):
            convolution = ReflectingConvolution(
                count,
                self.kernel_size,
                kernel_initializer="glorot_uniform",
                dtype=self.estimator_dtype or self.dtype_policy,
                name=f"convolution_{i}",
            )
            build_once(convolution, shape)
            self.estimator.append(convolution)
            shape = (*shape[:-1], count)
        self.time_step_weight = self.add_weight(
            shape=(), name="time_step", initializer=keras.initializers.Constant(self.time_step)
        )

    def _estimate(self, u):
        """ζ₁ … ζ₄ and s, in the precision of the layer."""
        x = u
        for convolution in self.estimator[:-1]:
            x = ops.relu(convolution(x))
        fields = ops.cast(self.estimator[-1](x), u.dtype)
        count = fields.shape[-1] // 5
        return fields[..., : 4 * count], fields[..., 4 * count :]

    def filters(self, inputs):
        """The paper's filters (eq. 4.7) for these images.

        Returns:
            Tensor `(batch, height, width, 5, 1)`, or `(…, 5, channels)` if they are not shared: ζ₁
            above, ζ₂ left, ζ₃ below, ζ₄ right and ζ₅ in the centre.
        """
        neighbours, excess = self._estimate(inputs)
        split = ops.stack(ops.split(neighbours, 4, axis=-1), axis=-2)
        centre = ops.sum(split, axis=-2) - excess
        return ops.concatenate([split, ops.expand_dims(centre, -2)], axis=-2)

    def call(self, inputs):
        return explicit_euler(
            lambda u: five_point_rate(u, *self._estimate(u)), inputs, self.time_step_weight
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "layers": self.layers,
            "channels": self.channels,
            "kernel_size": self.kernel_size,
            "time_step": self.time_step,
            "shared": self.shared,
            "estimator_dtype": self.estimator_dtype,
        }
