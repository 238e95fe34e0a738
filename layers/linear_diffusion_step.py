"""The diffusion layer of DiffNet (Arridge and Hauptmann, section 4.2), for one size of image."""

from ..errors import InputError
from ..pde import diffusion_rate, explicit_euler
from ..pde.backend import keras, ops
from .serialization import register
from .traits import ImageLayer, Traits


@register
class LinearDiffusionStep(ImageLayer):
    """One step u + δt div(γ ∇u) with a diffusivity γ that is learned for each edge of the pixel grid.

    This is (Id + L_δt(γ)) u with the mean-free five-point stencil (DiffNet, eqs. 4.4–4.6, Fig. 1). γ
    sits on the edges, so that what γ₁ is to a pixel, γ₃ is to the one above: the operator is symmetric,
    as that of a diffusion is, and the mean is preserved for every weight value. γ and δt are learned
    without bounds, as in the paper; only their product decides.

    Args:
        time_step: Where δt starts, in px².
        diffusivity_initializer: Initialiser of γ.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(batch, height, width, channels)` with the height and width that the layer was
        built for. Weights: γ for the edges between rows `(height − 1, width, 1)` and between columns
        `(height, width − 1, 1)`, and δt.

    Raises:
        InputError: if height and width of the input are not known.

    Example:
        >>> step = LinearDiffusionStep()
        >>> tuple(step(ops.ones((1, 8, 6, 1))).shape)
        (1, 8, 6, 1)
    """

    traits = Traits(
        reach=None,  # The diffusivity is learned for each place: there are no windows.
        promises={"mean": "what leaves one pixel enters its neighbour, and nothing leaves the image"},
    )

    def __init__(self, time_step=0.1, diffusivity_initializer="ones", **kwargs):
        super().__init__(**kwargs)
        self.time_step = float(time_step)
        self.diffusivity_initializer = keras.initializers.get(diffusivity_initializer)

    def build(self, input_shape):
        if len(input_shape) != 4 or None in input_shape[1:3] or min(input_shape[1:3]) < 2:
            raise InputError(
                "`LinearDiffusionStep` learns a diffusivity for each edge, so height and width must be "
                f"known, at least 2 pixels each. Received: shape={tuple(input_shape)}."
            )
        _, height, width, _ = input_shape
        self.between_rows = self.add_weight(
            shape=(height - 1, width, 1),
            name="between_rows",
            initializer=self.diffusivity_initializer,
        )
        self.between_columns = self.add_weight(
            shape=(height, width - 1, 1),
            name="between_columns",
            initializer=self.diffusivity_initializer,
        )
        self.time_step_weight = self.add_weight(
            shape=(), name="time_step", initializer=keras.initializers.Constant(self.time_step)
        )

    def call(self, inputs):
        # No flux crosses the border, so what stands there does not matter.
        rows = ops.pad(self.between_rows, ((1, 1), (0, 0), (0, 0)))[None]
        columns = ops.pad(self.between_columns, ((0, 0), (1, 1), (0, 0)))[None]
        return explicit_euler(
            lambda u: diffusion_rate(u, (rows, columns)), inputs, self.time_step_weight
        )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "time_step": self.time_step,
            "diffusivity_initializer": keras.initializers.serialize(self.diffusivity_initializer),
        }
