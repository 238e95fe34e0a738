"""A step of trainable nonlinear reaction–diffusion (Chen and Pock 2017), for one or more components."""

from ..errors import InputError
from ..pde import fold, mirror, parities, spectral_norm_bound_of_bank
from ..pde.backend import correlate, keras, ops
from ..pde.compilation import of_weights_alone
from .influence import InfluenceFunctions
from .noise_map import ORDERS
from .scalars import add_scalar, clipped
from .serialization import check_positive_integer, register
from .traits import ImageLayer, Traits
from .widening import fill_from, is_wider

FLIPS = 4
"""The symmetries of a symmetric bank: none, left-right, up-down, both."""


@register
class ReactionDiffusionStep(ImageLayer):
    """u ← u − Σᵢ Kᵢᵀ φᵢ(Kᵢ u) − λ (u − f)

    The Kᵢ are correlations with learned kernels, the image mirrored at its border, Kᵢᵀ their exact
    adjoints, φᵢ learned influence functions and λ ≥ 0 the learned strength of the reaction (Chen, Pock:
    Trainable Nonlinear Reaction Diffusion, 2017, eq. 4). With φᵢ = 0 where nothing is to be smoothed
    this is a diffusion, with Kᵢ for the gradient.

    u may have more components than f, as the substances of a reaction–diffusion system: those of f come
    first, the others relax to zero. Kernels see all components and act on all of them. One component is
    the model of the paper.

    A symmetric bank consists of learned kernels and their flips left-right, up-down and both, with one
    influence function for the four. Components have parities as Haar coefficients do (see
    `imagepde.pde.parities`), and change their signs when mirrored. So a mirrored picture is restored to
    the mirrored result, and filters·3/4 kernels are saved.

    Kernels have mean zero on the components that hold the picture's brightness, so the mean of the
    picture is kept, and a brighter picture has the same result, brighter.

    Bounds. Let ‖K‖ be the spectral norm of the whole bank. The kernels of a bounded step are divided
    such that ‖K‖² ≤ 2 (1 − λ), by `imagepde.pde.spectral_norm_bound_of_bank`, a bound from above for
    every image size. Then, with 0 ≤ φ(x)/x ≤ 1 (`"sign"`),
    ‖u⁽ᵏ⁺¹⁾‖² ≤ (1 − λ) ‖u⁽ᵏ⁾‖² + λ ‖f‖², and with 0 ≤ φ′ ≤ 1 (`"monotone"`) the same holds for the
    difference of two pictures. docs/reaction_diffusion.md has the proof.

    Noise that is told. With `told`, a step knows the noise of each pixel, as `NoiseMap` returns it, and
    its influence functions act in relation to it,

        φᵢ(x) = σ/σ₀ · aᵢ(σ) · φᵢ⁰(σ₀/σ · wᵢ(σ) · x)

    with gains aᵢ and wᵢ that are learned polynomials in log σ, 1 at the start. So one network serves
    every σ, and changes nothing where there is no noise.

    Args:
        filters: Number of filters, flips included.
        kernel_size: Side of the kernels, odd.
        components: Components of the result; those of u when `None`. More than u has are new ones, that
            were zero; fewer are the first ones.
        symmetric: Whether the bank is closed under flips; then `filters` is a multiple of 4.
        parity: Whether components change their sign when mirrored, as Haar coefficients do.
        bound: `None`, `"sign"` or `"monotone"`; bounded steps are symmetric.
        brightness: How many of the first components hold the picture; others are given numbers, for
            instance a noise level. Those of f when `None`.
        pieces: Pieces of the influence functions.
        slope: Slope of these at the start.
        span: Their range at the start, in grey values.
        reaction: λ at the start, in [0, 0.9].
        told: Whether the noise is told, a third input.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input a list: u `(batch, height, width, c)` and f `(batch, height, width, n)` with n ≤ c; if
        `told`, the map of a `NoiseMap`, `(batch, height, width, 8)`, or `(1, 1, 1, 8)` for noise that
        is equally strong everywhere. Output `(batch, height, width, components)`. Height and width
        must be at least kernel_size // 2.

    Raises:
        InputError: if arguments do not go together, or u has fewer components than f.

    Example:
        >>> image = ops.ones((1, 8, 8, 1))
        >>> step = ReactionDiffusionStep(filters=8, components=4)
        >>> tuple(step([image, image]).shape)
        (1, 8, 8, 4)
    """

    def __init__(
        self,
        filters=64,
        kernel_size=3,
        components=None,
        symmetric=True,
        parity=True,
        bound=None,
        brightness=None,
        pieces=20,
        slope=0.1,
        span=0.5,
        reaction=0.05,
        told=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = check_positive_integer(filters, "filters")
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")
        self.symmetric, self.parity = bool(symmetric), bool(parity)
        self.components, self.brightness = components, brightness
        if kernel_size % 2 == 0:
            raise InputError(f"`kernel_size` must be odd. Received: kernel_size={kernel_size}.")
        if self.symmetric and filters % FLIPS:
            raise InputError(
                f"A symmetric bank has a multiple of {FLIPS} filters. Received: filters={filters}."
            )
        if bound is not None and not self.symmetric:
            raise InputError(
                "A bound is known for symmetric banks only: set `symmetric`. "
                f"Received: bound={bound!r}, symmetric={symmetric!r}."
            )
        if bound is not None and told:
            raise InputError("A step that is told the noise has no `bound`: leave out one of the two.")
        self.influence = InfluenceFunctions(
            pieces,
            bound,
            slope,
            span,
            FLIPS if self.symmetric else 1,
            dtype=self.dtype_policy,
            name="influence",
        )
        self.reaction, self.told = float(reaction), bool(told)

    @property
    def bound(self):
        """What is asked of the influence functions."""
        return self.influence.bound

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        promises: dict = {
            "mean": "kernels have mean zero, and the reaction draws to a picture of equal mean"
        }
        if self.bound is not None:
            promises["norm"] = lambda: self._why("φ(x)/x")
        if self.bound == "monotone":
            promises["distance"] = lambda: self._why("φ′")
        return Traits(
            reach=2 * (self.kernel_size // 2),
            smallest_side=max(1, self.kernel_size // 2),
            mirrors=self.symmetric,
            promises=promises,
        )

    def _why(self, bounded):
        rate = self.rate()
        return f"‖K‖² ≤ 2 (1 − λ), bounded from above; 0 ≤ {bounded} ≤ 1, λ = {rate:.3g}"

    def rate(self):
        """λ as it is now, a number."""
        return float(ops.convert_to_numpy(clipped(self.reaction_weight)))

    def build(self, input_shape):
        u, f = input_shape[:2]
        self.expect_images(*input_shape)
        incoming, given = u[-1], f[-1]
        outgoing = self.components or incoming
        if not given <= incoming or outgoing < 1:
            raise InputError(
                "u must have at least as many components as f. "
                f"Received: {incoming} and {given}, and components={self.components}."
            )
        self._given, self._outgoing = given, outgoing
        total = max(incoming, outgoing)
        self._signs = parities(total) if self.parity else ((1.0,) * total,) * 2
        kernels = self.filters // FLIPS if self.symmetric else self.filters
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_size, self.kernel_size, total, kernels),
            initializer=self._start,
        )
        self.reaction_weight = add_scalar(self, "reaction", self.reaction, 0.0, 0.9)
        self.influence.build((*u[:-1], self.filters))
        if self.told:
            # Filters that share an influence function share their gains.
            functions = self.filters // self.influence.copies
            self.widths, self.amplitudes = (
                self.add_weight(name=name, shape=(ORDERS, functions), initializer=_one)
                for name in ("widths", "amplitudes")
            )

    def start_from(self, narrower):
        """Takes the weights of a step with fewer filters or components, and computes the same at first.

        Old kernels do not see new components. New kernels are random, and their influence functions
        are zero.

        Raises:
            InputError: if the other step is no narrower one, or this one is bounded: the norm is that
                of the whole bank, so new kernels would weaken old ones.
        """
        if not is_wider(self, narrower):
            super().start_from(narrower)
        elif self.bound is not None and self.filters > narrower.filters:
            raise InputError("A bounded step cannot start from one with fewer filters.")
        else:
            values = None if self.bound is not None else self.influence.values
            fill_from(self, narrower, kernel=self.kernel, values=values)

    def _bright(self, total):
        """A column: 1 for components that hold brightness, even ones of the picture; 0 for others."""
        picture = self._given if self.brightness is None else self.brightness
        rows, columns = self._signs
        bright = [float(k < picture and rows[k] == columns[k] == 1) for k in range(total)]
        return _column(bright, "float32")

    def _start(self, shape, dtype=None):
        """Orthonormal kernels, without mean where they see brightness."""
        size, _, total, kernels = shape
        bright = self._bright(total)
        random = keras.random.normal(shape, dtype="float32")
        random = random - bright * ops.mean(random, axis=(0, 1), keepdims=True)
        flat = ops.reshape(random, (size * size * total, kernels))
        if kernels <= size * size * total - self._given:
            flat, _ = ops.qr(flat)
        flat = flat / ops.sqrt(ops.sum(ops.square(flat), axis=0))
        return ops.cast(ops.reshape(flat, shape), dtype)

    @of_weights_alone
    def bank(self):
        """The kernels as they are applied, `(side, side, components, filters)`."""
        kernel = ops.cast(ops.convert_to_tensor(self.kernel), "float32")
        total = kernel.shape[2]
        kernel = kernel - self._bright(total) * ops.mean(kernel, axis=(0, 1), keepdims=True)
        if self.symmetric:
            rows, columns = (_column(signs, kernel.dtype) for signs in self._signs)
            kernel = ops.concatenate([kernel, ops.flip(kernel, axis=1) * columns], axis=-1)
            kernel = ops.concatenate([kernel, ops.flip(kernel, axis=0) * rows], axis=-1)
        if self.bound is None:
            return kernel
        squared = spectral_norm_bound_of_bank(kernel, self._signs)
        allowed = 2.0 * (1.0 - ops.cast(clipped(self.reaction_weight), "float32"))
        return kernel * ops.sqrt(ops.minimum(1.0, allowed / squared))

    def call(self, inputs):
        u, f = inputs[:2]
        incoming, dtype = u.shape[-1], u.dtype
        bank, rate = ops.cast(self.bank(), dtype), ops.cast(clipped(self.reaction_weight), dtype)
        seeing = bank[:, :, :incoming] * ops.cast(self.influence.inverse_widths(), dtype)
        acting = ops.transpose(ops.flip(bank[:, :, : self._outgoing], axis=(0, 1)), (0, 1, 3, 2))
        half = self.kernel_size // 2
        wide = mirror(u, (half, half), self._of(incoming))
        if self.told:
            noise = inputs[2]
            widths = self._gains(self.widths, noise[..., :ORDERS])
            amplitudes = self._gains(self.amplitudes, noise[..., ORDERS:])
        if self.told and tuple(noise.shape[:3]) != (1, 1, 1):
            influence = amplitudes * self.influence.normalised(widths * correlate(wide, seeing))
        else:
            if self.told:  # By a number for all pixels, kernels are multiplied instead of images.
                seeing, acting = widths * seeing, ops.reshape(amplitudes, (-1, 1)) * acting
            influence = self.influence.normalised(correlate(wide, seeing))
        around = 2 * half
        spread = correlate(
            ops.pad(influence, ((0, 0), (around, around), (around, around), (0, 0))), acting
        )
        diffused = fold(spread, (half, half), self._of(self._outgoing))
        kept = (1.0 - rate) * u + rate * _with_components(f, incoming)
        return _with_components(kept, self._outgoing) - diffused

    def _gains(self, weights, powers):
        """What the responses of the filters are multiplied by, `(batch, height, width, filters)`."""
        gains = ops.tile(ops.convert_to_tensor(weights), (1, self.influence.copies))
        return ops.matmul(powers, ops.cast(gains, powers.dtype))

    def _of(self, components):
        rows, columns = self._signs
        return (rows[:components], columns[:components]) if self.parity else None

    def compute_output_shape(self, input_shape):
        u = input_shape[0]
        return (*u[:-1], self.components or u[-1])

    def get_config(self):
        influence = self.influence
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "components": self.components,
            "symmetric": self.symmetric,
            "parity": self.parity,
            "bound": self.bound,
            "brightness": self.brightness,
            "pieces": influence.pieces,
            "slope": influence.slope,
            "span": influence.span,
            "reaction": self.reaction,
            "told": self.told,
        }


def _column(numbers, dtype):
    return ops.convert_to_tensor([[number] for number in numbers], dtype=dtype)


def _one(shape, dtype=None):
    """Coefficients of polynomials that are 1."""
    return ops.concatenate([ops.ones((1, shape[1]), dtype), ops.zeros((shape[0] - 1, shape[1]), dtype)])


def _with_components(u, count):
    """The first components of u, with zeros for those that it has not."""
    found = u.shape[-1]
    if found >= count:
        return u[..., :count]
    return ops.pad(u, ((0, 0), (0, 0), (0, 0), (0, count - found)))
