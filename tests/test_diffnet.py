"""DiffNet, linear diffusion and the U-Net of the paper: sizes, shapes, any size of image."""

import keras
import numpy as np
import pytest
from checks import reference
from checks.layer_references import SHAPE
from checks.layers import check_keras_file
from imagepde import layers, pde, zoo
from imagepde.images import tiling


def test_parameters_are_the_papers():
    assert zoo.create("diffnet", blocks=5, layers=4).count_params() == 101_310
    # One estimator of five layers (section 4.3.1), beside its time step.
    assert zoo.create("diffnet", blocks=1, layers=5).count_params() == 29_509 + 1
    assert zoo.create("unet").count_params() == 34_512_705


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("diffnet", {"blocks": 2}),
        ("diffnet", {"blocks": 2, "channels": 3}),
        ("diffnet", {"blocks": 2, "channels": 3, "shared": False}),
        ("unet", {"width": 4, "levels": 3}),
        ("unet", {"width": 4, "levels": 3, "channels": 3}),
    ],
)
def test_any_size_grey_or_colour_and_nothing_below_zero(name, options, rng):
    model = zoo.create(name, **options)
    for height, width in ((16, 16), (23, 42)):
        u = rng.random((2, height, width, options.get("channels", 1))).astype("float32")
        after = np.asarray(model(u))
        assert after.shape == u.shape
        assert after.min() >= 0
    picture = rng.random((20, 31, 3)).astype("float32")
    assert zoo.restore(picture, model).shape == picture.shape


@pytest.mark.parametrize("name", ["diffnet", "unet"])
def test_windows_give_the_result_of_one_piece(name, rng):
    options = {"diffnet": {"blocks": 2}, "unet": {"width": 2, "levels": 3, "convolutions": 1}}[name]
    model = zoo.create(name, **options)
    u = rng.random((1, 140, 131, 1)).astype("float32")
    halo, multiple = zoo.traits(model).reach, zoo.traits(model).alignment

    def apply(window):
        return np.asarray(model(window))

    tiled = tiling.apply_tiled(apply, u, halo, multiple, sides=(4 * halo + 8,))
    np.testing.assert_allclose(tiled, apply(u), atol=1e-6)


def test_linear_diffusion_keeps_the_mean_and_its_size(rng):
    model = zoo.create("linear_diffusion", height=12, width=9, blocks=2)
    u = rng.random((2, 12, 9, 1)).astype("float32")
    after = np.asarray(model(u))
    np.testing.assert_allclose(after.mean((1, 2, 3)), u.mean((1, 2, 3)), atol=1e-6)
    assert model.count_params() == 2 * (11 * 9 + 12 * 8 + 1)


@pytest.mark.parametrize("shared", [True, False])
def test_filters_are_the_papers(shared, rng):
    """u + δt W(ζ) u with the five diagonals that `filters` gives is what the layer computes."""
    step = layers.FilteringStep(3, channels=4, shared=shared)
    u = rng.random((1, 7, 6, 2)).astype("float32")
    after, zeta = np.asarray(step(u)), np.asarray(step.filters(u))
    assert zeta.shape == (1, 7, 6, 5, 1 if shared else 2)
    for c in range(2):
        matrix = pde.five_point_matrix(zeta[0, ..., 0 if shared else c])
        expected = u[0, ..., c].ravel() + step.time_step * (matrix @ u[0, ..., c].ravel())
        np.testing.assert_allclose(after[0, ..., c].ravel(), expected, atol=1e-6)


@pytest.mark.parametrize(("count", "parameters"), [(4, 20_261), (5, 29_509)])
def test_estimators_have_the_papers_number_of_parameters(count, parameters):
    step = layers.FilteringStep(count)
    step.build((None, None, None, 1))
    assert step.count_params() == parameters + 1  # the time step


def test_an_estimator_in_half_precision_leaves_the_step_in_full(rng):
    step = layers.FilteringStep(3, estimator_dtype="mixed_bfloat16")
    u = rng.random(SHAPE).astype("float32")
    after = step(u)
    assert keras.backend.standardize_dtype(after.dtype) == "float32"
    assert keras.backend.standardize_dtype(step.estimator[0].compute_dtype) == "bfloat16"
    full = layers.FilteringStep(3)
    full.build(SHAPE)
    full.set_weights(step.get_weights())
    np.testing.assert_allclose(np.asarray(after), np.asarray(full(u)), atol=2e-2)
    assert not np.array_equal(np.asarray(after), np.asarray(full(u)))


def test_linear_diffusion_is_that_of_its_diffusivity(rng, tmp_path):
    step = layers.LinearDiffusionStep(0.2, keras.initializers.RandomUniform(0, 1, seed=1))
    u = rng.random((2, 6, 5, 1)).astype("float32")
    inputs = keras.Input((6, 5, 1))
    model = keras.Model(inputs, step(inputs))
    rows = np.pad(np.asarray(step.between_rows)[..., 0], ((1, 1), (0, 0)))
    columns = np.pad(np.asarray(step.between_columns)[..., 0], ((0, 0), (1, 1)))
    rates = [reference.diffusion_rate(one[..., 0], (rows, columns)) for one in u]
    after = np.asarray(model(u))
    np.testing.assert_allclose(after, u + 0.2 * np.stack(rates)[..., None], atol=1e-6)
    np.testing.assert_allclose(after.mean((1, 2, 3)), u.mean((1, 2, 3)), atol=1e-6)
    assert layers.LinearDiffusionStep.from_config(step.get_config()).time_step == 0.2
    before = step.get_weights()
    model.compile("sgd", "mse")
    model.fit(u, np.roll(u, 1, 1), verbose=0)
    assert all(np.any(a != b) for a, b in zip(before, step.get_weights(), strict=True))
    check_keras_file(model, u, tmp_path / "model.keras")
