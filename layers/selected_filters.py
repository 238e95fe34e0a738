"""What `Blade` and `BladeFlux` share: a selection, a footprint, and whether filters are symmetric."""

from ..errors import InputError
from ..pde.backend import keras
from .filter_selection import FilterSelection
from .serialization import as_layer, build_once, check_positive_integer
from .traits import ImageLayer


class SelectedFilters(ImageLayer, abstract=True):
    """A rate of change by filters that the local structure of the image selects.

    A subclass makes its banks in `build` and has `select`, `call` and `adapt`.

    Args:
        selection: A `FilterSelection`.
        footprint: Side of the filters in px, odd.
        symmetric: Whether filters are bound to turn and mirror with the image.
        **kwargs: `name`, `dtype` and the like.

    Raises:
        InputError: if the footprint is even, or `symmetric` goes with orientations that a transposition
            of the image does not map to each other.
    """

    def __init__(self, selection, footprint=5, symmetric=True, **kwargs):
        super().__init__(**kwargs)
        # Selection and filtering are compiled one by one, not as one program: see `compiled`.
        self.supports_jit = keras.backend.backend() != "tensorflow"
        self.selection = as_layer(selection, "selection")
        if not isinstance(self.selection, FilterSelection):
            raise InputError(f"`selection` must be a FilterSelection. Received: {selection!r}.")
        if check_positive_integer(footprint, "footprint") % 2 == 0 or footprint < 3:
            raise InputError(
                f"`footprint` must be odd and at least 3. Received: footprint={footprint}."
            )
        self.footprint = footprint
        self.symmetric = bool(symmetric)
        orientations = self.selection.orientations
        if self.symmetric and orientations > 1 and orientations % 4:
            raise InputError(
                "A symmetric bank needs a number of `orientations` that is 1 or a multiple of 4. "
                f"Received: orientations={orientations}."
            )

    @property
    def needed_side(self) -> int:
        """The smallest height and width of an image that can be mirrored as far as features see."""
        return max(2, self.selection.traits.smallest_side)

    def build(self, input_shape):
        self.expect_images(input_shape)
        build_once(self.selection, input_shape)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "selection": keras.saving.serialize_keras_object(self.selection),
            "footprint": self.footprint,
            "symmetric": self.symmetric,
        }
