"""Fast explicit diffusion: the time that a cycle reaches, and its stability."""

import numpy as np
import pytest
from imagepde import pde
from imagepde.errors import InputError
from keras import ops


@pytest.fixture
def operator(rng):
    """A matrix as the δ-stencil's, dense, and its largest stable step."""
    entries = [rng.random((9, 10)) for _ in range(3)]
    a, c = entries[0], entries[2]
    matrix = pde.stencil_matrix((a, np.sqrt(a * c) * (2 * entries[1] - 1), c), 0.3, 1.0).toarray()
    return matrix, -2 / np.linalg.eigvalsh(matrix).min()


def apply(cycle, operator, u, length):
    matrix, bound = operator
    matrix = ops.convert_to_tensor(matrix.astype("float32"))
    result = cycle(lambda v: ops.matmul(matrix, v), ops.convert_to_tensor(u), bound, length)
    return np.asarray(result)


@pytest.mark.parametrize("length", [1, 2, 7, 25, 60])
def test_time_steps_add_up(length):
    steps = pde.fed_time_steps(length, 0.3)
    assert len(steps) == length
    assert steps.sum() == pytest.approx(0.3 * (length**2 + length) / 3)
    assert pde.cycle_time(length, 0.3) == pytest.approx(0.3 if length == 1 else steps.sum())


@pytest.mark.parametrize("cycle", [pde.fed_cycle, pde.fsi_cycle])
def test_a_smooth_wave_decays_as_the_equation_says(cycle):
    size, length, bound = 64, 20, 0.25
    wave = np.cos(np.pi * (np.arange(size) + 0.5) / size).astype("float32")
    u = np.tile(wave, (4, 1))[None, ..., None]
    one = ops.ones((1, 5, size + 1, 1))
    rate = lambda v: pde.anisotropic_rate(v, (one, 0 * one, one), 0.0, 1.0)  # noqa: E731
    result = np.asarray(cycle(rate, ops.convert_to_tensor(u), bound, length))
    eigenvalue = 2 - 2 * np.cos(np.pi / size)
    expected = np.exp(-eigenvalue * pde.cycle_time(length, bound))
    np.testing.assert_allclose(result, expected * u, atol=2e-3)


@pytest.mark.parametrize("cycle", [pde.fed_cycle, pde.fsi_cycle])
@pytest.mark.parametrize("length", [1, 2, 5, 20, 60])
def test_a_cycle_never_makes_the_norm_grow(cycle, length, operator, rng):
    """On all directions at once: the columns of the identity, and the worst eigenvector."""
    size = len(operator[0])
    result = apply(cycle, operator, np.eye(size, dtype="float32"), length)
    assert np.linalg.norm(result, 2) <= 1 + 1e-4
    np.testing.assert_allclose(result.sum(0), 1, atol=1e-3)


@pytest.mark.parametrize("cycle", [pde.fed_cycle, pde.fsi_cycle])
def test_a_cycle_beyond_the_bound_grows(cycle, operator):
    matrix, bound = operator
    result = apply(cycle, (matrix, 1.2 * bound), np.eye(len(matrix), dtype="float32"), 5)
    assert np.linalg.norm(result, 2) > 1.05


def test_a_cycle_without_length_is_refused():
    with pytest.raises(InputError, match="length"):
        pde.fed_time_steps(0, 0.25)
