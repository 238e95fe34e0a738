"""Diffusion tensors as layers: those of the classical anisotropic filters, and one that is learned."""

import math

from ..errors import InputError
from ..pde import (
    DIFFUSIVITIES,
    coherence_enhancing,
    edge_enhancing,
    edge_enhancing_single,
    gaussian_kernel,
    isotropic,
    reflect,
    structure_tensor,
)
from ..pde.backend import keras, ops
from .convolution import ReflectingConvolution
from .scalars import CONTRAST_RANGE, add_scalar, check_contrast, clipped
from .serialization import build_once, check_positive_integer, register
from .traits import ImageLayer, Traits


class StructureTensorLayer(ImageLayer):
    """What the tensors from a structure tensor share: its scales, and that they can be learned.

    Args:
        contrast: λ in grey value per px; where the weight starts if it is learned.
        sigma: Scale σ of the noise in px.
        rho: Integration scale ρ in px.
        learn: Whether contrast and scales are trainable weights; a scale may double then.
        **kwargs: `name`, `dtype` and the like.
    """

    def __init__(self, contrast, sigma, rho, learn, **kwargs):
        super().__init__(**kwargs)
        self.contrast, self.learn = check_contrast(contrast), bool(learn)
        self.sigma, self.rho = float(sigma), float(rho)
        self._radii = [len(gaussian_kernel(s * (1 + self.learn))) // 2 for s in (sigma, rho)]

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=1 + sum(self._radii),
            smallest_side=1 + sum(self._radii),
            gives="field",
            mirrors=True,
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        if self.learn:
            self.contrast_weight = add_scalar(self, "contrast", self.contrast, *CONTRAST_RANGE)
            self.scales = [
                add_scalar(self, name, value, 0.1, 2 * value) if value else None
                for name, value in (("sigma", self.sigma), ("rho", self.rho))
            ]

    def _kernel(self, weight, radius):
        """The sampled Gaussian of a learned scale."""
        if weight is None:
            return [1.0]
        scale = ops.cast(clipped(weight), "float32")
        values = [ops.exp(-0.5 * (x / scale) ** 2) for x in range(radius + 1)]
        total = values[0] + 2 * sum(values[1:])
        return [values[abs(x)] / total for x in range(-radius, radius + 1)]

    def call(self, inputs):
        inputs = ops.cast(inputs, "float32")
        if not self.learn:
            structure = structure_tensor(inputs, self.sigma, self.rho)
            return self.tensor(structure, self.contrast)
        kernels = [self._kernel(w, r) for w, r in zip(self.scales, self._radii, strict=True)]
        contrast = ops.cast(clipped(self.contrast_weight), "float32")
        return self.tensor(structure_tensor(inputs, *kernels), contrast)

    def compute_output_shape(self, input_shape):
        return corner_shapes(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "contrast": self.contrast,
            "sigma": self.sigma,
            "rho": self.rho,
            "learn": self.learn,
        }


def corner_shapes(input_shape):
    """The shapes of the three entries of a tensor at the corners of the pixels."""
    batch, *sides, _ = input_shape
    shape = (batch, *(None if side is None else side + 1 for side in sides), 1)
    return shape, shape, shape


@register
class EdgeEnhancingTensor(StructureTensorLayer):
    """D = g(J_ρ(∇u_σ)): diffuses along edges, not across them (Weickert 1998); see `edge_enhancing`.

    Args:
        contrast: λ in grey value per px; where the weight starts if it is learned.
        sigma: σ in px.
        rho: ρ in px; 0 for edge-enhancing diffusion itself.
        form: The diffusivity g, a name of `pde.DIFFUSIVITIES`.
        learn: Whether contrast and scales are trainable weights.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output the three entries (a, b, c) of D at the corners
        of the pixels, `(batch, height + 1, width + 1, 1)` each.

    Raises:
        InputError: if there is no form of this name, or the contrast is out of its range.

    Example:
        >>> d = EdgeEnhancingTensor(sigma=0.5)(ops.ones((1, 8, 8, 1)))
        >>> [round(float(entry[0, 4, 4, 0]), 2) for entry in d]
        [1.0, 0.0, 1.0]
    """

    largest = (1.0, 1.0)
    """The largest eigenvalues λ₁ ≥ λ₂ that D can have."""

    def __init__(self, contrast=0.02, sigma=1.0, rho=0.0, form="weickert", learn=False, **kwargs):
        super().__init__(contrast, sigma, rho, learn, **kwargs)
        if form not in DIFFUSIVITIES:
            raise InputError(f"`form` must be one of {sorted(DIFFUSIVITIES)}. Received: {form!r}.")
        self.form = form
        self._one_gradient = False

    def build(self, input_shape):
        super().build(input_shape)
        self._one_gradient = not self.rho and input_shape[-1] == 1

    def tensor(self, structure, contrast):
        """D for a structure tensor."""

        def diffusivity(squared):
            return DIFFUSIVITIES[self.form](squared, contrast)

        make = edge_enhancing_single if self._one_gradient else edge_enhancing
        return make(structure, diffusivity)

    def get_config(self):
        return {**super().get_config(), "form": self.form}


@register
class IsotropicTensor(EdgeEnhancingTensor):
    """D = g(|∇u_σ|²) I: Perona–Malik diffusion on the δ-stencil. Arguments as `EdgeEnhancingTensor`.

    Example:
        >>> d = IsotropicTensor(sigma=0.5)(ops.ones((1, 8, 8, 1)))
        >>> [round(float(entry[0, 4, 4, 0]), 2) for entry in d]
        [1.0, 0.0, 1.0]
    """

    def tensor(self, structure, contrast):
        return isotropic(structure, lambda squared: DIFFUSIVITIES[self.form](squared, contrast))


@register
class CoherenceEnhancingTensor(StructureTensorLayer):
    """Diffuses along flow-like structures only (Weickert 1999); see `coherence_enhancing`.

    Args:
        contrast: λ = C^¼ in grey value per px: structures with √(μ₁ − μ₂) above it count.
        sigma: σ in px.
        rho: ρ in px.
        least: α, the diffusion across structures and where there are none.
        learn: Whether contrast and scales are trainable weights.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        As `EdgeEnhancingTensor`.

    Raises:
        InputError: if α is not in (0, 1), or the contrast is out of its range.

    Example:
        >>> d = CoherenceEnhancingTensor(rho=1.0, least=0.01)(ops.ones((1, 8, 8, 1)))
        >>> [round(float(entry[0, 4, 4, 0]), 2) for entry in d]
        [0.01, 0.0, 0.01]
    """

    def __init__(self, contrast=0.02, sigma=0.5, rho=4.0, least=0.001, learn=False, **kwargs):
        super().__init__(contrast, sigma, rho, learn, **kwargs)
        if not 0 < least < 1:
            raise InputError(f"`least` must lie in (0, 1). Received: least={least}.")
        self.least = float(least)

    @property
    def largest(self):
        """The largest eigenvalues λ₁ ≥ λ₂ that D can have."""
        return 1.0, self.least

    def tensor(self, structure, contrast):
        """D for a structure tensor."""
        return coherence_enhancing(structure, self.least, contrast**4)

    def get_config(self):
        return {**super().get_config(), "least": self.least}


@register
class HomogeneousTensor(ImageLayer):
    """D = I: linear, homogeneous diffusion, to compare. Shapes as `EdgeEnhancingTensor`.

    Args:
        **kwargs: `name`, `dtype` and the like.

    Example:
        >>> d = HomogeneousTensor()(ops.ones((1, 8, 8, 1)))
        >>> [round(float(entry[0, 4, 4, 0]), 2) for entry in d]
        [1.0, 0.0, 1.0]
    """

    largest = (1.0, 1.0)
    """The eigenvalues λ₁ and λ₂ of D."""

    traits = Traits(reach=1, gives="field", mirrors=True)

    def call(self, inputs):
        one = ops.ones_like(reflect(inputs[..., :1], (0, 0), (1, 1)), dtype="float32")
        return one, 0.0 * one, one

    def compute_output_shape(self, input_shape):
        return corner_shapes(input_shape)


@register
class EstimatedTensor(ImageLayer):
    """A diffusion tensor that a small network finds: D = L Lᵀ / (1 + tr L Lᵀ), L lower triangular.

    Positive semidefinite with a trace below one for every weight value, whatever the image. The network
    has two convolutions: kernels of mean zero at the pixels, so that brightness does not matter, ReLU,
    and kernels of an even side to the corners, which make the three entries of L.

    Args:
        channels: Channels between the convolutions.
        kernel_size: Side of the first kernels.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        As `EdgeEnhancingTensor`. The boundary is reflecting.

    Example:
        >>> a, b, c = EstimatedTensor(channels=4)(ops.ones((1, 8, 8, 1)))
        >>> tuple(a.shape), bool(ops.all(a + c < 1))
        ((1, 9, 9, 1), True)
    """

    largest = (1.0, 0.0)
    """The largest eigenvalues λ₁ ≥ λ₂ that D can have: λ₁ + λ₂ ≤ 1."""

    def __init__(self, channels=32, kernel_size=5, **kwargs):
        super().__init__(**kwargs)
        self.channels = check_positive_integer(channels, "channels")
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")
        self.features = ReflectingConvolution(
            channels,
            kernel_size,
            zero_mean=True,
            # Noise of 25/255 has the size of 0.1: the kernels bring it to about one.
            kernel_initializer=keras.initializers.VarianceScaling(200.0, "fan_in"),
            dtype=self.dtype_policy,
            name="features",
        )

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=self.kernel_size // 2 + 2,
            smallest_side=max(2, self.kernel_size // 2),
            gives="field",
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.features, input_shape)
        self.kernel = self.add_weight(
            shape=(4, 4, self.channels, 3), name="kernel", initializer="he_normal"
        )
        self.bias = self.add_weight(
            # L starts near the identity times √½.
            shape=(3,),
            name="bias",
            initializer=_Start(),
        )

    def call(self, inputs):
        features = ops.relu(self.features(inputs))
        entries = ops.conv(reflect(features, 2), self.kernel, padding="valid") + self.bias
        p, q, r = (entries[..., k : k + 1] for k in range(3))
        a, b, c = p * p, p * q, q * q + r * r
        share = 1.0 / (1.0 + a + c)
        return a * share, b * share, c * share

    def compute_output_shape(self, input_shape):
        return corner_shapes(input_shape)

    def get_config(self):
        return {**super().get_config(), "channels": self.channels, "kernel_size": self.kernel_size}


@register
class _Start(keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return ops.convert_to_tensor([math.sqrt(0.5), 0.0, math.sqrt(0.5)], dtype=dtype)
