"""Observations: every operator has its exact adjoint, and a start that fits."""

import keras
import numpy as np
import pytest
from imagepde import layers
from imagepde.errors import InputError
from imagepde.pde import correlate_reflected, correlate_reflected_adjoint, separated
from scipy import ndimage

KERNEL = np.random.default_rng(1).random((5, 3))
KNOWN = np.random.default_rng(2).random((24, 20)) < 0.3


@keras.saving.register_keras_serializable(package="imagepde_tests")
def upside_down(u):
    return keras.ops.flip(u, axis=1)


OPERATORS = [
    layers.Identity(),
    layers.Blur(1.3),
    layers.Blur(KERNEL),
    layers.Subsample(4),
    layers.Chain([layers.Blur(0.8), layers.Subsample(2)]),
    layers.Mask(KNOWN),
    layers.Chain([layers.Blur(KERNEL), layers.Mask(KNOWN)]),
    layers.CustomObservation(upside_down, upside_down),
]


@pytest.fixture(params=OPERATORS, ids=str)
def operator(request):
    return request.param


def test_adjoint(operator, rng):
    """⟨A u, f⟩ = ⟨u, Aᵀ f⟩ to rounding, in colour, for two images at once."""
    shape = (2, 24, 20, 3)
    layers.check_adjoint(operator, shape, tolerance=1e-6)
    observed = operator.apply(rng.random(shape).astype("float32"))
    assert operator.start(observed).shape == shape
    assert observed.shape == (2, 24 // operator.factor, 20 // operator.factor, 3)


def test_matrix_of_the_adjoint_is_the_transposed_one():
    """On a picture no larger than the kernel, where every pixel is near the border."""
    units = np.eye(20, dtype="float32").reshape(20, 5, 4, 1)
    forward = np.asarray(correlate_reflected(units, KERNEL)).reshape(20, 20)
    backward = np.asarray(correlate_reflected_adjoint(units, KERNEL)).reshape(20, 20)
    np.testing.assert_allclose(backward, forward.T, atol=1e-7)


def test_blur_is_that_of_scipy(rng):
    u = rng.random((17, 22))
    blurred = np.asarray(layers.Blur(1.3).apply(u[None, ..., None].astype("float32")))[0, ..., 0]
    expected = ndimage.gaussian_filter(u, 1.3, mode="reflect", radius=6)
    np.testing.assert_allclose(blurred, expected, atol=1e-6)
    blurred = np.asarray(layers.Blur(KERNEL).apply(u[None, ..., None].astype("float32")))[0, ..., 0]
    expected = ndimage.convolve(u, KERNEL, mode="reflect")
    np.testing.assert_allclose(blurred, expected, atol=1e-5)


def test_separable_kernels_are_found():
    column, row = np.array([[1.0], [2.0], [-1.0]]), np.array([[3.0, 1.0, 1.0]])
    assert len(separated(KERNEL)) == 1
    for kernel in (column @ row, -column @ row, np.outer([1, 2, 1], [1, 0, -1]), row):
        parts = separated(kernel)
        assert len(parts) == (1 if kernel is row else 2)
        product = parts[0] if kernel is row else parts[0] @ parts[1]
        np.testing.assert_allclose(product, kernel, atol=1e-12)


def test_norms_are_bounds(operator, rng):
    """By power iterations, which stay below the norm."""
    u = rng.random((1, 24, 20, 1)).astype("float32")
    for _ in range(30):
        u = u / np.linalg.norm(u)
        u = np.asarray(operator.adjoint(operator.apply(u)))
    assert np.linalg.norm(u) <= operator.squared_norm * (1 + 1e-5)


def test_least_change_fits_what_was_observed(rng):
    for operator in (OPERATORS[3], OPERATORS[4], OPERATORS[5]):
        u = rng.random((2, 24, 20, 1)).astype("float32")
        f = operator.apply(rng.random((2, 24, 20, 1)).astype("float32"))
        change = operator.least_change(f - operator.apply(u), iterations=20)
        np.testing.assert_allclose(operator.apply(u + change), f, atol=1e-5)
        # The smallest of all: in the range of the adjoint, so orthogonal to what A does not see.
        unseen = u - operator.least_change(operator.apply(u), iterations=20)
        assert abs(np.vdot(change, unseen)) < 1e-4


def test_images_of_a_batch_do_not_know_of_each_other(rng):
    operator = layers.Chain([layers.Blur(1.0), layers.Subsample(2)])
    f = rng.random((2, 9, 8, 1)).astype("float32")
    together = np.asarray(operator.least_change(f))
    np.testing.assert_allclose(together[:1], np.asarray(operator.least_change(f[:1])), atol=1e-6)


def test_config(operator, rng):
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(operator))
    u = rng.random((1, 24, 20, 1)).astype("float32")
    np.testing.assert_array_equal(np.asarray(copy.apply(u)), np.asarray(operator.apply(u)))
    assert copy.get_config() == operator.get_config()
    assert str(copy) == str(operator)


def test_mask_of_a_model_is_its_last_channel(rng):
    u, known = rng.random((2, 24, 20, 1)).astype("float32"), rng.random((2, 24, 20, 1)) < 0.4
    u[~known] = np.nan
    f, bound = layers.Mask().bind(np.concatenate([u, known], axis=-1).astype("float32"))
    assert np.isfinite(np.asarray(f)).all()
    np.testing.assert_array_equal(np.asarray(bound.apply(f)), np.where(known, u, 0))
    chain = layers.Chain([layers.Blur(1.0), layers.Mask()])
    assert chain.takes_mask
    assert not chain.bind(np.concatenate([u, known], axis=-1).astype("float32"))[1].takes_mask


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Blur(np.ones((2, 3))), "both odd"),
        (lambda: layers.Blur(np.zeros((3, 3))), "not all of them zero"),
        (lambda: layers.Blur(-1.0), "sigma"),
        (lambda: layers.Blur(np.full((3, 3), np.nan)), "finite"),
        (lambda: layers.Subsample(0), "factor"),
        (lambda: layers.Subsample(3).apply(np.zeros((1, 8, 9, 1), "float32")), "multiples of 3"),
        (lambda: layers.Mask(np.zeros((4, 4))), "true somewhere"),
        (lambda: layers.Mask(np.ones(4)), "height, width"),
        (lambda: layers.Chain([]), "list of observations"),
        (lambda: layers.Chain([layers.Mask(), layers.Blur(1.0)]), "must be the last"),
        (lambda: layers.CustomObservation(1, upside_down), "must be functions"),
        (
            lambda: layers.check_adjoint(
                layers.CustomObservation(upside_down, lambda f: f), (1, 8, 8, 1)
            ),
            "not the adjoint",
        ),
        (
            lambda: layers.check_adjoint(
                layers.CustomObservation(upside_down, lambda f: f[:, 1:]), (1, 8, 8, 1)
            ),
            "shape",
        ),
    ],
)
def test_what_is_no_operator_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
