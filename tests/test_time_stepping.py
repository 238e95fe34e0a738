"""Time schemes: their order is measured; the loop can be compiled and differentiated."""

import keras
import numpy as np
import pytest
from checks.programs import compiled
from imagepde import pde
from keras import ops


def errors_against_exact(scheme):
    """|u(1) − ½| for ∂u/∂t = −u², u(0) = 1, solved with 10, 20 and 40 steps in float64."""

    def rate(u):
        return -u * u

    errors = []
    for steps in (10, 20, 40):
        u = ops.convert_to_tensor(np.array([[1.0]]), dtype="float64")
        end = pde.integrate(rate, u, 1.0 / steps, steps, scheme)
        errors.append(abs(float(np.asarray(end)[0, 0]) - 0.5))  # u(t) = 1/(1 + t)
    return np.array(errors)


@pytest.mark.parametrize(("scheme", "order"), [(pde.explicit_euler, 1), (pde.explicit_midpoint, 2)])
def test_order_of_convergence(scheme, order):
    errors = errors_against_exact(scheme)
    np.testing.assert_allclose(np.log2(errors[:-1] / errors[1:]), order, atol=0.15)


def test_midpoint_is_second_order_for_diffusion(rng):
    """Perona–Malik itself, against a solution with 32 to 8 times as many steps."""
    u = ops.convert_to_tensor(rng.random((1, 8, 8, 1)), dtype="float64")

    def rate(v):
        g = pde.perona_malik_rational(pde.gradient_magnitude_squared(v), 0.5)
        return pde.diffusion_rate(v, g)

    def at_one(steps):
        program = compiled(lambda v: pde.integrate(rate, v, 1 / steps, steps, pde.explicit_midpoint))
        return np.asarray(program(u))

    exact = at_one(640)
    errors = [np.abs(at_one(steps) - exact).max() for steps in (20, 40, 80)]
    np.testing.assert_allclose(np.log2(np.array(errors[:-1]) / errors[1:]), 2, atol=0.2)


def test_repeat_is_the_plain_loop_and_zero_times_is_the_identity(rng):
    u = rng.random((1, 5, 5, 1)).astype("float32")
    expected = u
    for _ in range(7):
        expected = expected * 0.9 + 0.1
    repeated = pde.repeat(lambda v: v * 0.9 + 0.1, ops.convert_to_tensor(u), 7)
    np.testing.assert_allclose(repeated, expected, rtol=1e-6)
    assert pde.repeat(lambda v: v + 1, u, 0) is u


@pytest.mark.parametrize("times", [-1, 1.5, "3"])
def test_repeat_refuses_what_is_no_count(times):
    with pytest.raises(pde.InputError, match="times"):
        pde.repeat(lambda v: v, np.zeros(1), times)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="looks into TensorFlow")
def test_repeat_stays_a_loop_under_xla_and_has_a_gradient():
    import tensorflow as tf

    def loss_and_gradient(u):
        with tf.GradientTape() as tape:
            tape.watch(u)
            end = pde.repeat(lambda v: v - 0.1 * v * v, u, 5)
        return end, tape.gradient(end, u)

    compiled = tf.function(loss_and_gradient, jit_compile=True)
    u = tf.constant([[0.5]])
    for fast, slow in zip(compiled(u), loss_and_gradient(u), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-5)
    text = compiled.experimental_get_compiler_ir(u)(stage="hlo")
    assert "while(" in text
