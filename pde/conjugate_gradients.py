"""The method of conjugate gradients, for whatever is symmetric and positive definite."""

from collections.abc import Callable
from typing import Any

from .backend import Tensor, keras, ops
from .loops import repeat


def dot_by_image(a: Tensor, b: Tensor) -> Tensor:
    """⟨a, b⟩ for each image of a batch by itself, `(batch, 1, 1, 1)`: images do not know of each other.

    Args:
        a: Tensor `(batch, height, width, channels)`.
        b: Tensor of the same shape.
    """
    return ops.sum(a * b, axis=(1, 2, 3), keepdims=True)


def solve_by_conjugate_gradients(
    matrix: Callable[[Any], Any],
    right: Any,
    iterations: int = 100,
    tolerance: float | None = None,
    start: Any = None,
    dot: Callable[[Any, Any], Tensor] = dot_by_image,
) -> Any:
    """Solves A x = b for a symmetric, positive semidefinite A (Hestenes and Stiefel 1952).

    A is never formed. Where b is in the range of A the solution is reached after as many iterations as
    A has different eigenvalues; the error falls as fast as A is well conditioned.

    Args:
        matrix: A, a function of what `right` is.
        right: b, images `(batch, height, width, channels)`; or a list of tensors, with their `dot`.
        iterations: Number of iterations, exactly or, with a tolerance, at most.
        tolerance: Residual ‖b − A x‖, relative to ‖b‖, at which the iteration ends; when `None` it ends
            after `iterations`, which can be differentiated and exported.
        start: x to start from, zero when `None`.
        dot: Inner product of two such b. A number for all, or one for each image.

    Returns:
        x, of the structure of b.

    Example:
        >>> b = ops.ones((1, 2, 2, 1))
        >>> float(ops.sum(solve_by_conjugate_gradients(lambda x: 4.0 * x, b, iterations=1)))
        1.0
    """

    def each(function, *values):
        return keras.tree.map_structure(function, *values)

    def quotient(a, b):
        # What is solved already has a direction of zero.
        return a / ops.where(b > 0, b, 1.0)

    def iterate(state):
        solution, residual, direction, squared = state
        image = matrix(direction)
        length = quotient(squared, dot(direction, image))
        residual = each(lambda r, i: r - length * i, residual, image)
        after = dot(residual, residual)
        share = quotient(after, squared)
        return (
            each(lambda x, d: x + length * d, solution, direction),
            residual,
            each(lambda r, d: r + share * d, residual, direction),
            after,
        )

    if start is None:
        start, residual = each(ops.zeros_like, right), right
    else:
        residual = each(lambda b, image: b - image, right, matrix(start))
    state = start, residual, residual, dot(residual, residual)
    if tolerance is None:
        return repeat(iterate, state, iterations)[0]
    enough = tolerance**2 * dot(right, right)
    return ops.while_loop(
        lambda *state: ops.any(state[-1] > enough),
        lambda *state: iterate(state),
        state,
        maximum_iterations=iterations,
    )[0]
