"""BLADE: at each pixel one filter of a bank estimates the rate of change (section 2.2)."""

from ..pde import blade_filter
from ..pde.backend import ops
from .filter_symmetry import symmetric_bank, without_mean
from .selected_filters import SelectedFilters
from .serialization import register
from .traits import Traits


@register
class Blade(SelectedFilters):
    """∂u/∂t as the response of the filter that the local structure of u selects.

        (∂u/∂t)_i = Σ_{j ∈ F} h_j^{s(i)} u_{i+j}   (BLADE, eqs. 2.1, 2.6)

    Filters sum to zero, so flat images stay flat. Border pixels are repeated beyond the border. The
    channels of a colour image are filtered one by one, with the filter that all of them select.

    Args:
        selection: A `FilterSelection`.
        footprint: Side of the filters in px, odd.
        symmetric: Whether filters are bound to turn and mirror with the image. The rate then turns with
            it by 90° exactly, and there are an eighth of the numbers to be learned.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`, the latter in grey value per unit of time.

    Raises:
        InputError: if the footprint is even, or `symmetric` goes with orientations that are no multiple
            of four.

    Example:
        >>> from imagepde.layers import FilterSelection
        >>> rate = Blade(FilterSelection(orientations=8))
        >>> float(ops.max(ops.abs(rate(ops.ones((1, 9, 9, 1))))))
        0.0
    """

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=max(self.footprint // 2, self.selection.traits.reach),
            smallest_side=self.needed_side,
        )

    def build(self, input_shape):
        super().build(input_shape)
        shape = (*self.selection.shape_of_bank, self.footprint, self.footprint)
        self.filters = self.add_weight(name="filters", shape=shape, initializer="zeros")

    def bank(self):
        """The filters as they are applied, `(…, orientations, footprint, footprint)`."""
        filters = ops.convert_to_tensor(self.filters)
        return without_mean(symmetric_bank(filters) if self.symmetric else filters)

    def select(self, inputs):
        """The index of the filter at each pixel."""
        return self.selection(inputs)

    def adapt(self, images):
        """Sets the thresholds of the selection to quantiles of images, see `FilterSelection.adapt`."""
        self.selection.adapt(images)

    def call(self, inputs, index=None):
        side = self.footprint
        bank = ops.reshape(ops.cast(self.bank(), inputs.dtype), (-1, side, side))
        return blade_filter(inputs, bank, self.select(inputs) if index is None else index)
