"""Large kernels: matrices compute what shifts compute, also where a kernel is larger than a picture."""

import numpy as np
import pytest
from imagepde import export, layers, zoo
from imagepde.pde import (
    COLUMNS,
    ROWS,
    correlate_reflected,
    correlate_reflected_adjoint,
    is_large_kernel,
    reflected_correlation,
)
from imagepde.pde.reflected_matrices import correlate_along, correlate_by_cosines, reflected_matrix

CASES = [
    ((16, 23), (5, 3)),
    ((31, 20), (31, 25)),
    ((8, 9), (41, 33)),  # larger than the picture
    ((3, 40), (101, 7)),  # so large that it is mirrored many times
    ((1, 5), (3, 11)),
]


def reference(u, kernel):
    """Σ_j k_j u_{i+j} in double precision, the image mirrored as often as it takes."""
    rows, columns = kernel.shape
    margins = [(0, 0), (rows // 2,) * 2, (columns // 2,) * 2, (0, 0)]
    padded = np.pad(u.astype("float64"), margins, mode="symmetric")
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape, axis=(1, 2))
    return np.einsum("bhwcij,ij->bhwc", views, kernel)


def relative_error_of_adjoint(forward, adjoint, u, rng):
    """|⟨A u, f⟩ − ⟨u, Aᵀ f⟩| for a random f, relative to ‖A u‖ ‖f‖."""
    observed = np.asarray(forward(u))
    f = rng.standard_normal(u.shape).astype("float32")
    difference = np.vdot(observed.astype("float64"), f) - np.vdot(u, np.asarray(adjoint(f), "float64"))
    return abs(difference) / (np.linalg.norm(observed) * np.linalg.norm(f))


@pytest.mark.parametrize(("sides", "shape"), CASES)
@pytest.mark.parametrize("channels", [1, 3])
def test_matrices_compute_the_correlation_and_its_adjoint(sides, shape, channels, rng):
    kernel = rng.standard_normal(shape)
    u = rng.standard_normal((2, *sides, channels)).astype("float32")
    found = [
        (kernel, lambda v, adjoint=False: correlate_by_cosines(v, kernel, adjoint)),
        (kernel[:, :1], lambda v, adjoint=False: correlate_along(v, kernel[:, 0], ROWS, adjoint)),
        (kernel[:1], lambda v, adjoint=False: correlate_along(v, kernel[0], COLUMNS, adjoint)),
    ]
    for weights, apply in found:
        wanted = reference(u, weights)
        largest = np.abs(wanted).max()
        np.testing.assert_allclose(np.asarray(apply(u)), wanted, rtol=0, atol=3e-6 * largest)
        back = lambda f, apply=apply: apply(f, adjoint=True)  # noqa: E731
        assert relative_error_of_adjoint(apply, back, u, rng) < 3e-7


def test_the_matrix_of_a_symmetric_kernel_is_symmetric_with_rows_that_sum_to_one():
    """So its norm is at most one, whatever the size of the picture: no iteration is needed."""
    weights = np.exp(-(np.linspace(-3, 3, 41) ** 2))
    for size in (1, 7, 20, 50):
        matrix = np.asarray(reflected_matrix(weights / weights.sum(), size))
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-7)
        np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-6)
        assert np.linalg.norm(matrix, 2) < 1 + 1e-6


@pytest.mark.parametrize("shape", [(9, 7), (1, 9), (9, 1)])
def test_both_paths_agree(shape, rng, monkeypatch):
    kernel = rng.standard_normal(shape)
    u = rng.standard_normal((2, 12, 10, 3)).astype("float32")
    assert not is_large_kernel(kernel)
    shifted = [np.asarray(f(u, kernel)) for f in (correlate_reflected, correlate_reflected_adjoint)]
    monkeypatch.setattr(reflected_correlation, "MOST_SHIFTS", 1)
    monkeypatch.setattr(reflected_correlation, "MOST_SHIFTS_ALONG", 1)
    assert is_large_kernel(kernel)
    for function, wanted in zip(
        (correlate_reflected, correlate_reflected_adjoint), shifted, strict=True
    ):
        np.testing.assert_allclose(np.asarray(function(u, kernel)), wanted, atol=2e-5)


def test_published_models_shift_the_image():
    for name in zoo.list_models("reconstruction.*"):
        blur = zoo.card(name).config["blur"]
        if blur is not None:
            assert not any(is_large_kernel(part) for part in layers.Blur(blur)._passes)


@pytest.mark.parametrize("sides", [(24, 20), (9, 8)])
def test_large_blurs_have_their_adjoint_and_a_bound_on_their_norm(sides, rng):
    uneven = np.zeros((41, 33))
    uneven[3, 20:] = uneven[30:, 2] = 1.0  # a mirrored pixel counts many times
    for blur in (layers.Blur(30.0), layers.Blur(uneven / uneven.sum(), sides)):
        layers.check_adjoint(blur, (2, *sides, 3), tolerance=1e-6)
        assert blur.smallest_side == 1
        u = rng.random((1, *sides, 1)).astype("float32")
        for _ in range(30):
            u = np.asarray(blur.adjoint(blur.apply(u / np.linalg.norm(u))))
        assert np.linalg.norm(u) <= blur.squared_norm * (1 + 1e-5)


def test_a_picture_smaller_than_the_kernel_is_deblurred(rng, noisy_photograph):
    clean = noisy_photograph[:40, :36]
    kernel = rng.random((45, 51)) ** 8
    kernel[22, 25] = 0.5 * kernel.sum()
    kernel /= kernel.sum()
    blurred = np.asarray(layers.Blur(kernel).apply(clean[None, ..., None]))[0, ..., 0]
    found = zoo.deblur(blurred, kernel, value_range=(0, 1))
    assert np.mean((found - clean) ** 2) < 0.7 * np.mean((blurred - clean) ** 2)


@pytest.mark.parametrize(("to", "suffix"), [("litert", "tflite"), ("onnx", "onnx")])
def test_models_with_large_kernels_can_be_written(to, suffix, rng, tmp_path):
    """`export` compares what was written with the model, on images of several sizes."""
    kernel = rng.random((19, 17))
    blur = layers.Chain([layers.Blur(9.0), layers.Blur(kernel / kernel.sum())])
    model = zoo.regularised("foe_s.gauss15", blur, steps=1)
    assert export.export(model, str(tmp_path / f"model.{suffix}"), to=to)
