"""BLADE: at each pixel one filter of a bank estimates the rate of change (section 2.2)."""

from ..pde import InputError, blade_filter
from ..pde.backend import keras, ops
from .filter_symmetry import symmetric_bank, without_mean
from .serialization import as_layer, build_once, check_image_shape, check_positive_integer, register


@register
class Blade(keras.layers.Layer):
    """∂u/∂t as the response of the filter that the local structure of u selects.

        (∂u/∂t)_i = Σ_{j ∈ F} h_j^{s(i)} u_{i+j}   (eqs. 2.1, 2.6)

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
        >>> rate = Blade(FilterSelection(orientations=8))
        >>> float(ops.max(ops.abs(rate(ops.ones((1, 9, 9, 1))))))
        0.0
    """

    def __init__(self, selection, footprint=5, symmetric=True, **kwargs):
        super().__init__(**kwargs)
        # Selection and filtering are compiled one by one, not as one program: see `compiled`.
        self.supports_jit = keras.backend.backend() != "tensorflow"
        self.selection = as_layer(selection, "selection")
        self.footprint = check_footprint(footprint)
        self.symmetric = bool(symmetric)
        check_orientations(self.symmetric, self.selection)

    @property
    def reach(self):
        """How many pixels away a change of the image can change the rate."""
        return max(self.footprint // 2, self.selection.reach)

    @property
    def smallest_side(self):
        """The smallest height and width of an image that can be mirrored as far as is needed."""
        return self.selection.smallest_side

    def build(self, input_shape):
        check_image_shape(input_shape, "Blade")
        build_once(self.selection, input_shape)
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

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "selection": keras.saving.serialize_keras_object(self.selection),
            "footprint": self.footprint,
            "symmetric": self.symmetric,
        }


def check_footprint(footprint):
    """An odd number of pixels, at least 3."""
    if check_positive_integer(footprint, "footprint") % 2 == 0 or footprint < 3:
        raise InputError(f"`footprint` must be odd and at least 3. Received: footprint={footprint}.")
    return footprint


def check_orientations(symmetric, selection):
    """Refuses numbers of bins that a transposition of the image does not map to each other."""
    if symmetric and selection.orientations > 1 and selection.orientations % 4:
        raise InputError(
            "A symmetric bank needs a number of `orientations` that is 1 or a multiple of 4. "
            f"Received: orientations={selection.orientations}."
        )
