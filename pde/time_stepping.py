"""Time schemes for ∂u/∂t = F(u), and the loop that repeats a step."""

from ..errors import InputError
from .backend import deriving, keras, ops, within_a_loop, within_loop

_WRITTEN_OUT = 4
"""How many times a loop within a loop may run and still be written out in a file."""


def explicit_euler(rate, u, time_step):
    """One step u + τ F(u) (BLADE, eq. 1.3): first order in τ.

    Args:
        rate: Function F of the image.
        u: The image at time t.
        time_step: τ in px².

    Returns:
        The image at time t + τ.
    """
    return u + time_step * rate(u)


def explicit_midpoint(rate, u, time_step):
    """One step u + τ F(u + τ/2 F(u)) (BLADE, eq. 2.7): second order in τ, two evaluations of F.

    Args and result as for `explicit_euler`. On a real negative spectrum it is stable for the same
    steps as Euler's, but an extremum principle does not follow.
    """
    return u + time_step * rate(u + 0.5 * time_step * rate(u))


def repeat(step, u, times):
    """Applies `step` to u `times` times, as a loop that the compiler keeps as a loop.

    Compilers that see the repeated steps unrolled fuse across them and compute the same values
    again and again; a loop body is compiled once. The loop can be differentiated on every backend.

    Args:
        step: Function of a tensor that returns a tensor of the same shape and type.
        u: The first state.
        times: How often, an integer ≥ 0.

    Returns:
        The last state.

    Raises:
        InputError: if `times` is not a whole number ≥ 0.
    """
    if not isinstance(times, int) or times < 0:
        raise InputError(f"`times` must be a whole number ≥ 0. Received: times={times!r}.")
    if times == 0:
        return u
    if deriving() and within_a_loop() and times <= _WRITTEN_OUT:
        # Not every runtime of LiteRT can run a loop within a loop; that of browsers cannot.
        for _ in range(times):
            u = step(u)
        return u
    if keras.backend.backend() == "tensorflow":
        # XLA differentiates a `while` only where it knows the number of iterations beforehand,
        # and only this form of the loop tells it; JAX wants the other form for the same reason.
        def condition(count, _):
            return count < times

        def body(count, state):
            with within_loop():
                return count + 1, step(state)

        start = ops.convert_to_tensor(0, dtype="int32")
        return ops.while_loop(condition, body, (start, u), maximum_iterations=times)[1]
    return ops.fori_loop(0, times, lambda _, state: step(state), u)


def trajectory(step, u, times):
    """The states u⁽¹⁾ … u⁽ⁿ⁾ of a repeated step, in a loop as `repeat` has it.

    Args:
        step: Function of a tensor that returns a tensor of the same shape and type.
        u: The first state, which is left out of the result.
        times: n ≥ 1.

    Returns:
        Tensor `(times, …)`.
    """
    if not isinstance(times, int) or times < 1:
        raise InputError(f"`times` must be a whole number ≥ 1. Received: times={times!r}.")
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        def body(count, state, states):
            with within_loop():
                state = step(state)
            return count + 1, state, states.write(count, state)

        states = tf.TensorArray(u.dtype, size=times, element_shape=u.shape)
        start = (tf.constant(0), tf.convert_to_tensor(u), states)
        loop = tf.while_loop(lambda count, *_: count < times, body, start, maximum_iterations=times)
        return loop[2].stack()

    def once(state, _):
        state = step(state)
        return state, state

    return ops.scan(once, u, length=times)[1]


def integrate(rate, u, time_step, steps, scheme=explicit_euler):
    """Solves ∂u/∂t = F(u) from u up to the time `steps`·`time_step`.

    Equation, scheme and step size are three separate things, put together here.

    Args:
        rate: Function F of the image, for instance `lambda u: diffusion_rate(u, g(u))`.
        u: The image at time 0.
        time_step: τ in px².
        steps: Number of steps, an integer ≥ 0.
        scheme: `explicit_euler` or `explicit_midpoint`.

    Returns:
        The image at the stopping time.
    """
    return repeat(lambda state: scheme(rate, state, time_step), u, steps)
