"""The four equations and their solvers, against what is known of their solutions."""

import functools
import itertools
import math

import numpy as np
import pytest
from checks.programs import compiled
from imagepde import pde
from keras import ops


@functools.cache
def advancing(flow, time, steps, spacing):
    return compiled(lambda u: flow.advance(u, time, steps, spacing))


def run(flow, u, time, steps, spacing=1.0):
    return np.asarray(advancing(flow, time, steps, spacing)(ops.convert_to_tensor(u)))


def disk(size, radius, spacing=1.0):
    """A white disk in the middle of a black square, softened at its rim by one pixel."""
    y, x = (np.indices((size, size)) + 0.5) * spacing - size * spacing / 2
    inside = np.clip((radius - np.hypot(x, y)) / spacing + 0.5, 0, 1)
    return inside.astype("float32")[None, ..., None]


def test_minmod():
    a, b = np.array([2.0, -2.0, 2.0, -1.0, 0.0]), np.array([1.0, -3.0, -1.0, 4.0, 5.0])
    np.testing.assert_array_equal(np.asarray(pde.minmod(a, b)), [1, -2, 0, 0, 0])


def test_a_disk_under_tv_flow_loses_height_at_the_rate_of_two_over_its_radius():
    """And its background rises by perimeter over area (Andreu, Ballester, Caselles and Mazón 2001)."""
    radius, side, time, spacing = 10.0, 48, 0.5, 0.25
    flow = pde.TotalVariationFlow(0.02)
    steps = math.ceil(time / flow.stable_time_step(spacing))
    size = round(side / spacing)
    after = run(flow, disk(size, radius, spacing), time, steps, spacing)[0, ..., 0]
    y, x = (np.indices((size, size)) + 0.5) * spacing - side / 2
    r = np.hypot(x, y)
    assert 1 - after[r < radius - 1].mean() == pytest.approx(2 * time / radius, rel=0.06)
    rise = 2 * math.pi * radius * time / (side**2 - math.pi * radius**2)
    # Part of the mass is still in the rim.
    assert after[r > radius + 1].mean() == pytest.approx(rise, rel=0.12)


def test_one_step_of_perona_malik_is_that_of_the_paper(rng):
    """Eq. 3.4 in plain NumPy."""
    u, contrast = rng.random((9, 7)), 0.3
    padded = np.pad(u, 1, mode="symmetric")
    rate = 0.0
    for neighbour in (padded[2:, 1:-1], padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2]):
        difference = neighbour - u
        rate = rate + difference / (1 + difference**2 / contrast**2)
    found = pde.PeronaMalikFlow(contrast).rate(u[None, ..., None])
    np.testing.assert_allclose(np.asarray(found)[0, ..., 0], rate, atol=1e-6)


