"""The δ-stencil: its family, its order, its symmetry, and the theorem on its norm."""

import numpy as np
import pytest
import sympy
from imagepde import pde
from imagepde.errors import InputError
from imagepde.explain import diffused_rings
from keras import ops


def random_tensors(rng, shape, kind="any"):
    """Entries (a, b, c) at the corners with eigenvalues in [0, 1], and these eigenvalues."""
    shape = tuple(side + 1 for side in shape)
    first = rng.uniform(0, 1, shape) if kind == "any" else np.ones(shape)
    share = {"any": rng.uniform(0, 1, shape), "maximal": np.zeros(shape), "none": np.ones(shape)}
    second = first * share.get(kind, rng.uniform())
    angle = rng.uniform(0, np.pi, shape)
    if kind == "maximal":
        angle = np.full(shape, np.pi / 4 * rng.integers(4))
    cosine, sine = np.cos(angle), np.sin(angle)
    return (
        first * cosine**2 + second * sine**2,
        (first - second) * cosine * sine,
        first * sine**2 + second * cosine**2,
    ), (first, second)


def constant_tensors(values, shape):
    """D with the eigenvalues λ₁ along x and λ₂ along y."""
    shape = tuple(side + 1 for side in shape)
    return np.full(shape, values[0]), np.zeros(shape), np.full(shape, values[1])


def as_tensors(entries):
    return [ops.convert_to_tensor(e[None, ..., None].astype("float32")) for e in entries]


def parameters(rng):
    """α and γ, often at the ends of their ranges."""
    alpha = rng.choice([0.0, 0.5, rng.uniform(0, 0.5)])
    return alpha, rng.choice([-1.0, 1.0, rng.uniform(-1, 1)])


def test_the_fast_form_is_the_matrix_of_the_paper(rng):
    for _ in range(20):
        shape = tuple(rng.integers(3, 9, 2))
        (alpha, gamma), (entries, _) = parameters(rng), random_tensors(rng, shape)
        u = rng.random(shape).astype("float32")
        rate = pde.anisotropic_rate(u[None, ..., None], as_tensors(entries), alpha, gamma)
        expected = pde.stencil_matrix(entries, alpha, gamma) @ u.ravel()
        np.testing.assert_allclose(np.asarray(rate).ravel(), expected, atol=2e-6)


def test_it_is_symmetric_negative_semidefinite_and_within_the_bound_of_theorem_1(rng):
    nearest = 0.0
    for k in range(3000):
        shape = tuple(rng.integers(3, 8, 2))
        kind = ("any", "maximal", "none", "constant")[k % 4]
        (alpha, gamma), (entries, values) = parameters(rng), random_tensors(rng, shape, kind)
        matrix = pde.stencil_matrix(entries, alpha, gamma).toarray()
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
        np.testing.assert_allclose(matrix.sum(0), 0, atol=1e-12)
        spectrum = np.linalg.eigvalsh(matrix)
        assert spectrum.max() < 1e-10
        bound = max(
            pde.spectral_norm_bound(*pair, alpha, gamma)
            for pair in zip(*map(np.ravel, values), strict=True)
        )
        assert -spectrum.min() <= bound + 1e-9
        nearest = max(nearest, -spectrum.min() / bound)
    assert nearest > 0.95


@pytest.mark.parametrize(
    ("values", "alpha"), [((1, 1), 0.0), ((1, 1), 0.5), ((1, 0), 0.0), ((1, 0), 0.4)]
)
def test_the_bound_is_attained_in_a_large_image(values, alpha):
    """For constant tensors: without a direction, and for diffusion along the axis x only."""
    from scipy.sparse.linalg import eigsh

    entries = constant_tensors(values, (32, 32))
    matrix = pde.stencil_matrix(entries, alpha, 1.0)
    largest = -eigsh(matrix, 1, which="SA", return_eigenvectors=False)[0]
    assert 0.99 < largest / pde.spectral_norm_bound(*values, alpha, 1.0) <= 1


def test_special_cases_of_the_corollary():
    assert pde.stable_anisotropic_time_step(1, 1, 0.0, 1.0) == pytest.approx(0.25)
    assert pde.stable_anisotropic_time_step(1, 1, 0.3, 0.2) == pytest.approx(1 / (4 * 0.7))
    for alpha in (0.0, 0.25, 0.5):
        assert pde.stable_anisotropic_time_step(1, 0, alpha, 1.0) == pytest.approx(0.5)


