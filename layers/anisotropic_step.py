"""Explicit anisotropic diffusion on the δ-stencil, as a stencil and as a ResNet block."""

import numpy as np

from ..pde import (
    anisotropic_rate,
    check_stencil,
    check_time_step,
    cycle_time,
    directional_diffusivities,
    fed_cycle,
    free_parameter,
    reflect,
    spectral_norm_bound,
    stable_anisotropic_time_step,
    zero_on_border,
)
from ..pde.backend import keras, ops
from .scalars import add_scalar, clipped
from .serialization import as_layer, build_once, check_positive_integer, register
from .traits import ImageLayer, Loop, Traits


@register
class AnisotropicDiffusionStep(ImageLayer):
    """u + τ A(D(u)) u, an explicit step of ∂u/∂t = div(D ∇u) on the δ-stencil.

    Schrader, Weickert and Krause (2023), eqs. 4, 9 and 10.

    Stable in the Euclidean norm, ‖u_{k+1}‖ ≤ ‖u_k‖, for every image: D is positive semidefinite, its
    eigenvalues are bounded by those that the tensor layer promises, and τ obeys eq. 24, also when it is
    learned. The mean grey value is preserved. All channels share D.

    Args:
        tensor: Layer that maps images to the entries of D at the corners of the pixels, with an
            attribute `largest` (the largest eigenvalues), for instance `EdgeEnhancingTensor`.
        time_step: τ in px²; the largest stable one when `None`.
        alpha: α of the stencil, 0 ≤ α ≤ ½.
        gamma: γ of the stencil, |γ| ≤ 1.
        cycle: Number of steps with the same D: 1, or more for a cycle of fast explicit diffusion,
            which is as stable and reaches the time τ (n² + n)/3.
        learn_time_step: Whether τ is a trainable weight; it starts at `time_step`.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`.

    Raises:
        InputError: if α, γ or τ are outside of what the theory covers.

    Example:
        >>> from imagepde.layers import EdgeEnhancingTensor
        >>> step = AnisotropicDiffusionStep(EdgeEnhancingTensor(sigma=0.5))
        >>> round(step.largest_time_step, 3), float(ops.mean(step(ops.ones((1, 8, 8, 1)))))
        (0.417, 1.0)
    """

    def __init__(
        self,
        tensor,
        time_step=None,
        alpha=0.4,
        gamma=1.0,
        cycle=1,
        learn_time_step=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_stencil(alpha, gamma)
        self.tensor = as_layer(tensor, "tensor")
        self.alpha, self.gamma = float(alpha), float(gamma)
        bound = self.largest_time_step
        self.time_step = bound if time_step is None else check_time_step(time_step, bound)
        self.cycle = check_positive_integer(cycle, "cycle")
        self.learn_time_step = bool(learn_time_step)

    @property
    def largest_time_step(self):
        """The largest stable τ in px² for what D can be (Corollary 1, eq. 24)."""
        return stable_anisotropic_time_step(*self.tensor.largest, self.alpha, self.gamma)

    @property
    def _bound(self):
        """τ as it is now."""
        learned = self.learn_time_step and self.built
        return clipped(self.time_step_weight) if learned else self.time_step

    @property
    def duration(self):
        """The time that a step takes, in px², a cycle at once."""
        return cycle_time(self.cycle, self._bound)

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        tensor = self.tensor.traits
        bound = spectral_norm_bound(*self.tensor.largest, self.alpha, self.gamma)
        return Traits(
            # A cycle carries the image as far as it has steps, and sees D that far away.
            reach=self.cycle + tensor.reach,
            smallest_side=max(tensor.smallest_side, tensor.reach),
            mirrors=tensor.mirrors,
            promises={
                "mean": "the columns of A sum to zero: no flux leaves the image",
                "norm": f"A is symmetric and negative semidefinite for α = {self.alpha:g}, "
                f"γ = {self.gamma:g}; eigenvalues of D up to {self.tensor.largest[0]:g} and "
                f"{self.tensor.largest[1]:g} give ‖A‖ ≤ {bound:.4g} (Theorem 1), so "
                f"τ ≤ {2 / bound:.4g} px² is stable (eq. 24), and τ is at most that",
            },
        )

    def loops(self, input_shape: tuple) -> tuple[Loop, ...]:
        """The steps of a cycle."""
        if self.cycle == 1:
            return ()
        corners = self.tensor.compute_output_shape(input_shape)
        shapes = (input_shape, *corners)
        return (Loop(self.cycle, lambda u, *tensor: u + self.rate(u, tensor), shapes),)

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.tensor, input_shape)
        if self.learn_time_step:
            self.time_step_weight = add_scalar(
                self, "time_step", self.time_step, 1e-4, self.largest_time_step
            )

    def rate(self, u, tensor):
        """A u for a given D."""
        return anisotropic_rate(u, tensor, self.alpha, self.gamma)

    def call(self, inputs, free=None):
        # Squares of small gradients are zero in half precision: all but the networks is in float32.
        tensor = [ops.cast(entry, "float32") for entry in self.tensor(inputs)]
        bound = ops.cast(self._bound, "float32")

        def rate(u):
            change = self.rate(u, tensor)
            return change if free is None else ops.cast(free, change.dtype) * change

        u = fed_cycle(rate, ops.cast(inputs, "float32"), bound, self.cycle)
        return ops.cast(u, inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "tensor": keras.saving.serialize_keras_object(self.tensor),
            "time_step": self.time_step,
            "alpha": self.alpha,
            "gamma": self.gamma,
            "cycle": self.cycle,
            "learn_time_step": self.learn_time_step,
        }


