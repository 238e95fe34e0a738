"""How an image is observed: linear operators with their exact adjoints."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..pde import solve_by_conjugate_gradients
from ..pde.backend import keras, ops
from .serialization import register


class Observation:
    """A linear operator A on images, f = A u + noise, with its adjoint: ⟨A u, f⟩ = ⟨u, Aᵀ f⟩.

    A subclass has `apply` and `adjoint`, and is registered with Keras if it is to be saved in a model.

    Attributes:
        factor: How much smaller an observation is than its image, along each axis.
        is_picture: Whether an observation is a picture, with black and white.
        takes_mask: Whether the observation has a mask of known pixels as its last channel.
        radius: How many pixels away a change of the image can change the observation; `None` for any.
        smallest_side: The smallest height and width of an image.
        start_radius: For an operator that works pixel by pixel and takes a mask: how many pixels away
            its `start` sees, which takes the mean of the known pixels then; `None` for others.
        squared_norm: A bound on ‖A‖², which limits the weight of a data term.

    Example:
        >>> observation, u = Identity(), ops.zeros((1, 4, 4, 1))
        >>> float(ops.sum(observation.residual(u, u + 1.0)))
        16.0
    """

    factor = 1
    is_picture = True
    takes_mask = False
    radius = 0
    smallest_side = 1
    start_radius: int | None = None
    squared_norm = 1.0

    def bind(self, inputs):
        """What was observed and the operator for it, from the input of a model."""
        return inputs, self

    def apply(self, u):
        """A u, for a tensor `(batch, height, width, channels)`."""
        raise NotImplementedError

    def adjoint(self, f):
        """Aᵀ f."""
        raise NotImplementedError

    def start(self, f):
        """An image to start from, for an observation."""
        return f

    def residual(self, u, f):
        """Aᵀ(f − A u), minus the gradient of ½‖f − A u‖² (eq. 4.1)."""
        return self.adjoint(f - self.apply(u))

    def least_change(self, f, iterations=10):
        """Aᵀ(A Aᵀ)⁻¹ f, the smallest v with A v = f, by conjugate gradients.

        Images of a batch do not know of each other. The first iterations reduce the error as fast as A
        Aᵀ is well conditioned; for a mask or plain subsampling one is enough.
        """

        dtype, f = f.dtype, ops.cast(f, "float32")  # Half precision does not converge.
        solution = solve_by_conjugate_gradients(lambda p: self.apply(self.adjoint(p)), f, iterations)
        return ops.cast(self.adjoint(solution), dtype)

    def proximal(self, z, f, ridge, iterations=40, tolerance=1e-4):
        """The u of the smallest ½‖A u − f‖² + ½ρ‖u − z‖², not to be put into a program.

        u = z + Aᵀ(A Aᵀ + ρ)⁻¹ (f − A z), by conjugate gradients: of what is observed, which is often
        less than the image.

        Args:
            z: Array `(batch, height, width, channels)`.
            f: What was observed.
            ridge: ρ > 0.
            iterations: Of conjugate gradients, at most.
            tolerance: Residual, relative to f − A z, at which they end.

        Returns:
            float32 array of the shape of z.
        """
        apply, adjoint = self.fastest()
        z, f = (ops.convert_to_tensor(x, "float32") for x in (z, f))
        solution = solve_by_conjugate_gradients(
            lambda p: apply(adjoint(p)) + ridge * p, f - apply(z), iterations, tolerance
        )
        return ops.convert_to_numpy(z + adjoint(solution))

    def fastest(self):
        """A and Aᵀ as functions of tensors that are not put into a program."""
        return self.apply, self.adjoint

    def get_config(self):
        """Arguments of the constructor, as Keras stores them."""
        return {}

    @classmethod
    def from_config(cls, config):
        """The operator with these arguments."""
        return cls(**config)


@register
class Identity(Observation):
    """A u = u: the observation is noisy, no more.

    Example:
        >>> str(Identity()), float(ops.sum(Identity().apply(ops.ones((1, 4, 4, 1)))))
        ('every pixel', 16.0)
    """

    def __str__(self):
        return "every pixel"

    def apply(self, u):
        return u

    def adjoint(self, f):
        return f


@register
class CustomObservation(Observation):
    """An operator of the user's own.

    Functions that are registered with Keras can be saved in a model.

    Args:
        apply: A, function of a tensor `(batch, height, width, channels)`.
        adjoint: Aᵀ, function of such an observation. `check_adjoint` tells whether it is that.
        start: Function of an observation that returns an image to start from; Aᵀ when `None`.
        squared_norm: A bound on ‖A‖².

    Raises:
        InputError: if `apply` or `adjoint` is no function.

    Example:
        >>> upside_down = CustomObservation(lambda u: u[:, ::-1], lambda f: f[:, ::-1])
        >>> check_adjoint(upside_down, (1, 4, 4, 1))
    """

    radius = None

    def __init__(self, apply, adjoint, start=None, squared_norm=1.0):
        functions = [apply, adjoint, start]
        apply, adjoint, start = (
            keras.saving.deserialize_keras_object(f) if isinstance(f, dict) else f for f in functions
        )
        if not callable(apply) or not callable(adjoint):
            raise InputError("`apply` and `adjoint` must be functions of a tensor.")
        self._functions = {"apply": apply, "adjoint": adjoint, "start": start}
        self.squared_norm = float(squared_norm)

    def __str__(self):
        return "an operator of one's own"

    def apply(self, u):
        return self._functions["apply"](u)

    def adjoint(self, f):
        return self._functions["adjoint"](f)

    def start(self, f):
        return (self._functions["start"] or self.adjoint)(f)

    def get_config(self):
        functions = {
            key: keras.saving.serialize_keras_object(function)
            for key, function in self._functions.items()
        }
        return {**functions, "squared_norm": self.squared_norm}


@register
class Chain(Observation):
    """One operator after the other: A = A_n … A_1.

    Args:
        operators: A_1 … A_n, in the order in which they are applied, for instance `[Blur(0.4),
            Subsample(4)]`.

    Raises:
        InputError: if an operator is no `Observation`, or a measurement that is no picture; or if a
            mask that a model is given is not the last one.

    Example:
        >>> from imagepde.layers import Blur, Subsample
        >>> chain = Chain([Blur(0.5), Subsample(2)])
        >>> str(chain), tuple(chain.apply(ops.ones((1, 8, 8, 1))).shape)
        ('Gaussian blur σ=0.5, one pixel of 2×2', (1, 4, 4, 1))
    """

    def __init__(self, operators):
        operators = [
            keras.saving.deserialize_keras_object(o) if isinstance(o, dict) else o for o in operators
        ]
        if not operators or not all(isinstance(o, Observation) for o in operators):
            raise InputError(f"`operators` must be a list of observations. Received: {operators!r}.")
        if not all(o.is_picture for o in operators):
            raise InputError("A measurement that is no picture cannot be chained; call it by itself.")
        if any(o.takes_mask for o in operators[:-1]):
            raise InputError("A mask that a model is given must be the last of the `operators`.")
        self.operators = list(operators)
        self.factor = int(np.prod([o.factor for o in operators]))
        self.takes_mask = operators[-1].takes_mask
        radii = [o.radius for o in operators]
        self.radius = None if None in radii else sum(radii)
        self.squared_norm = float(np.prod([o.squared_norm for o in operators]))
        before = np.cumprod([1, *(o.factor for o in operators[:-1])])
        sides = [int(n) * o.smallest_side for n, o in zip(before, operators, strict=True)]
        self.smallest_side = max(sides)

    def __str__(self):
        return ", ".join(map(str, self.operators))

    def bind(self, inputs):
        observed, last = self.operators[-1].bind(inputs)
        return observed, self if last is self.operators[-1] else Chain([*self.operators[:-1], last])

    def apply(self, u):
        for operator in self.operators:
            u = operator.apply(u)
        return u

    def adjoint(self, f):
        for operator in reversed(self.operators):
            f = operator.adjoint(f)
        return f

    def start(self, f):
        for operator in reversed(self.operators):
            f = operator.start(f)
        return f

    def get_config(self):
        return {"operators": [keras.saving.serialize_keras_object(o) for o in self.operators]}


def check_adjoint(observation: Observation, shape: Sequence[int], tolerance: float = 1e-4) -> None:
    """Tests on random images whether the adjoint is one: ⟨A u, f⟩ = ⟨u, Aᵀ f⟩.

    Args:
        observation: An `Observation`.
        shape: Shape of an image, `(batch, height, width, channels)`.
        tolerance: Largest difference, relative to ‖A u‖ ‖f‖.

    Returns:
        `None`.

    Raises:
        InputError: if it is not, or shapes do not go together.

    Example:
        >>> check_adjoint(Identity(), (1, 4, 4, 1))
        >>> wrong = CustomObservation(lambda u: u, lambda f: 2.0 * f)
        >>> check_adjoint(wrong, (1, 4, 4, 1))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        imagepde.errors.InputError: `adjoint` is not the adjoint of `apply`: ...
    """
    rng = np.random.default_rng(0)
    u = ops.convert_to_tensor(rng.standard_normal(shape, dtype=np.float32))
    observed = ops.convert_to_numpy(observation.apply(u))
    f = rng.standard_normal(observed.shape, dtype=np.float32)
    back = ops.convert_to_numpy(observation.adjoint(ops.convert_to_tensor(f)))
    if back.shape != tuple(shape):
        raise InputError(
            "`adjoint` must return an image of the shape that `apply` was given. "
            f"Received: {back.shape} instead of {tuple(shape)}."
        )
    difference = abs(np.vdot(observed, f) - np.vdot(ops.convert_to_numpy(u), back))
    relative = difference / max(np.linalg.norm(observed) * np.linalg.norm(f), 1e-30)
    if not relative <= tolerance:
        raise InputError(
            "`adjoint` is not the adjoint of `apply`: ⟨A u, f⟩ and ⟨u, Aᵀ f⟩ differ on random images. "
            f"Received: a relative difference of {relative:.2g}."
        )
