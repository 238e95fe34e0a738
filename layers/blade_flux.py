"""BLADE in conservative form: filters estimate fluxes between pixels (section 3.1)."""

from ..pde import COLUMNS, ROWS, blade_filter_valid, edge_divergence, replicate
from ..pde.backend import ops
from .filter_symmetry import symmetric_flux_bank, transposed, without_mean
from .selected_filters import SelectedFilters
from .serialization import register
from .traits import Traits


@register
class BladeFlux(SelectedFilters):
    """∂u/∂t = div Ĝ, with the fluxes Ĝ through the edges of pixels estimated by selected filters.

        Ĝ^x_{m+½,n} = Σ_{j ∈ F} h_j^{s(m+½,n)} u_{m+j}   (BLADE, eq. 3.14; 3.15 along y)
        (∂u/∂t)_{m,n} = Ĝ^x_{m+½,n} − Ĝ^x_{m−½,n} + Ĝ^y_{m,n+½} − Ĝ^y_{m,n−½}   (BLADE, eq. 3.16)

    Nothing flows through the border, and what leaves one pixel enters its neighbour: the mean is kept
    whatever the filters are. Features are those of the image at the edge, and footprints have their
    centre there. Filters sum to zero, so flat images stay flat.

    Args:
        selection: A `FilterSelection`, asked for both kinds of edges.
        footprint: Pixels across the flux, odd; along it there is one less, so that as many lie on
            either side of the edge.
        symmetric: Whether filters are bound to turn and mirror with the image; then there is one bank,
            and that of the fluxes along y is its transpose. Otherwise there are two.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)`, the latter in grey value per unit of time.

    Example:
        >>> from imagepde.layers import FilterSelection
        >>> rate = BladeFlux(FilterSelection(orientations=8))
        >>> float(ops.max(ops.abs(rate(ops.ones((1, 9, 9, 1))))))
        0.0
    """

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=1 + max(self.footprint // 2, self.selection.traits.reach),
            smallest_side=self.needed_side,
            promises={
                "mean": "what leaves one pixel enters its neighbour, and nothing leaves the image"
            },
        )

    def build(self, input_shape):
        super().build(input_shape)
        bank, side = self.selection.shape_of_bank, self.footprint
        self.column_filters = self.add_weight(
            name="column_filters", shape=(*bank, side, side - 1), initializer="zeros"
        )
        if not self.symmetric:
            self.row_filters = self.add_weight(
                name="row_filters", shape=(*bank, side - 1, side), initializer="zeros"
            )

    def banks(self):
        """The filters as they are applied, for the fluxes along rows and columns, by axis."""
        columns = ops.convert_to_tensor(self.column_filters)
        if self.symmetric:
            columns = without_mean(symmetric_flux_bank(columns))
            return {ROWS: transposed(columns), COLUMNS: columns}
        return {
            ROWS: without_mean(ops.convert_to_tensor(self.row_filters)),
            COLUMNS: without_mean(columns),
        }

    def select(self, inputs):
        """The indices of the filters on the edges between rows, and between columns."""
        return [self.selection(inputs, location=location) for location in ("rows", "columns")]

    def adapt(self, images):
        """Sets the thresholds of the selection to quantiles of images, see `FilterSelection.adapt`."""
        self.selection.adapt(images, location="columns")

    def call(self, inputs, index=None):
        wide, narrow = self.footprint // 2, self.footprint // 2 - 1
        total, banks = 0.0, self.banks()
        indices = self.select(inputs) if index is None else index
        for axis, index in zip((ROWS, COLUMNS), indices, strict=True):
            bank = ops.cast(banks[axis], inputs.dtype)
            bank = ops.reshape(bank, (-1, *bank.shape[-2:]))
            margins = (narrow, wide) if axis == ROWS else (wide, narrow)
            flux = blade_filter_valid(replicate(inputs, margins), bank, index)
            closed = [(0, 0)] * 4
            closed[axis] = (1, 1)
            total = total + edge_divergence(ops.pad(flux, closed), axis)
        return total
