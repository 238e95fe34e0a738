"""The closed-form start of a surrogate: the filters that fit one time step best (as RAISR has them)."""

from typing import Any

import tensorflow as tf

from ..errors import InputError
from ..pde import solve_by_conjugate_gradients
from ..pde.backend import weighted_bincount

_ITERATIONS = 100
_RIDGE = 1e-3


def fit_by_least_squares(
    rate: Any, states: Any, rates: Any, iterations: int = _ITERATIONS, ridge: float = _RIDGE
) -> float:
    """Sets the filters of a `Blade` or `BladeFlux` to those that fit given rates of change best.

        min_h Σ_i (F_h(u)_i − (∂u/∂t)_i)² + ridge |Ω| ‖h‖²

    F is linear in the filters, whatever symmetry binds them and whether they make fluxes or rates. The
    minimum is found by conjugate gradients, with the gradient of the layer: for a `Blade` without
    symmetry it is the solution bucket by bucket of RAISR (Romano, Isidoro and Milanfar 2017), and for
    fluxes, where each pixel meets four buckets, the joint one.

    Args:
        rate: The layer, built, its selection adapted.
        states: u, array `(batch, height, width, 1)`.
        rates: ∂u/∂t, array of the same shape.
        iterations: Of conjugate gradients.
        ridge: Weight of the norm, which decides in buckets that are empty.

    Returns:
        The root of the mean squared error of the fit, relative to that of `rates`.
    """
    states, rates = tf.constant(states, tf.float32), tf.constant(rates, tf.float32)
    if states.shape != rates.shape:
        raise InputError(
            "`rates` must have the shape of `states`. "
            f"Received: {tuple(rates.shape)} and {tuple(states.shape)}."
        )
    fixed = [variable.value for variable in rate.non_trainable_variables]
    index = rate.select(states)
    scales = _scales(rate, states, index)

    def apply(filters):
        filters = [scale * f for scale, f in zip(scales, filters, strict=True)]
        return rate.stateless_call(filters, fixed, states, index)[0]

    def gradient_of(function, filters):
        with tf.GradientTape() as tape:
            tape.watch(filters)
            value = function(apply(filters))
        return tape.gradient(value, filters)

    @tf.function
    def adjoint(filters, image):
        """Aᵀ image, by differentiation at any filters."""
        return gradient_of(lambda response: tf.reduce_sum(response * image), filters)

    @tf.function
    def normal(filters):
        """(AᵀA + ridge) filters."""
        gradient = gradient_of(lambda response: 0.5 * tf.reduce_sum(response**2), filters)
        return [g + ridge * f for g, f in zip(gradient, filters, strict=True)]

    def dot(a, b):
        return tf.add_n([tf.reduce_sum(x * y) for x, y in zip(a, b, strict=True)])

    # A is linear, so that its adjoint is the same everywhere.
    zeros = [tf.zeros_like(variable.value) for variable in rate.trainable_variables]
    solution = solve_by_conjugate_gradients(normal, adjoint(zeros, rates), iterations, dot=dot)
    error = tf.reduce_mean(tf.square(apply(solution) - rates)) / tf.reduce_mean(tf.square(rates))
    for variable, scale, value in zip(rate.trainable_variables, scales, solution, strict=True):
        variable.assign(scale * value)
    return float(tf.sqrt(error))


def _scales(rate, states, index):
    """For each bank one over the root of Σ |∇u|² in each bucket, so that all are solved alike fast."""
    selection = rate.selection
    locations = ("rows", "columns") if isinstance(index, list) else ("pixels",)
    energies = []
    for location, where in zip(locations, index if isinstance(index, list) else [index], strict=True):
        strength = selection.features(states, location)["strengths"]
        energies.append(weighted_bincount(where, strength**2, selection.count))
    # A symmetric flux has one bank for both axes.
    if len(rate.trainable_variables) < len(energies):
        energies = [tf.add_n(energies)]
    shape = (*selection.shape_of_bank, 1, 1)
    return [tf.reshape(tf.math.rsqrt(energy + 1e-6), shape) for energy in energies]
