"""Explicit, implicit and exact diffusion: they agree for small steps, and one is always stable."""

import numpy as np
import pytest
from checks import reference
from imagepde import pde
from scipy.ndimage import gaussian_filter


@pytest.fixture
def smooth(rng):
    """A random image without fine detail, so that steps of 0.1 px² are small."""
    image = gaussian_filter(rng.random((2, 32, 27, 1)), (0, 2, 2, 0), mode="reflect")
    return (10 * image).astype("float32")


def explicit(u, g, time_step):
    return np.asarray(pde.explicit_euler(lambda v: pde.diffusion_rate(v, g), u, time_step))


def implicit(u, g, time_step, **options):
    return np.asarray(pde.implicit_diffusion(u, g, time_step, **options))


def test_implicit_step_solves_its_linear_system(rng):
    u, g = rng.random((2, 7, 6)).astype("float32")

    def rate(v):
        return reference.diffusion_rate(v, g)

    matrix = np.eye(42) - 3.0 * reference.matrix(rate, (7, 6))
    expected = np.linalg.solve(matrix, u.ravel()).reshape(u.shape)
    found = implicit(u[None, ..., None], g[None, ..., None], 3.0)
    np.testing.assert_allclose(found[0, ..., 0], expected, atol=1e-5)


def test_explicit_and_implicit_steps_agree_to_second_order(smooth, rng):
    """Eq. 2.12: their difference falls with δt²."""
    g = 0.5 + 0.5 * rng.random((2, 32, 27, 1)).astype("float32")
    steps = np.array([0.2, 0.1, 0.05])
    differences = [np.abs(explicit(smooth, g, t) - implicit(smooth, g, t)).max() for t in steps]
    orders = np.log2(np.array(differences[:-1]) / differences[1:])
    np.testing.assert_allclose(orders, 2, atol=0.3)


def test_both_tend_to_the_greens_operator(smooth):
    """Eq. 2.14: with smaller steps they meet each other, and the exact one but for the stencil."""
    exact = np.asarray(pde.greens_operator(smooth, 1.0))
    one = np.ones_like(smooth)
    apart = []
    for count in (5, 40):
        ends = []
        for scheme in (explicit, implicit):
            u = smooth
            for _ in range(count):
                u = scheme(u, one, 1.0 / count)
            ends.append(u)
        apart.append(np.abs(ends[0] - ends[1]).max())
    assert apart[1] < 0.2 * apart[0]
    for end in ends:
        assert np.abs(end - exact).max() < 0.05 * np.abs(exact - smooth).max()


def test_greens_operators_form_a_semigroup_and_smooth_as_a_gaussian(smooth):
    """Eq. 2.13."""
    once = np.asarray(pde.greens_operator(smooth, 1.5))
    thrice = smooth
    for _ in range(3):
        thrice = pde.greens_operator(thrice, 0.5)
    np.testing.assert_allclose(np.asarray(thrice), once, atol=1e-5)
    filtered = gaussian_filter(smooth, (0, 3**0.5, 3**0.5, 0), mode="reflect")
    np.testing.assert_allclose(once, filtered, atol=1e-3)
    np.testing.assert_allclose(once.mean((1, 2)), smooth.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(np.asarray(pde.greens_operator(smooth, 0.0)), smooth, atol=1e-5)


@pytest.mark.parametrize("time_step", [1.0, 30.0, 1000.0])
def test_the_implicit_step_is_stable_at_any_step(time_step, rng):
    u = (np.indices((12, 9)).sum(0) % 2)[None, ..., None].astype("float32")
    g = rng.random((1, 12, 9, 1)).astype("float32")
    after = implicit(u, g, time_step)
    assert after.min() >= -1e-5
    assert after.max() <= 1 + 1e-5
    assert np.linalg.norm(after - u.mean()) < np.linalg.norm(u - u.mean())
    assert after.mean() == pytest.approx(u.mean(), abs=1e-5)
    if time_step > 1:
        assert np.abs(explicit(u, g, time_step)).max() > 2, "the explicit one should not be"


def test_impossible_times_are_refused(smooth):
    with pytest.raises(pde.InputError, match="time_step"):
        pde.implicit_diffusion(smooth, np.ones_like(smooth), 0.0)
    with pytest.raises(pde.InputError, match="time"):
        pde.greens_operator(smooth, -1.0)
