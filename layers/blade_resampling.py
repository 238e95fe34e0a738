"""BLADE resampling: an image at displaced positions, by selected filters (section 5)."""

from ..errors import InputError
from ..pde import blade_filter, gather_pixels, split_displacement
from ..pde.backend import ops
from .filter_symmetry import without_mean
from .selected_filters import SelectedFilters
from .serialization import build_once, check_positive_integer, register
from .traits import Traits


@register
class BladeResampling(SelectedFilters):
    """ũ_{m,n} = u(m + vˣ, n + vʸ) for a displacement field v, from a Taylor expansion.

    BLADE, eqs. 5.3–5.5:

        ũ = u + Σ_{1 ≤ a + b ≤ order} (δˣ)ᵃ (δʸ)ᵇ BLADE^{a,b}(u)   at the pixel nearest to the position,

    δ in [−½, ½]² being what is left to the position. `order=1` is eq. 5.5, with independent banks for x
    and y; the second order adds three banks, for the squares and the product. Filters sum to zero, so
    flat images stay flat and an image that is not displaced stays as it is. Positions beyond the border
    pixels are moved onto them.

    Args:
        selection: A `FilterSelection`; features are those at the nearest pixel.
        footprint: Side of the filters in px, odd.
        order: Of the expansion, 1 to 3.
        symmetric: Must be false: the banks are independent.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels + 2)`: the image, vˣ to the right and vʸ downwards in px.
        Output `(batch, height, width, channels)`.

    Raises:
        InputError: for another order, or an input of less than three channels.

    Example:
        >>> from imagepde.layers import FilterSelection
        >>> resample = BladeResampling(FilterSelection(orientations=8))
        >>> tuple(resample(ops.ones((1, 9, 9, 3))).shape)
        (1, 9, 9, 1)
    """

    def __init__(self, selection, footprint=7, order=2, symmetric=False, **kwargs):
        # In half precision a displacement would lose its fraction of a pixel.
        super().__init__(selection, footprint, symmetric, **{**kwargs, "autocast": False})
        if symmetric:
            raise InputError("`symmetric` must be false: the banks are independent of each other.")
        if check_positive_integer(order, "order") > 3:
            raise InputError(f"`order` must be 1, 2 or 3. Received: order={order}.")
        self.order = order

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=None,  # Displacements are not bounded.
            smallest_side=self.needed_side,
            takes="displacement",
        )

    @property
    def powers(self):
        """The exponents (a, b) of δˣ and δʸ, one pair a bank."""
        return [(n - b, b) for n in range(1, self.order + 1) for b in range(n + 1)]

    def build(self, input_shape):
        self.expect_images(input_shape)
        if input_shape[-1] < 3:
            raise InputError(
                "`BladeResampling` takes an image and its displacements, at least three channels. "
                f"Received: shape={tuple(input_shape)}."
            )
        build_once(self.selection, (*input_shape[:-1], input_shape[-1] - 2))
        shape = (len(self.powers), *self.selection.shape_of_bank, self.footprint, self.footprint)
        self.filters = self.add_weight(name="filters", shape=shape, initializer="zeros")

    def banks(self):
        """The filters as they are applied, `(banks, …, orientations, footprint, footprint)`."""
        return without_mean(ops.convert_to_tensor(self.filters))

    def adapt(self, images):
        """Sets the thresholds of the selection to quantiles of images, see `FilterSelection.adapt`."""
        self.selection.adapt(images)

    def derivatives(self, image):
        """BLADE^{a,b}(u), a list of tensors of the shape of the image."""
        index, side = self.selection(image), self.footprint
        banks = ops.reshape(ops.cast(self.banks(), image.dtype), (len(self.powers), -1, side, side))
        return [blade_filter(image, banks[k], index) for k in range(len(self.powers))]

    def call(self, inputs):
        image = ops.cast(inputs[..., :-2], self.compute_dtype)
        displacement = ops.cast(inputs[..., -2:], "float32")
        channels = image.shape[-1]
        rows, columns, right, down = split_displacement(displacement)
        right, down = ops.cast(right, image.dtype), ops.cast(down, image.dtype)
        together = ops.concatenate([image, *self.derivatives(image)], axis=-1)
        at = gather_pixels(together, rows, columns)
        result = at[..., :channels]
        for k, (a, b) in enumerate(self.powers, start=1):
            weight = right**a * down**b
            result = result + weight * at[..., k * channels : (k + 1) * channels]
        return result

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] - 2)

    def get_config(self):
        return {**super().get_config(), "order": self.order}
