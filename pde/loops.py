"""The loop that repeats a step, in a form that compilers keep as a loop and can differentiate."""

from collections.abc import Callable
from typing import Any

from ..errors import InputError
from .backend import Tensor, keras, ops, tensorflow
from .tracing import being_traced, within_loop

_WRITTEN_OUT = 4
"""How often a loop within a loop may run and be written out, where the runtime has no such loops."""


def repeat(step: Callable[[Any], Any], u: Any, times: int) -> Any:
    """Applies `step` to u `times` times, as a loop that the compiler keeps as a loop.

    Compilers that see the repeated steps unrolled fuse across them and compute the same values
    again and again; a loop body is compiled once. The loop can be differentiated on every backend.

    Args:
        step: Function of a tensor that returns a tensor of the same shape and type; or of a tuple of
            them.
        u: The first state.
        times: How often, an integer ≥ 0.

    Returns:
        The last state.

    Raises:
        InputError: if `times` is not a whole number ≥ 0.

    Example:
        >>> float(repeat(lambda u: 2.0 * u, ops.convert_to_tensor(1.0), 10))
        1024.0
    """
    if not isinstance(times, int) or times < 0:
        raise InputError(f"`times` must be a whole number ≥ 0. Received: times={times!r}.")
    if times == 0:
        return u
    program = being_traced()
    if program.within_loop and not program.nested_loops and times <= _WRITTEN_OUT:
        for _ in range(times):
            u = step(u)
        return u
    if tensorflow is not None:
        # XLA differentiates a `while` only where it knows the number of iterations beforehand,
        # and only this form of the loop tells it; JAX wants the other form for the same reason.
        def condition(count, _):
            return count < times

        def body(count, state):
            with within_loop():
                return count + 1, keras.tree.map_structure(_of_shape, step(state), state)

        start = ops.convert_to_tensor(0, dtype="int32")
        return ops.while_loop(condition, body, (start, u), maximum_iterations=times)[1]
    return ops.fori_loop(0, times, lambda _, state: step(state), u)


def _of_shape(after, before):
    """What a step returns, of the shape that is known of what it was given.

    Where sizes are open a step may forget the others, and a loop does not take a state that varies.
    """
    after = ops.convert_to_tensor(after)
    after.set_shape(before.shape)
    return after


def trajectory(step: Callable[[Tensor], Tensor], u: Tensor, times: int) -> Tensor:
    """The states u⁽¹⁾ … u⁽ⁿ⁾ of a repeated step, in a loop as `repeat` has it.

    Args:
        step: Function of a tensor that returns a tensor of the same shape and type.
        u: The first state, which is left out of the result.
        times: n ≥ 1.

    Returns:
        Tensor `(times, …)`.

    Raises:
        InputError: if `times` is not a whole number ≥ 1.

    Example:
        >>> ops.convert_to_numpy(trajectory(lambda u: 2.0 * u, ops.convert_to_tensor(1.0), 3))
        array([2., 4., 8.], dtype=float32)
    """
    if not isinstance(times, int) or times < 1:
        raise InputError(f"`times` must be a whole number ≥ 1. Received: times={times!r}.")
    if tensorflow is not None:

        def body(count, state, states):
            with within_loop():
                state = _of_shape(step(state), state)
            return count + 1, state, states.write(count, state)

        states = tensorflow.TensorArray(u.dtype, size=times, element_shape=u.shape)
        start = (tensorflow.constant(0), tensorflow.convert_to_tensor(u), states)
        loop = tensorflow.while_loop(
            lambda count, *_: count < times, body, start, maximum_iterations=times
        )
        return loop[2].stack()

    def once(state, _):
        state = step(state)
        return state, state

    return ops.scan(once, u, length=times)[1]
