"""A step in which a learned energy cannot grow: phase fields, as those of Cahn and Hilliard."""

import math

import numpy as np

from ..errors import InputError
from ..pde import fold, mirror, spectral_norm_bound_of_bank
from ..pde.backend import correlate, keras, ops
from ..pde.compilation import of_weights_alone
from ..pde.reflected_matrices import cosine_waves, to_cosines
from .filter_symmetry import COPIES, copies_of_kernels
from .linear_spline import interpolate
from .serialization import check_positive_integer, register
from .traits import ImageLayer, Traits

_LARGEST = 8.0
"""No eigenvalue of the five-point Laplacian is larger, in 1/px²."""

_KNOTS = 17
"""Knots of the logarithms of mobility and stiffness over the eigenvalues of the Laplacian."""

_LOW, _HIGH = -0.75, 1.75
"""Where the knots of the splines lie, in grey values: beyond it W′ is constant."""


@register
class EnergyStep(ImageLayer):
    """A semi-implicit step of ∂u/∂t = −M ∇E(u), E(u) = ½⟨u, L u⟩ + Σ_k Σ_i W_k((K_k u)_i).

        (I + τ M (L + S)) u⁺ = (I + τ M S) u − τ M Σ_k K_kᵀ W_k′(K_k u)

    The mobility M ≥ 0 and the stiffness L ≥ 0 are learned functions of the discrete Laplacian, both
    zero for a constant image, so that cosines diagonalise them and the mean is kept. K_0 is the
    identity and the others are learned kernels, ‖K‖² ≤ 1. The W_k′ are learned splines of slopes
    between −2S and 2S. Then

        E(u⁺) ≤ E(u)

    for every image, every time step and every value of the weights: docs/stable_blade.md has the
    proof, after Eyre (1998). With W_0 the double well, M = −Δ, L = −γΔ and no other kernels it is the
    Cahn–Hilliard equation.

    Args:
        time_step: τ > 0.
        kernels: Number of kernels beside the identity, 0 or a multiple of 8: a kernel comes with what
            the symmetries of the square make of it.
        footprint: Their side in px, odd.
        pieces: Pieces of the splines.
        gamma: γ at the start, in px².
        damping: S at the start.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`, each channel by itself.

    Raises:
        InputError: if τ, γ or S is not positive, `kernels` no multiple of 8, or `footprint` even.

    Example:
        >>> step = EnergyStep(time_step=0.4)
        >>> tuple(step(ops.ones((1, 8, 9, 1))).shape)
        (1, 8, 9, 1)
    """

    def __init__(
        self, time_step=0.4, kernels=8, footprint=3, pieces=30, gamma=0.25, damping=1.0, **kwargs
    ):
        super().__init__(**kwargs)
        for name, value in (("time_step", time_step), ("gamma", gamma), ("damping", damping)):
            if not value > 0:
                raise InputError(f"`{name}` must be positive. Received: {name}={value}.")
        if isinstance(kernels, bool) or kernels < 0 or kernels % COPIES:
            raise InputError(f"`kernels` must be a multiple of {COPIES}. Received: kernels={kernels}.")
        if check_positive_integer(footprint, "footprint") % 2 == 0:
            raise InputError(f"`footprint` must be odd. Received: footprint={footprint}.")
        self.time_step, self.kernels, self.footprint = float(time_step), int(kernels), footprint
        self.pieces = check_positive_integer(pieces, "pieces")
        self.gamma, self.damping = float(gamma), float(damping)

    @property
    def duration(self):
        """The time that a step takes, in px²."""
        return self.time_step

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=None,
            smallest_side=max(2, self.footprint // 2),
            mirrors=True,
            promises={
                "mean": "neither M nor L acts on a constant image",
                "energy": self._why,
            },
        )

    def _why(self):
        damping = float(ops.convert_to_numpy(self._damping()))
        return f"M ≥ 0, L ≥ 0, ‖K‖² ≤ 1, |W″| ≤ 2S with S = {damping:.3g}"

    def build(self, input_shape):
        self.expect_images(input_shape)
        knots, functions = _KNOTS, 1 + self.kernels // COPIES

        def add(name, shape, value):
            return self.add_weight(
                name=name, shape=shape, initializer=keras.initializers.Constant(value)
            )

        self.log_mobility = add("log_mobility", (knots,), 0.0)
        self.log_stiffness = add("log_stiffness", (knots,), math.log(self.gamma))
        self.log_damping = add("log_damping", (), math.log(self.damping))
        self.slopes = self.add_weight(
            name="slopes", shape=(self.pieces, functions), initializer=self._well
        )
        if self.kernels:
            self.kernel = self.add_weight(
                name="kernel",
                shape=(self.footprint, self.footprint, 1, self.kernels // COPIES),
                initializer=keras.initializers.RandomNormal(stddev=0.3),
            )
            self.log_scale = add("log_scale", (), -1.0)

    def _well(self, shape, dtype=None):
        """Slopes of W′ for u²(u − 1)², as far as they are allowed; no others at the start."""
        middle = _LOW + (np.arange(shape[0]) + 0.5) * (_HIGH - _LOW) / shape[0]
        curvature = 12 * middle**2 - 12 * middle + 2
        share = np.clip(curvature / (2 * self.damping), -0.98, 0.98)
        slopes = np.zeros(shape)
        slopes[:, 0] = np.arctanh(share)
        return ops.convert_to_tensor(slopes.astype("float32"), dtype)

    def _damping(self):
        return ops.exp(ops.cast(ops.convert_to_tensor(self.log_damping), "float32"))

    @of_weights_alone
    def bank(self):
        """The kernels and, first, the identity, `(side, side, 1, 1 + kernels)`, ‖K‖² ≤ 1."""
        side = self.footprint
        identity = np.zeros((side, side, 1, 1), "float32")
        identity[side // 2, side // 2] = 1.0
        identity = ops.convert_to_tensor(identity)
        if not self.kernels:
            return identity
        kernel = ops.cast(ops.convert_to_tensor(self.kernel), "float32")
        kernel = copies_of_kernels(kernel - ops.mean(kernel, axis=(0, 1), keepdims=True))
        squared = spectral_norm_bound_of_bank(kernel, ((1.0,), (1.0,)))
        # What the others take of the norm, the identity has less.
        share = ops.sigmoid(ops.cast(ops.convert_to_tensor(self.log_scale), "float32"))
        kernel = kernel * ops.sqrt(share / squared)
        return ops.concatenate([identity * ops.sqrt(1.0 - share), kernel], axis=-1)

    @of_weights_alone
    def forces(self):
        """W_k′ at the knots, `(pieces + 1, 1 + kernels)`."""
        width = (_HIGH - _LOW) / self.pieces
        slopes = (
            2.0 * self._damping() * ops.tanh(ops.cast(ops.convert_to_tensor(self.slopes), "float32"))
        )
        rises = ops.cumsum(slopes * width, axis=0)
        # What W′ is at the first knot does not matter: Kᵀ of a constant is one, which M takes away.
        table = ops.concatenate([ops.zeros_like(rises[:1]), rises])
        copies = [table[:, 1:]] * COPIES if self.kernels else []
        return ops.concatenate([table[:, :1], *copies], axis=-1)

    def spectra(self, height, width):
        """M and L for the cosines of an image of this size, tensors `(height, width)`."""
        eigenvalue = sum(
            ops.expand_dims(2.0 - 2.0 * ops.cos(cosine_waves(side)), axis)
            for axis, side in ((1, height), (0, width))
        )
        position = ops.expand_dims(eigenvalue / _LARGEST, -1)
        logarithms = ops.stack(
            [ops.convert_to_tensor(self.log_mobility), ops.convert_to_tensor(self.log_stiffness)], -1
        )
        table = ops.cast(logarithms, "float32")
        factors = ops.exp(interpolate(ops.concatenate([position, position], -1), table))
        return eigenvalue * factors[..., 0], eigenvalue * factors[..., 1]

    def energy(self, images):
        """E(u) for each image, `(batch,)`."""
        u = ops.cast(images, "float32")
        cosines = to_cosines(u)
        _, stiffness = self.spectra(*ops.shape(u)[1:3])
        squares = 0.5 * ops.sum(ops.square(cosines) * stiffness[None, ..., None], axis=(1, 2, 3))
        potentials = 0.0
        for channel in range(u.shape[-1]):
            response = self._responses(u[..., channel : channel + 1])
            potentials = potentials + ops.sum(self._potential(response), axis=(1, 2, 3))
        return squares + potentials

    def _potential(self, response):
        """W_k of the responses: the integral of a piecewise linear function."""
        table, width = self.forces(), (_HIGH - _LOW) / self.pieces
        areas = ops.cumsum(0.5 * width * (table[1:] + table[:-1]), axis=0)
        areas = ops.concatenate([ops.zeros_like(areas[:1]), areas])
        position = (response - _LOW) / width
        piece = ops.cast(ops.clip(ops.floor(position), 0, self.pieces - 1), "int32")
        count = table.shape[1]
        index = piece * count + ops.arange(count, dtype="int32")
        left, area = (ops.take(ops.reshape(x, (-1,)), index) for x in (table, areas))
        right = ops.take(ops.reshape(table, (-1,)), index + count)
        inside = ops.clip(position - ops.cast(piece, "float32"), 0.0, 1.0)
        found = area + width * inside * (left + 0.5 * inside * (right - left))
        # Beyond the knots W′ is constant.
        beyond = ops.where(position < 0, left * position, right * (position - self.pieces))
        outside = ops.logical_or(position < 0, position > self.pieces)
        return found + ops.where(outside, width * beyond, 0.0)

    def _responses(self, u):
        half = self.footprint // 2
        return correlate(mirror(u, (half, half)), self.bank())

    def _force(self, u):
        """Σ_k K_kᵀ W_k′(K_k u), of one channel."""
        half, bank = self.footprint // 2, self.bank()
        response = (self._responses(u) - _LOW) / (_HIGH - _LOW)
        force = interpolate(response, self.forces())
        acting = ops.transpose(ops.flip(bank, axis=(0, 1)), (0, 1, 3, 2))
        around = (2 * half, 2 * half)
        spread = correlate(ops.pad(force, ((0, 0), around, around, (0, 0))), acting)
        return fold(spread, (half, half))

    def call(self, inputs):
        u = ops.cast(inputs, "float32")
        channels = [self._force(u[..., k : k + 1]) for k in range(u.shape[-1])]
        force = channels[0] if len(channels) == 1 else ops.concatenate(channels, axis=-1)
        # Not by slices with `None`, which a phone does not have in a loop.
        mobility, stiffness = (ops.expand_dims(x, (0, -1)) for x in self.spectra(*ops.shape(u)[1:3]))
        pull, damping = self.time_step * mobility, self._damping()
        # What changes, not what stays, so that rounding does not: the mean is that of u.
        # Constants, which have no part in it, would only round.
        force, around = (x - ops.mean(x, (1, 2), keepdims=True) for x in (force, u))
        change = pull * to_cosines(-force) - pull * stiffness * to_cosines(around)
        change = change / (1.0 + pull * (stiffness + damping))
        return ops.cast(u + to_cosines(change, inverse=True), inputs.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "time_step": self.time_step,
            "kernels": self.kernels,
            "footprint": self.footprint,
            "pieces": self.pieces,
            "gamma": self.gamma,
            "damping": self.damping,
        }
