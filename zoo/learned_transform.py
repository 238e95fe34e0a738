"""The transform that makes noise white, learned from the noisy picture alone."""

import copy
import warnings

import numpy as np

from ..errors import InputError
from ..images.noise_models import CorrelatedNoise
from ..pde.backend import keras, ops
from .method import Method
from .stabilised import Stabilised

KNOTS = 24
"""Straight pieces of each of the two curves that are learned."""

STEPS, RATE = 120, 0.02
"""Steps of Adam and its learning rate at the start, which falls to nothing along a cosine."""

_PATCH, _BATCH = 96, 4
_GRID = 4
"""Of a square of so many pixels in each direction, one is hidden."""

_FINE = 2049
"""Entries of the table that stands for the inverse of the measured transform."""


def learned(
    stabilised: Stabilised, method: Method, plane: np.ndarray, *, steps: int = STEPS, seed: int = 0
) -> Stabilised:
    """A transform that suits a picture better than the one that was made of its measured noise.

        u = f⁻¹(h₂(D(h₁(f(z)))))

    f and its unbiased inverse are those of the measured noise, D is the denoiser, and h₁ and h₂ are
    increasing, piecewise linear functions of one grey value. They start as the identity and are learned
    with the weights of D kept: some pixels of z are replaced by the means of their neighbours, and what
    comes out there should be z. Since the noise of a pixel says nothing about its neighbours, the best
    h₁ and h₂ for this are the best for the clean picture, too. The idea is that of Noise2VST
    (Herbreteau and Unser, 2024), with masks of Noise2Self (Batson and Royer, 2019).

    Args:
        stabilised: What was made of the measured noise.
        method: The `Method` of the denoiser; it must have a Keras model.
        plane: The picture, `(height, width, channels)` in [0, 1].
        steps: Steps of the learning.
        seed: Of patches and hidden pixels.

    Returns:
        A `Stabilised`: the one that was given if nothing better was found, judged by pixels that were
        hidden alike before and after.

    Raises:
        InputError: for a method without a Keras model.
    """
    if method.model is None:
        raise InputError(
            "`adapt` learns through the model and needs a `keras.Model`. "
            f"Received: {method.name!r}, a plain function."
        )
    if isinstance(stabilised.noise, CorrelatedNoise):
        warnings.warn(
            "The noise of neighbouring pixels is correlated, so that nothing can be learned from "
            "hidden pixels: `adapt` has no effect.",
            stacklevel=2,
        )
        return stabilised
    examples = _Examples(stabilised, method, plane, seed)
    curves, program = _program(stabilised, method, examples.range)
    judged = [examples.drawn(np.random.default_rng([seed, 1, k])) for k in range(4)]
    before = _error(program, judged)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps))
    program.compile(optimizer, loss="mse", jit_compile=False)
    rng = np.random.default_rng([seed, 0])
    for _ in range(steps):
        hidden, noisy, weights = examples.drawn(rng)
        program.train_on_batch(hidden, noisy, sample_weight=weights)
    if not _error(program, judged) < before:
        return stabilised
    found = copy.copy(stabilised)
    found.change(*(curve.function() for curve in curves))
    return found


class _Curve(keras.layers.Layer):
    """An increasing function of a number, linear between knots; the identity at first."""

    def __init__(self, low, high, name):
        super().__init__(dtype="float32", name=name)
        self.low, self.step = float(low), float(high - low) / KNOTS
        self.slopes = self.add_weight(shape=(KNOTS,), initializer="zeros", name="slopes")
        self.shift = self.add_weight(shape=(), initializer="zeros", name="shift")

    def values(self):
        rises = ops.cumsum(self.step * ops.exp(self.slopes))
        return self.low + self.shift + ops.concatenate([ops.zeros((1,)), rises])

    def call(self, inputs):
        return _between_knots(inputs, self.values(), self.low, self.step)

    def function(self):
        """The same of NumPy arrays."""
        values, low, step = ops.convert_to_numpy(self.values()), self.low, self.step
        first, last = (values[1] - values[0]) / step, (values[-1] - values[-2]) / step
        knots = low + step * np.arange(KNOTS + 1)

        def curve(x):
            inside = np.interp(x, knots, values)
            below, above = np.minimum(x - knots[0], 0), np.maximum(x - knots[-1], 0)
            return inside + first * below + last * above

        return curve


