"""The classical diffusivities as a layer, with a contrast that can be learned."""

from ..errors import InputError
from ..pde import DIFFUSIVITIES, gaussian_kernel, gaussian_smooth, gradient_magnitude_squared
from ..pde.backend import keras, ops
from .scalars import CONTRAST_RANGE, add_scalar, check_contrast, clipped
from .serialization import as_layer, build_once, register
from .traits import UNCHANGED, ImageLayer, Traits, traits_of


@register
class ClassicalDiffusivity(ImageLayer):
    """A diffusivity g(|∇u_σ|²) of Perona–Malik, Charbonnier or Weickert type.

    u_σ is the image smoothed by a Gaussian of standard deviation σ (Catté et al. 1992), |∇u_σ|² the
    mean square of the one-sided differences, summed over channels.

    Args:
        form: `"perona_malik_rational"`, `"perona_malik_exponential"`, `"charbonnier"` or
            `"weickert"`; the formulas are in `imagepde.pde`.
        contrast: λ in grey value per px, in [1e-4, 10]; where the weight starts. Or a layer that
            estimates it from the image, for instance `ContrastEstimator`.
        sigma: σ in px, 0 for no smoothing.
        learn_contrast: Whether the contrast is a trainable weight.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input `(batch, height, width, channels)`, output `(batch, height, width, 1)`.

    Raises:
        InputError: if there is no form of this name, or the contrast is out of its range.

    Example:
        >>> g = ClassicalDiffusivity(contrast=0.1)(ops.zeros((1, 8, 8, 1)))
        >>> float(ops.min(g))
        1.0
    """

    def __init__(
        self,
        form="perona_malik_rational",
        contrast=0.05,
        sigma=0.0,
        learn_contrast=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if form not in DIFFUSIVITIES:
            raise InputError(f"`form` must be one of {sorted(DIFFUSIVITIES)}. Received: {form!r}.")
        self.form = form
        number = isinstance(contrast, int | float)
        self.contrast = check_contrast(contrast) if number else as_layer(contrast, "contrast")
        self.sigma = float(sigma)
        self._radius = len(gaussian_kernel(self.sigma)) // 2
        self.learn_contrast = bool(learn_contrast) and number
        self._estimated = not number

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        contrast = traits_of(self.contrast) if self._estimated else UNCHANGED
        return Traits(
            reach=None if contrast.needs_whole_image else max(1 + self._radius, contrast.reach),
            smallest_side=max(1, self._radius, contrast.smallest_side),
            alignment=contrast.alignment,
            gives="field",
            mirrors=contrast.mirrors,
        )

    def build(self, input_shape):
        self.expect_images(input_shape)
        if self.learn_contrast:
            self.contrast_weight = add_scalar(self, "contrast", self.contrast, *CONTRAST_RANGE)
        if self._estimated:
            build_once(self.contrast, input_shape)

    def call(self, inputs):
        squared = gradient_magnitude_squared(gaussian_smooth(inputs, self.sigma))
        contrast = clipped(self.contrast_weight) if self.learn_contrast else self.contrast
        if self._estimated:
            contrast = self.contrast(inputs)
        return DIFFUSIVITIES[self.form](squared, ops.cast(contrast, squared.dtype))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 1)

    def get_config(self):
        return {
            **super().get_config(),
            "form": self.form,
            "contrast": keras.saving.serialize_keras_object(self.contrast),
            "sigma": self.sigma,
            "learn_contrast": self.learn_contrast,
        }