# Where a 2×2 window has its four pixels, row by row: p q / r s. Columns are the four directions.
_FORWARD = np.array(
    # q − p along x, s − p along ↘, r − p along y, r − q along ↙
    [[-1, -1, -1, 0], [1, 0, 0, -1], [0, 0, 1, 1], [0, 1, 0, 0]],
    np.float32,
)


@register
class AnisotropicResNetBlock(AnisotropicDiffusionStep):
    """The same step in the form of a ResNet block: u + K₂ σ(K₁ u), σ the flux (section 4, Fig. 1).

    K₁ is a convolution to the derivatives in the four directions of eq. 5, the activation multiplies
    each with its directional diffusivity (eq. 7), K₂ = −K₁ᵀ is the mirrored convolution back, and the
    skip connection adds u. Arguments, shapes and result as for `AnisotropicDiffusionStep`, which is
    faster on a processor; this one is made of what neural networks are made of.

    Example:
        >>> from imagepde.layers import EdgeEnhancingTensor
        >>> tensor, u = EdgeEnhancingTensor(sigma=0.5), ops.reshape(ops.arange(64.0), (1, 8, 8, 1)) / 64
        >>> difference = AnisotropicResNetBlock(tensor)(u) - AnisotropicDiffusionStep(tensor)(u)
        >>> bool(ops.max(ops.abs(difference)) < 1e-5)
        True
    """

    def rate(self, u, tensor):
        a, b, c = tensor
        b = zero_on_border(b)
        delta = free_parameter((a, b, c), self.alpha, self.gamma)
        x, down, y, up = directional_diffusivities((a, b, c), delta)
        # Axial diffusivities are averaged to the edges of their pixels (eq. 10). What stands in the
        # first row or column belongs to edges outside of the image, and goes nowhere.
        x = 0.5 * (x + ops.concatenate([x[:, :1], x[:, :-1]], axis=1))
        y = 0.5 * (y + ops.concatenate([y[:, :, :1], y[:, :, :-1]], axis=2))
        diffusivities = ops.concatenate([x, 0.5 * down, y, 0.5 * up], axis=-1)
        forward = ops.convert_to_tensor(_FORWARD.reshape(2, 2, 1, 4), dtype=u.dtype)
        backward = -ops.transpose(ops.flip(forward, axis=(0, 1)), (0, 1, 3, 2))
        parts = []
        for k in range(u.shape[-1]):
            derivatives = ops.conv(reflect(u[..., k : k + 1], 1), forward, padding="valid")
            parts.append(ops.conv(diffusivities * derivatives, backward, padding="valid"))
        return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=-1)
