"""Classical Perona–Malik evolutions."""

from ...layers import ClassicalDiffusivity, Evolution, NoiseLevel, NoiseNormalized, PeronaMalikStep
from ...pde.backend import keras
from ..registry import architecture
from ..zoo_model import ZooModel


def evolution(name, diffusivity, time_step, steps, channels, blind=False):
    """The model that repeats an explicit step with this diffusivity.

    A blind one measures the noise first and brings the image to noise of 25/255.
    """
    image = keras.Input((None, None, channels), name="image")
    step = PeronaMalikStep(diffusivity, time_step=time_step, name="step")
    repeated = Evolution(step, steps=steps, name="evolution")
    if blind:
        level = NoiseLevel(name="noise_level")(image)
        restored = NoiseNormalized(repeated, name="normalized")([image, level])
    else:
        restored = repeated(image)
    return ZooModel(image, restored, name=name)


@architecture(
    "perona_malik",
    paper="Perona, Malik: Scale-space and edge detection using anisotropic diffusion, PAMI 1990",
    equation="∂u/∂t = div(g(|∇u_σ|²) ∇u)",
)
def perona_malik(
    form="perona_malik_rational", contrast=0.05, sigma=0.0, time_step=0.25, steps=10, channels=1
):
    """Classical Perona–Malik diffusion: contrast and time step are its only parameters."""
    diffusivity = ClassicalDiffusivity(form, contrast=contrast, sigma=sigma, name="diffusivity")
    return evolution("perona_malik", diffusivity, time_step, steps, channels)
