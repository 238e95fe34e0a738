"""Diffusivities, the Perona–Malik operator and its stability bound."""

import numpy as np
import pytest
from checks import reference
from imagepde import pde
from keras import ops


def step(u, g, time_step):
    return np.asarray(pde.explicit_euler(lambda v: pde.diffusion_rate(v, g), u, time_step))


def checkerboard(size=8):
    return (np.indices((size, size)).sum(0) % 2)[None, ..., None].astype("float32")


@pytest.mark.parametrize("name", sorted(pde.DIFFUSIVITIES))
def test_diffusivities_start_at_one_fall_and_stay_in_range(name):
    s = np.linspace(0, 5, 501, dtype="float32")
    g = np.asarray(pde.DIFFUSIVITIES[name](s**2, 0.5))
    assert g[0] == pytest.approx(1, abs=1e-6)
    assert (np.diff(g) <= 1e-7).all()
    assert g.min() >= 0
    flux = g * s
    if name == "charbonnier":
        assert (np.diff(flux) > -1e-6).all()
    else:
        assert s[flux.argmax()] == pytest.approx(0.5, abs=0.011)


def test_rate_is_the_plain_loop(rng):
    u, g = rng.random((2, 6, 5)).astype("float32")
    rate = pde.diffusion_rate(u[None, ..., None], g[None, ..., None])
    np.testing.assert_allclose(np.asarray(rate)[0, ..., 0], reference.diffusion_rate(u, g), atol=1e-6)


def test_operator_is_symmetric_negative_semidefinite_and_sums_to_zero(rng):
    g = rng.random((1, 6, 5, 1)).astype("float32")

    def operator(u):
        return np.asarray(pde.diffusion_rate(u[None, ..., None].astype("float32"), g))

    a = reference.matrix(operator, (6, 5)).astype("float64")
    np.testing.assert_allclose(a, a.T, atol=1e-7)
    np.testing.assert_allclose(a.sum(0), 0, atol=1e-6)
    eigenvalues = np.linalg.eigvalsh(a)
    assert eigenvalues.max() < 1e-6
    assert eigenvalues.min() >= -8 * g.max()


@pytest.mark.parametrize("channels", [1, 3])
def test_mean_is_preserved(rng, channels):
    u = rng.random((2, 17, 23, channels)).astype("float32")
    g = rng.random((2, 17, 23, 1)).astype("float32")
    after = step(u, g, 0.25)
    np.testing.assert_allclose(after.mean((1, 2)), u.mean((1, 2)), atol=1e-6)


def test_extremum_principle_and_norm_hold_up_to_the_bound(rng):
    for _ in range(20):
        u = rng.random((1, 9, 8, 1)).astype("float32")
        g = rng.random((1, 9, 8, 1)).astype("float32")
        after = step(u, g, pde.stable_time_step(1.0))
        assert after.min() >= u.min() - 1e-6
        assert after.max() <= u.max() + 1e-6
        centred = u - u.mean()
        assert np.linalg.norm(after - u.mean()) <= np.linalg.norm(centred) + 1e-6


def test_extremum_principle_breaks_beyond_the_bound():
    u = checkerboard()
    g = np.ones_like(u)
    after = step(u, g, 1.3 * pde.stable_time_step(1.0))
    assert after.max() > 1.2
    assert after.min() < -0.2
    assert np.linalg.norm(after - 0.5) > 1.2 * np.linalg.norm(u - 0.5)


def test_bound_depends_on_the_largest_diffusivity():
    assert pde.stable_time_step() == pde.MAX_TIME_STEP == 0.25
    assert pde.stable_time_step(2.0) == 0.125
    with pytest.raises(pde.InputError, match="max_diffusivity"):
        pde.stable_time_step(0.0)


@pytest.mark.parametrize("time_step", [0.0, -0.1, 0.2501, float("nan")])
def test_time_step_beyond_the_bound_is_refused(time_step):
    with pytest.raises(pde.InputError, match="time_step"):
        pde.check_time_step(time_step)


def test_commutes_with_quarter_turns(rng):
    u, g = rng.random((2, 1, 8, 8, 1)).astype("float32")
    turned = pde.diffusion_rate(np.rot90(u, axes=(1, 2)).copy(), np.rot90(g, axes=(1, 2)).copy())
    np.testing.assert_allclose(turned, np.rot90(pde.diffusion_rate(u, g), axes=(1, 2)), atol=1e-6)


def test_second_order_consistent_in_space():
    """div(g ∇u) converges with h² to the value of the differential operator."""
    errors = []
    for n in (32, 64, 128):
        x = (np.arange(n) + 0.5) / n
        y, x = np.meshgrid(x, x, indexing="ij")
        u = np.cos(np.pi * x) * np.cos(2 * np.pi * y)  # ∂u/∂ν = 0 on the border
        g = 1 + 0.5 * np.cos(np.pi * x) * np.cos(np.pi * y)
        exact = (
            g * (-5 * np.pi**2) * u
            + (0.5 * np.pi * np.sin(np.pi * x) * np.cos(np.pi * y))
            * (np.pi * np.sin(np.pi * x) * np.cos(2 * np.pi * y))
            + (0.5 * np.pi * np.cos(np.pi * x) * np.sin(np.pi * y))
            * (2 * np.pi * np.cos(np.pi * x) * np.sin(2 * np.pi * y))
        )
        u, g = (ops.convert_to_tensor(v[None, ..., None], dtype="float64") for v in (u, g))
        rate = np.asarray(pde.diffusion_rate(u, g))[0, ..., 0] * n**2
        errors.append(np.abs(rate - exact).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(orders, 2, atol=0.2)
