"""A linear spline that decreases for every weight value ("Learning diffusion functions", FoE-D)."""

from ..pde.backend import ops
from .linear_spline import LinearSpline
from .serialization import register


@register
class DecreasingLinearSpline(LinearSpline):
    """A continuous, piecewise linear activation that decreases, learned for each channel.

    For channel i and N equal pieces of width h = 1/N on [0, 1],

        φ_i(x) = b_i − Σ_j softplus(w_ij) · clip(x − j·h, 0, h),        j = 0 … N − 1

    so that no slope is positive, whatever the weights w_ij are (paper, section 3.2, FoE-D; in the
    authors' code a constraint is meant to do this, and their shipped weights do not fulfil it).
    Outside of [0, 1] it is constant, as `LinearSpline` is.

    Args:
        pieces: Number of pieces N.
        slope_initializer: Initialiser of the weights w, a Keras initialiser or its name. The slope
            is −softplus(w): −0.69 for w = 0.
        offset_initializer: Initialiser of the offsets b.
        **kwargs: `name`, `dtype` and the like.

    Shapes:
        Input and output `(..., channels)`. Weights: `slopes` `(N, channels)`, the w_ij, and `offset`
        `(channels,)`.

    Example:
        >>> spline = DecreasingLinearSpline(pieces=20, slope_initializer="ones")
        >>> [round(float(y), 3) for y in spline(ops.convert_to_tensor([[0.25], [0.75]]))[:, 0]]
        [-0.328, -0.985]
    """

    def piece_slopes(self):
        """The slopes −softplus(w_ij) ≤ 0 of the pieces, `(pieces, channels)`."""
        return -ops.softplus(ops.convert_to_tensor(self.slopes))