def test_coherence_enhancing_diffusion_of_parallel_stripes_is_that_along_them():
    """Stripes have one direction: nothing but α flows across them."""
    x = np.arange(48)
    u = (0.5 + 0.3 * np.cos(2 * np.pi * x / 8))[None, :].repeat(48, 0)[None, ..., None]
    flow = pde.CoherenceEnhancingFlow(rho=2.0, least=0.01, contrast=1e-8)
    found = np.asarray(flow.rate(u))[0, 10:-10, 10:-10, 0]
    across = (0.5 * np.sin(2 * np.pi / 8)) ** 2 * 4
    expected = -0.01 * across * (u[0, 10:-10, 10:-10, 0] - 0.5)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_derivatives_are_those_of_eq_3_9(rng):
    from scipy.ndimage import correlate

    u = rng.random((1, 8, 9, 1))
    kernel = np.array([[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]) / 32
    x, y = (np.asarray(d)[0, ..., 0] for d in pde.scharr_gradient(u))
    np.testing.assert_allclose(x, correlate(u[0, ..., 0], kernel)[1:-1, 1:-1], atol=1e-6)
    np.testing.assert_allclose(y, correlate(u[0, ..., 0], kernel.T)[1:-1, 1:-1], atol=1e-6)


@pytest.mark.parametrize("name", pde.FLOWS)
def test_mean_is_kept_and_flat_images_stay_flat(name, rng):
    flow = pde.FLOWS[name]()
    u = rng.random((3, 16, 24, 1)).astype("float32")
    u[2] = 0.3
    after = run(flow, u, 20 * flow.stable_time_step(0.5), 40, 0.5)
    np.testing.assert_allclose(after.mean((1, 2)), u.mean((1, 2)), atol=1e-6)
    assert np.abs(after - u)[:2].max((1, 2)).min() > 1e-3
    np.testing.assert_allclose(after[2], 0.3, atol=1e-5)


@pytest.mark.parametrize("name", pde.FLOWS)
def test_rates_turn_with_the_image(name, rng):
    flow, u = pde.FLOWS[name](), rng.random((1, 20, 20, 1))
    turned = np.asarray(flow.rate(np.transpose(u, (0, 2, 1, 3))))
    np.testing.assert_allclose(turned, np.transpose(np.asarray(flow.rate(u)), (0, 2, 1, 3)), atol=1e-4)


@pytest.mark.parametrize("name", pde.FLOWS)
def test_a_finer_grid_has_the_same_rate(name):
    """The spacing is a unit of length and nothing else: order two in it."""
    flow = {"tv_flow": pde.TotalVariationFlow(0.1)}.get(name, pde.FLOWS[name]())

    def smooth(spacing):
        n = round(32 / spacing)
        y, x = (np.indices((n, n)) + 0.5) * spacing
        u = 0.5 + 0.2 * np.cos(np.pi * x / 32) * np.cos(2 * np.pi * y / 32)
        rate = np.asarray(flow.rate(u[None, ..., None], spacing))[0, ..., 0]
        side = round(1 / spacing)
        return rate.reshape(32, side, 32, side).mean((1, 3))

    coarse, fine, finest = smooth(1.0), smooth(0.5), smooth(0.25)
    assert np.abs(fine - finest).max() < 0.6 * np.abs(coarse - finest).max() + 1e-5


@pytest.mark.parametrize("name", ["tv_flow", "perona_malik", "ced"])
def test_explicit_steps_are_stable_at_the_bound(name, rng):
    flow, u = pde.FLOWS[name](), rng.random((1, 16, 16, 1)).astype("float32")
    after = run(flow, u, 200 * flow.stable_time_step(), 200)
    assert after.min() > -0.1
    assert after.max() < 1.1


def test_energy_falls_and_mass_holds_under_cahn_hilliard(rng):
    u = (0.5 + 0.1 * rng.standard_normal((1, 32, 32, 1))).astype("float32")
    flow, energies = pde.CahnHilliardFlow(0.5), []
    for _ in range(20):
        energies.append(float(pde.cahn_hilliard_energy(u, 0.5)[0]))
        u = run(flow, u, 1.0, 50)
    assert all(b < a for a, b in itertools.pairwise(energies))
    assert u.min() < 0.05
    assert u.max() > 0.95


def test_semi_implicit_steps_converge_to_explicit_ones(rng):
    """First order: a step of half the size halves the error."""
    u = rng.random((1, 12, 15, 1)).astype("float32")
    explicit = compiled(
        lambda w: pde.integrate(lambda v: pde.cahn_hilliard_rate(v, 0.5), w, 2e-4, 2500)
    )
    exact = np.asarray(explicit(ops.convert_to_tensor(u)))
    errors = [np.abs(run(pde.CahnHilliardFlow(0.5), u, 0.5, n) - exact).max() for n in (50, 100, 200)]
    assert errors[2] < 0.6 * errors[1] < 0.36 * errors[0] * 1.1
    assert errors[2] < 2e-3


@pytest.mark.parametrize("name", ["tv_flow", "perona_malik"])
def test_additive_splitting_converges_to_explicit_steps_and_keeps_mean_and_range(name, rng):
    flow = {"tv_flow": pde.TotalVariationFlow(0.2), "perona_malik": pde.PeronaMalikFlow(0.3)}[name]
    u = rng.random((2, 12, 9, 1)).astype("float32")
    exact = run(flow, u, 0.4, 400)
    step = compiled(lambda v, tau: pde.additive_splitting_step(v, flow.diffusivity(v), tau))

    def split(time_step, steps):
        v, tau = (ops.convert_to_tensor(x, dtype="float32") for x in (u, time_step))
        for _ in range(steps):
            v = step(v, tau)
        return np.asarray(v)

    errors = [np.abs(split(0.4 / n, n) - exact).max() for n in (4, 16, 64)]
    assert errors[2] < 0.5 * errors[1] < 0.4 * errors[0]
    far = split(100.0, 3)
    np.testing.assert_allclose(far.mean((1, 2)), u.mean((1, 2)), atol=1e-5)
    assert far.min() >= u.min() - 1e-5
    assert far.max() <= u.max() + 1e-5


def test_additive_splitting_solves_its_systems(rng):
    """Against dense matrices, one axis at a time."""
    u, tau = rng.random((1, 6, 5, 1)), 3.0
    g = [rng.random((1, 7, 5, 1)), rng.random((1, 6, 6, 1))]
    expected = 0.0
    for axis in (1, 2):
        lines = np.moveaxis(u, axis, 1)[0, ..., 0], np.moveaxis(g[axis - 1], axis, 1)[0, ..., 0]
        solved = np.empty_like(lines[0])
        for k in range(lines[0].shape[1]):
            n = lines[0].shape[0]
            matrix = np.eye(n)
            for i in range(n - 1):
                c = 2 * tau * lines[1][i + 1, k]
                matrix[i : i + 2, i : i + 2] += c * np.array([[1, -1], [-1, 1]])
            solved[:, k] = np.linalg.solve(matrix, lines[0][:, k])
        expected = expected + 0.5 * np.moveaxis(solved[None, ..., None], 1, axis)
    found = np.asarray(pde.additive_splitting_step(u, g, tau))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_parameters_must_be_positive():
    with pytest.raises(pde.InputError, match="epsilon"):
        pde.TotalVariationFlow(0.0)
