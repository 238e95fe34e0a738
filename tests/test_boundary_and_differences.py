"""Reflecting boundary, differences, smoothing."""

import numpy as np
import pytest
from imagepde import pde
from keras import ops


def image(rng, height=7, width=5, channels=2):
    return rng.random((1, height, width, channels)).astype("float32")


def test_reflect_repeats_the_border_pixel():
    row = np.arange(4.0, dtype="float32").reshape((1, 1, 4, 1))
    padded = np.asarray(pde.reflect(row, (0, 2), (0, 1))).ravel()
    np.testing.assert_array_equal(padded, [1, 0, 0, 1, 2, 3, 3])


@pytest.mark.parametrize("size", [1, 4, 5])
def test_reflect_for_kernel_keeps_the_shape_of_a_valid_correlation(rng, size):
    u = pde.reflect_for_kernel(image(rng, channels=1), size)
    assert ops.conv(u, np.ones((size, size, 1, 1), "float32"), padding="valid").shape == (1, 7, 5, 1)


@pytest.mark.parametrize("axis", [pde.ROWS, pde.COLUMNS])
def test_differences_are_those_of_numpy_and_vanish_on_the_border(rng, axis):
    u = image(rng)
    edges = np.asarray(pde.edge_difference(u, axis))
    np.testing.assert_allclose(np.delete(edges, [0, -1], axis), np.diff(u, axis=axis), atol=1e-7)
    assert not np.take(edges, [0, -1], axis).any()
    forward = np.asarray(pde.forward_difference(u, axis))
    backward = np.asarray(pde.backward_difference(u, axis))
    assert forward.shape == backward.shape == u.shape
    np.testing.assert_allclose(np.delete(forward, -1, axis), np.diff(u, axis=axis), atol=1e-7)
    np.testing.assert_allclose(np.delete(backward, 0, axis), np.diff(u, axis=axis), atol=1e-7)


@pytest.mark.parametrize("axis", [pde.ROWS, pde.COLUMNS])
def test_divergence_is_minus_the_adjoint_of_the_difference(rng, axis):
    u = image(rng)
    flux = np.asarray(pde.edge_difference(image(rng), axis))  # zero on the border
    left = (np.asarray(pde.edge_difference(u, axis)) * flux).sum()
    right = (u * np.asarray(pde.edge_divergence(flux, axis))).sum()
    assert left == pytest.approx(-right, rel=1e-5)


def test_gradient_magnitude_of_a_ramp_and_of_a_checkerboard():
    y, x = np.indices((8, 8))
    ramp = (0.03 * y + 0.04 * x)[None, ..., None].astype("float32")
    squared = np.asarray(pde.gradient_magnitude_squared(ramp))[0, 1:-1, 1:-1, 0]
    np.testing.assert_allclose(squared, 0.05**2, rtol=1e-4)
    board = ((x + y) % 2)[None, ..., None].astype("float32")
    assert np.asarray(pde.gradient_magnitude_squared(board)).min() > 0


def test_gaussian_smoothing_preserves_the_mean_and_adds_variances(rng):
    u = image(rng, 33, 31, 1)
    assert np.mean(pde.gaussian_smooth(u, 1.5)) == pytest.approx(u.mean(), abs=1e-6)
    impulse = np.zeros((1, 41, 41, 1), "float32")
    impulse[0, 20, 20] = 1
    twice = pde.gaussian_smooth(pde.gaussian_smooth(impulse, 1.2), 1.6)
    np.testing.assert_allclose(twice, pde.gaussian_smooth(impulse, 2.0), atol=2e-5)


def test_gaussian_smoothing_agrees_with_scipy(rng):
    from scipy.ndimage import gaussian_filter

    u = image(rng, 33, 31, 1)
    expected = gaussian_filter(u[0, ..., 0], 1.5, mode="reflect", truncate=4.0)
    np.testing.assert_allclose(np.asarray(pde.gaussian_smooth(u, 1.5))[0, ..., 0], expected, atol=1e-6)


def test_smoothing_by_zero_changes_nothing_and_by_less_is_refused(rng):
    u = image(rng)
    assert pde.gaussian_smooth(u, 0) is u
    with pytest.raises(pde.InputError, match="sigma"):
        pde.gaussian_smooth(u, -1.0)
