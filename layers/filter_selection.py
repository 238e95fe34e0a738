"""Which filter of a bank is applied at a pixel: quantised features of the image (BLADE, 2.1)."""

import itertools

import numpy as np

from ..color import LUMA
from ..errors import InputError
from ..pde import filter_index, gaussian_kernel, structure_at
from ..pde.backend import keras, ops
from ..pde.structure import LOCATIONS
from ..pde.structure_features import mean_at, strength_and_coherence
from .serialization import check_positive_integer, register
from .traits import ImageLayer, Traits

_DEFAULTS = {"strengths": (0.005, 0.2), "coherences": (0.2, 0.8), "intensities": (0.1, 0.9)}
"""Between which values thresholds are spread before `adapt`."""

_NAMES = {"strengths": "strength", "coherences": "coherence", "intensities": "intensity"}


@register
class FilterSelection(ImageLayer):
    """The filter index s of BLADE (eq. 2.5), from orientation, strength, coherence and intensity.

        s = ori + n_ori (str + n_str (coh + n_coh int))

    Orientation is the direction of the dominant eigenvector of J_ρ in bins of equal width; strength is
    √λ₁ in grey value per px, coherence (√λ₁ − √λ₂)/(√λ₁ + √λ₂), intensity the mean grey value of the
    pixel or of the two pixels at the edge. The latter are quantised by thresholds, which are weights
    that are not trained: `adapt` sets them to the quantiles of pictures. A feature with one bin does
    not count. It is computed in float32 whatever the policy, since a rounded feature is another filter.

    Args:
        orientations: Number of bins, even or 1.
        strengths: Number of bins, or the thresholds between them, rising.
        coherences: Likewise.
        intensities: Likewise.
        rho: ρ in px.
        colour: What is analysed in a colour image: `"joint"` for the structure tensor of all channels,
            or `"luma"`.
        centred: Whether bin k of n orientations has the angle kπ/n as its centre instead of its edge,
            and one more bin is for no direction. An image that is turned or mirrored then selects
            exactly what belongs to it, where its structure is symmetric, too.
        **kwargs: `name` and the like.

    Call arguments:
        inputs: Images `(batch, height, width, channels)`.
        location: `"pixels"`; or `"rows"` or `"columns"` for the inner edges along an axis.

    Shapes:
        Output int32 `(batch, height, width, 1)`, one shorter along the axis of the edges.

    Raises:
        InputError: if the number of orientations is odd and not 1, or no multiple of 4 where they are
            centred; if thresholds do not rise; or for another `colour`.

    Example:
        >>> selection = FilterSelection(orientations=8, strengths=3, coherences=3)
        >>> selection.count, tuple(selection(ops.ones((1, 9, 9, 3)), location="rows").shape)
        (72, (1, 8, 9, 1))
    """

    def __init__(
        self,
        orientations=24,
        strengths=3,
        coherences=3,
        intensities=1,
        rho=1.0,
        colour="joint",
        centred=False,
        **kwargs,
    ):
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.orientations = check_positive_integer(orientations, "orientations")
        if orientations > 1 and orientations % 2:
            raise InputError(f"`orientations` must be even or 1. Received: {orientations}.")
        self.strengths = _check_bins(strengths, "strengths")
        self.coherences = _check_bins(coherences, "coherences")
        self.intensities = _check_bins(intensities, "intensities")
        self.rho = float(rho)
        self._radius = len(gaussian_kernel(self.rho)) // 2
        if colour not in ("joint", "luma"):
            raise InputError(f"`colour` must be 'joint' or 'luma'. Received: {colour!r}.")
        self.colour = colour
        self.centred = bool(centred)
        if self.centred and self.orientations % 4:
            raise InputError(
                f"`centred` orientations must be a multiple of 4. Received: {orientations}."
            )

    @property
    def count(self):
        """Number of filters that the index distinguishes."""
        directions = self.orientations + self.centred
        return int(np.prod([directions, *(self._bins(name) for name in _DEFAULTS)]))

    @property
    def shape_of_bank(self):
        """Bins of intensity, coherence, strength and orientation, the order of the index in memory.

        Without that for no direction, which has nothing of its own.
        """
        return (*(self._bins(name) for name in reversed(_DEFAULTS)), self.orientations)

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=self._radius + 1,
            smallest_side=self._radius + 1,
            gives="field",
        )

    def _bins(self, name):
        bins = getattr(self, name)
        return bins if isinstance(bins, int) else len(bins) + 1

    def build(self, input_shape):
        self.expect_images(input_shape)
        self.thresholds = {}
        for name, (low, high) in _DEFAULTS.items():
            bins = getattr(self, name)
            start = np.geomspace(low, high, bins - 1) if isinstance(bins, int) else np.array(bins)
            weight = self.add_weight(
                name=f"{_NAMES[name]}_thresholds",
                shape=start.shape,
                initializer="zeros",
                trainable=False,
            )
            weight.assign(start)
            self.thresholds[name] = weight

    def _analysed(self, inputs):
        """What the features are taken from: float32, without a gradient."""
        inputs = ops.stop_gradient(ops.cast(inputs, "float32"))
        if self.colour == "luma" and inputs.shape[-1] == 3:
            return ops.matmul(inputs, ops.convert_to_tensor(np.array(LUMA, "float32")[:, None]))
        return inputs

    def call(self, inputs, location="pixels"):
        thresholds = ops.concatenate([ops.convert_to_tensor(t) for t in self.thresholds.values()])
        bins = tuple(self._bins(name) for name in _DEFAULTS)
        return filter_index(
            self._analysed(inputs),
            thresholds,
            bins,
            self.orientations,
            self.rho,
            location,
            self.centred,
        )

    def features(self, inputs, location="pixels"):
        """The features that are quantised by thresholds: a dictionary of tensors."""
        inputs = self._analysed(inputs)
        strength, coherence = strength_and_coherence(
            structure_at(inputs, self.rho, location, self.centred)
        )
        return {
            "strengths": strength,
            "coherences": coherence,
            "intensities": mean_at(inputs, location),
        }

    def adapt(self, images, location="pixels"):
        """Sets the thresholds to the quantiles of images, where they were not given by hand.

        Args:
            images: Array `(batch, height, width, channels)`, or an iterable of such arrays.
            location: As for a call.
        """
        batches = [images] if isinstance(images, np.ndarray) or ops.is_tensor(images) else list(images)
        if not self.built:
            self.build(batches[0].shape)
        found = [self.features(ops.convert_to_tensor(batch), location) for batch in batches]
        for name, weight in self.thresholds.items():
            if not isinstance(getattr(self, name), int) or self._bins(name) == 1:
                continue
            values = np.concatenate([np.ravel(ops.convert_to_numpy(one[name])) for one in found])
            shares = np.arange(1, self._bins(name)) / self._bins(name)
            weight.assign(np.quantile(values, shares))

    def compute_output_shape(self, input_shape, location="pixels"):
        batch, *sides, _ = input_shape
        less = LOCATIONS[location]
        sides = [side if side is None else side - k for side, k in zip(sides, less, strict=True)]
        return (batch, *sides, 1)

    def compute_output_spec(self, inputs, location="pixels"):
        return keras.KerasTensor(self.compute_output_shape(inputs.shape, location), dtype="int32")

    def get_config(self):
        config = super().get_config()
        del config["dtype"]
        return {
            **config,
            "orientations": self.orientations,
            "strengths": self.strengths,
            "coherences": self.coherences,
            "intensities": self.intensities,
            "rho": self.rho,
            "colour": self.colour,
            "centred": self.centred,
        }


def _check_bins(value, argument):
    """A number of bins, or a list of rising thresholds."""
    if isinstance(value, list | tuple):
        thresholds = [float(v) for v in value]
        if not thresholds or any(a >= b for a, b in itertools.pairwise(thresholds)):
            raise InputError(f"The thresholds of `{argument}` must rise. Received: {value!r}.")
        return thresholds
    return check_positive_integer(value, argument)
