"""The five-point stencil: tensor form, sparse matrix and plain loop are one operator."""

import numpy as np
import pytest
from checks import reference
from imagepde import pde


def rate(u, zeta):
    neighbours, excess = zeta[..., :4], zeta[..., :4].sum(-1, keepdims=True) - zeta[..., 4:]
    return np.asarray(pde.five_point_rate(u, neighbours, excess))


def test_the_tensor_form_is_the_sparse_matrix(rng):
    u, zeta = rng.random((1, 6, 5, 1)), rng.normal(size=(1, 6, 5, 5))
    expected = (pde.five_point_matrix(zeta[0]) @ u.ravel()).reshape(u.shape)
    np.testing.assert_allclose(rate(u, zeta), expected, rtol=1e-5, atol=1e-6)


def test_the_matrix_has_five_diagonals_and_the_neighbours_in_their_order(rng):
    zeta = rng.normal(size=(4, 3, 5))
    matrix = pde.five_point_matrix(zeta).toarray()
    offsets = np.subtract(*np.nonzero(matrix)[::-1])
    assert set(offsets) == {-3, -1, 0, 1, 3}
    place = 1 * 3 + 1  # a pixel inside
    expected = {-3: zeta[1, 1, 0], -1: zeta[1, 1, 1], 3: zeta[1, 1, 2], 1: zeta[1, 1, 3]}
    for offset, value in expected.items():
        assert matrix[place, place + offset] == value
    assert matrix[place, place] == -zeta[1, 1, 4]


def test_without_excess_a_constant_image_stays(rng):
    """L(ζ)·1 = 0."""
    neighbours = rng.normal(size=(2, 7, 6, 4)).astype("float32")
    image = np.full((2, 7, 6, 1), 0.7, "float32")
    np.testing.assert_array_equal(pde.five_point_rate(image, neighbours, 0.0), 0 * image)


def test_diffusion_is_a_special_case(rng):
    u, g = rng.random((2, 6, 5)).astype("float32")
    padded = np.pad(g, 1, mode="edge")
    around = (padded[:-2, 1:-1], padded[1:-1, :-2], padded[2:, 1:-1], padded[1:-1, 2:])
    neighbours = np.stack([(g + other) / 2 for other in around], -1)[None]
    found = np.asarray(pde.five_point_rate(u[None, ..., None], neighbours, 0.0))
    np.testing.assert_allclose(found[0, ..., 0], reference.diffusion_rate(u, g), atol=1e-6)


@pytest.mark.parametrize("shared", [True, False])
def test_channels_share_a_filter_or_have_their_own(shared, rng):
    u = rng.random((1, 6, 5, 3)).astype("float32")
    count = 1 if shared else 3
    neighbours = rng.normal(size=(1, 6, 5, 4 * count)).astype("float32")
    excess = rng.normal(size=(1, 6, 5, count)).astype("float32")
    found = np.asarray(pde.five_point_rate(u, neighbours, excess))
    for c in range(3):
        own = 0 if shared else c
        one = neighbours.reshape(1, 6, 5, 4, count)[..., own], excess[..., own : own + 1]
        expected = pde.five_point_rate(u[..., c : c + 1], *one)
        np.testing.assert_allclose(found[..., c : c + 1], expected, atol=1e-6)
