"""Segmentation into two regions by a level set that an image moves (BLADE, section 4.3)."""

from ..errors import InputError
from ..pde import checkerboard, curvature_parts, dirac, fitting_force, heaviside
from ..pde.backend import keras, ops
from ..pde.tracing import within_loop
from .serialization import as_layer, build_once, check_positive_integer, register
from .traits import ImageLayer, Loop, Traits, traits_of


@register
class ChanVese(ImageLayer):
    """Chan–Vese segmentation, for colour images that of Chan, Sandberg and Vese (BLADE, eqs. 4.8–4.11).

        ∂φ/∂t = δ_ε(φ) [μ div(∇φ/|∇φ|) − ν − λ₁ ‖f − c₁‖² + λ₂ ‖f − c₂‖²]

    c₁ and c₂, the means of f where φ ≥ 0 and where φ < 0, follow φ in every step. φ starts as a
    checkerboard, and each image of a batch stops by itself when H_ε(φ) changes by no more than
    `tolerance` per unit of time, root mean square.

    The curvature term is that of Getreuer's scheme, semi-implicit, or a surrogate of TV flow (4.10).
    The level lines of H_ε(φ) are those of φ, and so is their curvature: the surrogate is given H_ε(φ),
    an image in [0, 1] as those of its training, where φ itself may grow without bounds.

    Args:
        rate: Layer for div(∇u/|∇u|), as the `Blade` or `BladeFlux` of TV flow; when `None` the
            reference scheme.
        length: μ, the weight of the length of the contour.
        area: ν, the weight of the area inside.
        inside: λ₁ > 0.
        outside: λ₂ > 0.
        time_step: τ > 0.
        tolerance: See above.
        steps: How many steps there are at most.
        side: Side of the squares of the checkerboard in px.
        epsilon: ε of H_ε and δ_ε.
        slope: Below so much per px φ counts as flat in the reference scheme, see `pde.curvature`. With
            almost none its semi-implicit steps hold φ where it is flat: they are stable, and too short.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input f, `(batch, height, width, channels)` in [0, 1]. Output H_ε(φ), `(batch, height, width,
        1)`, in (0, 1): above ½ in one of the regions, below in the other.

    Raises:
        InputError: if a parameter that must be positive is not, or `length` or `tolerance` is negative.

    Example:
        >>> dark_above_bright = ops.reshape(ops.repeat(ops.array([0.0, 1.0]), 128), (1, 16, 16, 1))
        >>> region = ChanVese(steps=30)(dark_above_bright) > 0.5
        >>> bool(region[0, 2, 8, 0] == region[0, 13, 8, 0])
        False
    """

    def __init__(
        self,
        rate=None,
        length=0.2,
        area=0.0,
        inside=1.0,
        outside=1.0,
        time_step=1.0,
        tolerance=2e-4,
        steps=500,
        side=5.0,
        epsilon=1.0,
        slope=0.1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.rate = None if rate is None else as_layer(rate, "rate")
        positive = {"inside": inside, "outside": outside, "time_step": time_step}
        positive |= {"side": side, "epsilon": epsilon, "slope": slope}
        for argument, value in positive.items():
            if not value > 0:
                raise InputError(f"`{argument}` must be positive. Received: {argument}={value}.")
        for argument, value in {"length": length, "tolerance": tolerance}.items():
            if not value >= 0:
                raise InputError(f"`{argument}` must not be negative. Received: {argument}={value}.")
        self.length, self.area = float(length), float(area)
        self.inside, self.outside = float(inside), float(outside)
        self.time_step, self.tolerance = float(time_step), float(tolerance)
        self.steps = check_positive_integer(steps, "steps")
        self.side, self.epsilon, self.slope = float(side), float(epsilon), float(slope)

    @property
    def traits(self) -> Traits:
        """What the rest of the house must know of the layer."""
        return Traits(
            reach=None,  # The means c₁ and c₂ depend on all pixels.
            smallest_side=1 if self.rate is None else traits_of(self.rate).smallest_side,
            gives="region",
        )

    def loops(self, input_shape: tuple) -> tuple[Loop, ...]:
        """As many steps as there are at most."""
        return (Loop(self.steps, self.advance, (input_shape, self.compute_output_shape(input_shape))),)

    def build(self, input_shape):
        self.expect_images(input_shape)
        if self.rate is not None:
            build_once(self.rate, self.compute_output_shape(input_shape))

    def advance(self, f, phi):
        """One step in time."""
        pull = self.time_step * dirac(phi, self.epsilon)
        force = fitting_force(f, phi, self.inside, self.outside, self.area)
        if self.rate is not None:
            bend = ops.cast(self.rate(heaviside(phi, self.epsilon)), phi.dtype)
            return phi + pull * (self.length * bend + force)
        neighbours, weights = curvature_parts(phi, self.slope)
        bend = self.length * pull
        return (phi + bend * neighbours + pull * force) / (1.0 + bend * weights)

    def level_set(self, inputs):
        """φ at convergence, and how many steps there were, by image.

        Args:
            inputs: f.

        Returns:
            Tensors `(batch, height, width, 1)` and `(batch, 1, 1, 1)`.
        """
        f = ops.cast(inputs, "float32")
        height, width = ops.shape(f)[1:3]
        phi = checkerboard(height, width, self.side) + ops.zeros_like(f[..., :1])
        count = ops.zeros_like(f[:, :1, :1, :1])

        def goes_on(phi, change, count):
            return ops.any(change > self.tolerance)

        def body(phi, change, count):
            with within_loop():
                moved = self.advance(f, phi)
            # Who has stopped stays, whatever the others do.
            active = change > self.tolerance
            moved = ops.where(active, moved, phi)
            # φ itself grows on for ever where it is far from the contour.
            difference = heaviside(moved, self.epsilon) - heaviside(phi, self.epsilon)
            now = ops.sqrt(ops.mean(ops.square(difference), axis=(1, 2, 3), keepdims=True))
            now = now * (1.0 / self.time_step)
            return moved, ops.where(active, now, change), count + ops.cast(active, count.dtype)

        start = phi, count + 1e30, count
        phi, _, count = ops.while_loop(goes_on, body, start, maximum_iterations=self.steps)
        return phi, count

    def call(self, inputs):
        phi, _ = self.level_set(inputs)
        return ops.cast(heaviside(phi, self.epsilon), inputs.dtype)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 1)

    def get_config(self):
        return {
            **super().get_config(),
            "rate": None if self.rate is None else keras.saving.serialize_keras_object(self.rate),
            "length": self.length,
            "area": self.area,
            "inside": self.inside,
            "outside": self.outside,
            "time_step": self.time_step,
            "tolerance": self.tolerance,
            "steps": self.steps,
            "side": self.side,
            "epsilon": self.epsilon,
            "slope": self.slope,
        }