def test_norm_never_grows_at_the_limit_and_grows_beyond_it(rng):
    for values, alpha in (((1, 1), 0.0), ((1, 1), 0.5), ((1, 0), 0.4)):
        matrix = pde.stencil_matrix(constant_tensors(values, (33, 33)), alpha, 1.0)
        limit = pde.stable_anisotropic_time_step(*values, alpha, 1.0)
        for factor, grows in ((1.0, False), (1.05, True)):
            u = rng.standard_normal(33 * 33)
            norms = [np.linalg.norm(u)]
            for _ in range(200):
                u = u + factor * limit * (matrix @ u)
                norms.append(np.linalg.norm(u))
            assert (np.diff(norms) > 1e-12).any() == grows


def test_the_family_of_weickert_is_contained(rng):
    """δ = α a + β b + α c for any α and β is a δ; and b = 0 with α = 0 is the five-point Laplacian."""
    entries, _ = random_tensors(rng, (5, 6))
    a, b, c = entries
    for alpha, beta in ((0.2, 0.1), (0.0, -0.9), (0.45, 0.05)):
        delta = alpha * a + beta * b + alpha * c
        w = pde.directional_diffusivities(entries, delta)
        np.testing.assert_allclose(w[0] + w[2] + w[1] + w[3], a + c, atol=1e-12)
        np.testing.assert_allclose(w[1] - w[3], 2 * b, atol=1e-12)
    u = rng.random((1, 7, 6, 1)).astype("float32")
    one = ops.ones((1, 8, 7, 1))
    laplacian = pde.anisotropic_rate(u, (one, 0 * one, one), 0.0, 1.0)
    np.testing.assert_allclose(
        np.asarray(laplacian), np.asarray(pde.diffusion_rate(u, ops.ones((1, 7, 6, 1)))), atol=1e-5
    )


@pytest.mark.parametrize(("alpha", "gamma"), [(0.0, 0.0), (0.25, 1.0), (0.49, 1.0), (0.3, -1.0)])
def test_consistency_is_of_order_two(alpha, gamma):
    """Against div(D ∇u) by hand, for a smooth D and a u that obeys the boundary condition."""
    x, y = sympy.symbols("x y")
    u = sympy.cos(sympy.pi * x) * sympy.cos(2 * sympy.pi * y)
    a, c = 1 + x * x / 2, 1 - y / 2
    b = sympy.sin(sympy.pi * x) * sympy.sin(sympy.pi * y) * (1 + x) / 4
    flux_x = a * u.diff(x) + b * u.diff(y)
    flux_y = b * u.diff(x) + c * u.diff(y)
    exact = sympy.lambdify((x, y), flux_x.diff(x) + flux_y.diff(y))
    functions = [sympy.lambdify((x, y), e + 0 * x) for e in (a, b, c)]
    errors, sizes = [], (16, 32, 64, 128)
    for size in sizes:
        py, px = (np.indices((size, size)) + 0.5) / size
        cy, cx = np.indices((size + 1, size + 1)) / size
        entries = [np.broadcast_to(f(cx, cy), cx.shape) for f in functions]
        values = sympy.lambdify((x, y), u)(px, py)
        rate = size**2 * (pde.stencil_matrix(entries, alpha, gamma) @ values.ravel())
        errors.append(abs(rate.reshape(px.shape) - exact(px, py))[1:-1, 1:-1].max())
    slopes = np.diff(np.log(errors)) / np.diff(np.log(sizes))
    assert -2.2 < slopes[-1] < -1.8


def test_rings_keep_their_contrast_for_alpha_near_one_half_and_gamma_near_one():
    """Diffusion along rings should not change them; `imagepde explain rings` draws it."""
    standard, better, best = (diffused_rings(*pair)[2] for pair in ((0, 0), (0.4, 1), (0.49, 1)))
    assert standard < 0.3
    assert better > 0.85
    assert best > 0.95


def test_parameters_outside_of_the_theory_are_refused():
    for alpha, gamma in ((-0.1, 0), (0.6, 0), (0.3, 1.1)):
        with pytest.raises(InputError, match="alpha"):
            pde.check_stencil(alpha, gamma)