def _between_knots(x, values, low, step):
    at = (x - low) / step
    left = ops.clip(ops.cast(ops.floor(at), "int32"), 0, values.shape[0] - 2)
    start, end = ops.take(values, left), ops.take(values, left + 1)
    return start + (at - ops.cast(left, at.dtype)) * (end - start)


class _Denoised(keras.layers.Layer):
    """u of hidden pixels f(z): the two curves, with the denoiser between them."""

    def __init__(self, stabilised, denoiser, told, first, second):
        super().__init__(dtype="float32", name="denoised")
        self._stabilised, self._told = stabilised, told
        self.denoiser, self.first, self.second = denoiser, first, second
        low, high = (second.low - 1.0, second.low + KNOTS * second.step + 1.0)
        self._low, self._step = low, (high - low) / (_FINE - 1)
        self._table = stabilised.back(np.linspace(low, high, _FINE))
        self.built = True

    def call(self, inputs):
        low, strength = self._stabilised.low, self._stabilised.strength
        x = (self.first(inputs) - low) * strength
        if self._told:
            level = strength * ops.ones_like(x[..., :1])
            x = ops.concatenate([x, level], axis=-1)
        stable = self.second(self.denoiser(x) / strength + low)
        table = ops.convert_to_tensor(self._table)
        return _between_knots(stable, table, self._low, self._step)


def _program(stabilised, method, limits):
    """The two curves, and the model that learns them."""
    curves = _Curve(*limits, "before"), _Curve(*limits, "after")
    denoiser = keras.models.clone_model(method.model)
    denoiser.set_weights(method.model.get_weights())
    denoiser.trainable = False
    told = method.traits.takes == "noise"
    pixels = keras.Input((None, None, method.model.output_shape[-1]))
    return curves, keras.Model(pixels, _Denoised(stabilised, denoiser, told, *curves)(pixels))


def _error(program, batches):
    """The weighted squared error of hidden pixels."""
    errors = []
    for hidden, noisy, weights in batches:
        found = np.asarray(program.predict_on_batch(hidden))
        errors.append(np.sum(weights[..., None] * (found - noisy) ** 2) / np.sum(weights))
    return float(np.mean(errors))


class _Examples:
    """Patches of a picture, with some pixels hidden."""

    def __init__(self, stabilised, method, plane, seed):
        plane = np.asarray(plane, np.float32)
        images = plane.transpose(2, 0, 1)[..., None] if method.channels == 1 else plane[None]
        self._noisy, self._stable = images, stabilised.stable(images)
        self._neighbours = _neighbours(self._stable)
        # A noisier pixel says less. The weight must not depend on the noise of the pixel itself.
        variance = stabilised.noise.variance(_neighbours(_neighbours(images, 2))).mean(-1)
        variance = np.maximum(variance, 1e-3 * variance.max())
        self._weights = (variance.min() / variance).astype(np.float32)
        alignment = method.traits.alignment
        self._side = [min(_PATCH, side) // alignment * alignment for side in plane.shape[:2]]
        low, high = float(self._stable.min()), float(self._stable.max())
        margin = max(1.0, 0.02 * (high - low))
        self.range = low - margin, high + margin

    def drawn(self, rng):
        """`(hidden, noisy, weights)` of a batch; the weight is zero where a pixel is not hidden."""
        pieces = []
        for _ in range(_BATCH):
            k = int(rng.integers(len(self._noisy)))
            starts = (
                int(rng.integers(whole - side + 1))
                for whole, side in zip(self._noisy.shape[1:3], self._side, strict=True)
            )
            at = (k, *(slice(s, s + side) for s, side in zip(starts, self._side, strict=True)))
            a, b = rng.integers(_GRID, size=2)
            hidden, weights = self._stable[at].copy(), np.zeros(self._side, np.float32)
            chosen = np.s_[a::_GRID, b::_GRID]
            hidden[chosen] = self._neighbours[at][chosen]
            weights[chosen] = self._weights[at][chosen]
            pieces.append((hidden, self._noisy[at], weights))
        return tuple(map(np.stack, zip(*pieces, strict=True)))


def _neighbours(images, distance=1):
    """The mean of the pixels around each, without itself."""
    from scipy.ndimage import uniform_filter

    side = 2 * distance + 1
    around = uniform_filter(images, (0, side, side, 0), mode="mirror")
    return (side**2 * around - images) / (side**2 - 1)
