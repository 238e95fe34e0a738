"""The Fields-of-Experts diffusivity ("Learning diffusion functions", section 3.2)."""

from typing import Any, Protocol, runtime_checkable

from ..errors import InputError
from ..pde import reflect, reflect_for_kernel
from ..pde.backend import correlate, keras, ops
from .initializers import Tent
from .linear_spline import LinearSpline
from .serialization import as_layer, build_once, check_positive_integer, register
from .spline_sum import sum_of_splines
from .traits import ImageLayer, Traits


@runtime_checkable
class HasLogarithm(Protocol):
    """An activation with values in (0, 1] that can compute their logarithm, for products of many."""

    def logarithm(self, inputs: Any) -> Any:
        """log φ_i(x), for a tensor `(..., channels)`."""
        ...


@register
class FieldsOfExperts(ImageLayer):
    """A diffusivity that is learned from the opinions of experts on an image's neighbourhood.

        g(u) = sigmoid( Σ_i φ_i( sigmoid(K_i ∗ u) ) )    as a sum,        i = 1 … N
        g(u) = Π_i φ_i( K_i ∗ u )                        as a product, for φ_i in (0, 1]

    K_i are learned kernels of side k, φ_i learned activations (paper: a(u) = Σ φ_i(K_i u); the
    authors' code takes the exponential of the sum). Either way g lies in [0, 1] whatever the weights
    are, so that an explicit step with τ ≤ ¼ px² obeys the extremum principle for every weight value.
    All channels of u are seen together and share one diffusivity.

    The product is the form of Roth and Black (2005) and made for their functions: these are positive,
    so a sum of them, through a sigmoid, could never fall below ½ and stop a flux.

    Differences from the authors' code: the kernels have mean zero, and the image is not standardised
    to its own mean and variance. So g does not depend on the brightness, nor, through the contrast
    of the picture elsewhere, on anything outside of the neighbourhood, and noise of a known strength
    means the same in every picture. And the offsets of φ_i can learn.

    Where g sits decides how well it can stop a flux. At the pixels (as in the paper), averaged to the
    edges between them, a g that is low on both sides of a contour stops the diffusion along it too,
    so its noise stays. On the edges, each pair of neighbours has a g of its own, seen by kernels of k
    pixels along the edge and k + 1 (the next even number) across, the same ones turned for rows and
    columns, as in the scheme of Perona and Malik (1990).

    Args:
        experts: Number of experts N; the paper has 4 to 34.
        kernel_size: Side k of the kernels; the paper has 3 to 12.
        location: `"pixels"` or `"edges"`.
        activation: Layer that maps `(batch, height, width, N)` to the same shape, channel by
            channel; a `LinearSpline` of 20 pieces that peaks at ½, the response of a flat
            neighbourhood, when `None`.
        kernel_initializer: Initialiser of the kernels.
        combination: `"sum"` or `"product"`; for a product the activation must have values in (0, 1]
            and a method `logarithm`, as `RothBlack` has.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, height, width, 1)`, or for edges a
        pair `(batch, height + 1, width, 1)` and `(batch, height, width + 1, 1)`, as
        `imagepde.pde.diffusion_rate` takes them. The boundary is reflecting, so height and width
        must be at least (k + 1)/2.

    Raises:
        InputError: if there is no location or combination of this name, or the activation has no
            logarithm where a product needs one.

    Example:
        >>> g = FieldsOfExperts(experts=4, kernel_size=3)(ops.zeros((1, 8, 8, 1)))
        >>> tuple(g.shape)
        (1, 8, 8, 1)
    """

    def __init__(
        self,
        experts=30,
        kernel_size=5,
        location="pixels",
        activation=None,
        kernel_initializer=None,
        combination="sum",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.experts = check_positive_integer(experts, "experts")
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")
        if location not in ("pixels", "edges"):
            raise InputError(f"`location` must be 'pixels' or 'edges'. Received: {location!r}.")
        self.location = location
        if combination not in ("sum", "product"):
            raise InputError(f"`combination` must be 'sum' or 'product'. Received: {combination!r}.")
        self.combination = combination
        if activation is None:
            activation = LinearSpline(slope_initializer=Tent(2.0 / experts), offset_initializer="zeros")
        self.activation = as_layer(activation, "activation")
        if combination == "product" and not isinstance(self.activation, HasLogarithm):
            raise InputError(
                "A product of experts needs activations in (0, 1] with a method `logarithm`, as "
                f"`RothBlack` has. Received: {type(self.activation).__name__}."
            )
        if kernel_initializer is None:
            kernel_initializer = keras.initializers.RandomNormal(stddev=4.0)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            # From the pixel, or from both pixels of the edge.
            reach=self.kernel_size // 2 if self.location == "pixels" else self._across // 2 - 1,
            smallest_side=(self.kernel_size + 1) // 2,
            gives="field",
        )

    @property
    def _across(self):
        """Size of a kernel across an edge, even so that the edge is in its middle."""
        return self.kernel_size if self.location == "pixels" else 2 * ((self.kernel_size + 1) // 2)

    def build(self, input_shape):
        self.expect_images(input_shape)
        self.kernel = self.add_weight(
            shape=(self.kernel_size, self._across, input_shape[-1], self.experts),
            name="kernel",
            initializer=self.kernel_initializer,
        )
        build_once(self.activation, (*input_shape[:-1], self.experts))

    def call(self, inputs):
        # Without its mean, a kernel sees structure and not brightness.
        kernel = self.kernel - ops.mean(self.kernel, axis=(0, 1), keepdims=True)
        if self.location == "pixels":
            return self._opinion(reflect_for_kernel(inputs, self.kernel_size), kernel)
        before, after = (self.kernel_size - 1) // 2, self.kernel_size // 2
        half = self._across // 2
        rows = reflect(inputs, (half, before), (half, after))
        columns = reflect(inputs, (before, half), (after, half))
        return (
            self._opinion(rows, ops.transpose(kernel, (1, 0, 2, 3))),
            self._opinion(columns, kernel),
        )

    def _opinion(self, u, kernel):
        if self.combination == "sum" and isinstance(self.activation, LinearSpline):
            table = ops.cast(self.activation.knot_values(), u.dtype)
            return ops.sigmoid(sum_of_splines(u, kernel, table))
        response = correlate(u, kernel)
        if self.combination == "product":
            opinions = self.activation.logarithm(response)
            return ops.exp(ops.sum(opinions, axis=-1, keepdims=True))
        opinions = self.activation(ops.sigmoid(response))
        return ops.sigmoid(ops.sum(opinions, axis=-1, keepdims=True))

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        if self.location == "pixels":
            return (batch, height, width, 1)
        rows, columns = (None if side is None else side + 1 for side in (height, width))
        return (batch, rows, width, 1), (batch, height, columns, 1)

    def get_config(self):
        return {
            **super().get_config(),
            "experts": self.experts,
            "kernel_size": self.kernel_size,
            "location": self.location,
            "activation": keras.saving.serialize_keras_object(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "combination": self.combination,
        }
