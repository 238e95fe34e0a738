"""BLADE that is stable whatever it has learned: gains that the structure of the image selects."""

from ..errors import InputError
from ..pde import gained_filtering, spectral_norm_bound_of_bank
from ..pde.backend import keras, ops
from ..pde.compilation import of_weights_alone
from .filter_symmetry import COPIES, copies_of_gains, copies_of_kernels
from .scalars import Between
from .selected_filters import SelectedFilters
from .serialization import check_positive_integer, register
from .traits import Traits


@register
class StableBlade(SelectedFilters):
    """∂u/∂t = −(1/τ₀) Kᵀ C_s K u, whose steps no image grows in.

    K is one bank of learned kernels of mean zero with ‖K‖² ≤ 2, Kᵀ its exact adjoint, and C_s a
    diagonal of learned gains in [0, 1], which the local structure of u selects pixel by pixel as BLADE
    selects filters (section 2.1). A step u + τ ∂u/∂t with τ ≤ τ₀ keeps the mean and does not
    enlarge the norm,

        ‖u⁺‖ ≤ ‖u‖,

    for every image, every value of the weights and every selection: docs/stable_blade.md has the proof.
    Kernels and gains turn and mirror with the image.

    Args:
        selection: A `FilterSelection` with `centred` orientations, so that none is tied with another
            one where an image is turned or mirrored.
        footprint: Side of the kernels in px, odd.
        kernels: Their number, a multiple of 8: a kernel comes with what the symmetries of the square
            make of it.
        longest_step: τ₀ in px².
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`, the latter in grey value per unit of time.
        The channels of a colour image are filtered one by one, with the gains that all of them select.

    Raises:
        InputError: for kernels that are no multiple of 8, and what `Blade` refuses.

    Example:
        >>> from imagepde.layers import FilterSelection
        >>> rate = StableBlade(FilterSelection(orientations=8, centred=True))
        >>> float(ops.max(ops.abs(rate(ops.ones((1, 9, 9, 1)))))) < 1e-5
        True
    """

    def __init__(self, selection, footprint=5, kernels=24, longest_step=0.1, **kwargs):
        super().__init__(selection, footprint, symmetric=True, **kwargs)
        self.kernels = check_positive_integer(kernels, "kernels")
        if kernels % COPIES:
            raise InputError(f"`kernels` must be a multiple of {COPIES}. Received: kernels={kernels}.")
        if not self.selection.centred:
            raise InputError("The `selection` must have `centred` orientations.")
        if not longest_step > 0:
            raise InputError(f"`longest_step` must be positive. Received: {longest_step}.")
        self.longest_step = float(longest_step)

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        half = self.footprint // 2
        return Traits(
            reach=max(2 * half, half + self.selection.traits.reach),
            smallest_side=max(self.needed_side, half),
            mirrors=True,
            promises={"mean": "kernels have mean zero"},
        )

    def promises_of_step(self, time_step):
        """What an explicit step of this length promises, beyond what any multiple of the rate does."""
        if time_step > self.longest_step * (1 + 1e-6):
            return {}
        share = time_step / self.longest_step
        return {"norm": f"‖K‖² ≤ 2, bounded from above; gains of {share:.3g}·[0, 1]"}

    def build(self, input_shape):
        super().build(input_shape)
        free, side = self.kernels // COPIES, self.footprint
        self.kernel = self.add_weight(
            name="kernel",
            shape=(side, side, 1, free),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
        )
        self.gains = self.add_weight(
            name="gains",
            shape=(*self.selection.shape_of_bank, free),
            initializer=keras.initializers.Constant(0.05),
            constraint=Between(0.0, 1.0),
        )

    @of_weights_alone
    def bank(self):
        """The kernels as they are applied, `(side, side, 1, kernels)`, ‖K‖² = 2 at most."""
        kernel = ops.cast(ops.convert_to_tensor(self.kernel), "float32")
        kernel = copies_of_kernels(kernel - ops.mean(kernel, axis=(0, 1), keepdims=True))
        squared = spectral_norm_bound_of_bank(kernel, ((1.0,), (1.0,)))
        return kernel * ops.sqrt(2.0 / squared)

    @of_weights_alone
    def table(self):
        """The gains in [0, 1] as the index names them, `(count, kernels)`."""
        gains = ops.clip(ops.cast(ops.convert_to_tensor(self.gains), "float32"), 0.0, 1.0)
        gains = copies_of_gains(gains)
        # Where there is no direction, all of them count alike.
        without = ops.mean(gains, axis=3, keepdims=True)
        return ops.reshape(ops.concatenate([gains, without], axis=3), (-1, self.kernels))

    def select(self, inputs):
        """The index of the gains at each pixel."""
        return self.selection(inputs)

    def adapt(self, images):
        """Sets the thresholds of the selection to quantiles of images, see `FilterSelection.adapt`."""
        self.selection.adapt(images)

    def call(self, inputs, index=None):
        index = self.select(inputs) if index is None else index
        bank, table = (ops.cast(x, inputs.dtype) for x in (self.bank(), self.table()))
        scale = ops.cast(-1.0 / self.longest_step, inputs.dtype)
        if inputs.shape[-1] == 1:
            return scale * gained_filtering(inputs, bank, table, index)
        channels = [
            gained_filtering(inputs[..., k : k + 1], bank, table, index)
            for k in range(inputs.shape[-1])
        ]
        return scale * ops.concatenate(channels, axis=-1)

    def get_config(self):
        config = super().get_config()
        del config["symmetric"]
        return {**config, "kernels": self.kernels, "longest_step": self.longest_step}
