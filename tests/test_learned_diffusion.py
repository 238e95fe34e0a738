"""The activations and diffusivities of "Learning diffusion functions", for any weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from imagepde import layers, zoo
from imagepde.explain.anatomy import evolution_of, on_edges, scale_of
from imagepde.images import tiling
from imagepde.layers.spline_sum import sum_of_splines

LEARNED = ("ka", "foe_s", "foe_d", "foe_m", "foe_rb", "unet_diffusivity")


def set_random_weights(layer, scale, seed):
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(size=w.shape) * scale for w in layer.get_weights()])


def small(architecture, **changes):
    """The architecture with a third of its size and steps."""
    sizes = {
        "ka": {"filters": (3, 4), "steps": 5},
        "unet_diffusivity": {"filters": (3, 4, 5), "steps": 3},
    }
    default = {"experts": 9, "kernel_size": 3, "steps": 5}
    return zoo.create(architecture, **{**sizes.get(architecture, default), **changes})


@pytest.mark.parametrize("scale", [0.01, 1.0, 30.0, 1000.0])
def test_the_decreasing_spline_decreases_for_any_weights(scale):
    spline = layers.DecreasingLinearSpline(20)
    spline.build((None, 200))
    x = np.repeat(np.linspace(-0.5, 1.5, 1001, dtype="float32")[:, None], 200, axis=1)
    for seed in range(5):
        set_random_weights(spline, scale, seed)
        y = np.asarray(spline(x))
        assert (np.diff(y, axis=0) <= 1e-6 * np.abs(y).max()).all()
        assert (np.asarray(spline.piece_slopes()) <= 0).all()
        # Strictly, where the weights are not so small that float32 cannot tell.
        assert (y[0] > y[-1]).all()


def test_the_plain_spline_does_not():
    spline = layers.LinearSpline(20)
    x = np.linspace(0, 1, 101, dtype="float32")[:, None]
    assert np.diff(np.asarray(spline(x)), axis=0).max() > 0


@pytest.mark.parametrize("scale", [0.1, 3.0, 30.0])
def test_roth_black_is_even_falls_and_lies_between_zero_and_one(scale):
    activation = layers.RothBlack()
    activation.build((None, 50))
    set_random_weights(activation, scale, 0)
    x = np.repeat(np.linspace(0, 8, 200, dtype="float32")[:, None], 50, axis=1)
    y = np.asarray(activation(x))
    np.testing.assert_array_equal(np.asarray(activation(-x)), y)
    assert (y[0] == 1).all()
    assert y.min() >= 0
    assert (np.diff(y, axis=0) <= 0).all()


def test_monomials_hold_outside_of_the_unit_interval():
    activation = layers.Monomial(degree=4, coefficient_initializer="ones")
    x = np.repeat(np.linspace(-2, 2, 9, dtype="float32")[:, None], 6, axis=1)
    np.testing.assert_allclose(np.asarray(activation(x)), x ** np.array([1, 2, 3, 4, 1, 2]), rtol=1e-6)
    assert layers.Monomial().from_config(activation.get_config()).degree == 4


def test_gradient_of_the_monomials_is_the_derived_one(rng):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("uses a gradient tape")
    import tensorflow as tf
    from imagepde.pde.tracing import PORTABLE, tracing_for

    activation = layers.Monomial()
    x = tf.constant(rng.uniform(-1.5, 1.5, (4, 7, 6)), tf.float32)
    activation.build(x.shape)

    def gradients():
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(activation(x) ** 2)
        return tape.gradient(value, [x, activation.coefficients.value])

    own = gradients()
    with tracing_for(PORTABLE):
        derived = gradients()
    for a, b in zip(own, derived, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("scale", [0.1, 3.0, 30.0])
@pytest.mark.parametrize("architecture", [*LEARNED, "foe_s blind"])
def test_any_weights_keep_mean_and_range_and_a_diffusivity_in_the_unit_interval(
    architecture, scale, rng
):
    """What a plain convolutional network cannot promise."""
    name, _, blind = architecture.partition(" ")
    model = small(name, blind=True) if blind else small(name)
    u = rng.random((3, 17, 14, 1)).astype("float32")
    for seed in range(3):
        set_random_weights(model, scale, seed)
        for g in on_edges(evolution_of(model).step.diffusivity(u / np.asarray(scale_of(model, u)))):
            assert np.asarray(g).min() >= 0
            assert np.asarray(g).max() <= 1
        after = np.asarray(model(u))
        np.testing.assert_allclose(after.mean((1, 2, 3)), u.mean((1, 2, 3)), atol=1e-5)
        assert (after.min((1, 2, 3)) >= u.min((1, 2, 3)) - 1e-5).all()
        assert (after.max((1, 2, 3)) <= u.max((1, 2, 3)) + 1e-5).all()
        # Beyond, a saturated sigmoid may stop everything, which is no violation.
        assert scale > 1 or not np.array_equal(after, u)


@pytest.mark.parametrize("architecture", LEARNED)
def test_brightness_is_not_seen(architecture, rng):
    model = small(architecture)
    set_random_weights(model, 0.5, 0)
    u = rng.random((1, 16, 16, 1)).astype("float32")
    np.testing.assert_allclose(model(u) + 0.25, model(u + 0.25), atol=1e-4)


@pytest.mark.parametrize(("experts", "kernel_size"), [(4, 3), (34, 12)])
def test_the_papers_range_of_options(experts, kernel_size, rng):
    u = rng.random((1, 16, 16, 1)).astype("float32")
    for name in ("foe_s", "foe_d", "foe_m", "foe_rb"):
        for location in ("pixels", "edges"):
            model = zoo.create(
                name, experts=experts, kernel_size=kernel_size, location=location, steps=2
            )
            assert model(u).shape == u.shape


def test_the_contrast_is_positive_and_bounded_for_any_weights(rng):
    estimator = layers.ContrastEstimator()
    u = rng.random((4, 20, 20, 1)).astype("float32")
    estimator.build(u.shape)
    for scale in (0.1, 3.0, 30.0):
        set_random_weights(estimator, scale, 0)
        contrast = np.asarray(estimator(u))
        assert (contrast >= 1e-4).all()
        assert (contrast <= 10).all()


@pytest.mark.parametrize("sigma", [10, 25, 50])
def test_the_noise_level_is_found(sigma, rng):
    from skimage import data

    clean = data.camera()[None, :256, :256, None].astype("float32") / 255
    noisy = clean + sigma / 255 * rng.standard_normal(clean.shape, dtype="float32")
    level = float(np.asarray(layers.NoiseLevel()(noisy)).item())
    assert level == pytest.approx(sigma / 255, rel=0.12)


def test_a_blind_model_treats_noise_in_relation_to_its_strength(rng):
    model = small("foe_s", blind=True)
    u = 0.1 * rng.standard_normal((1, 32, 32, 1), dtype="float32")
    np.testing.assert_allclose(model(3 * u), 3 * np.asarray(model(u)), atol=1e-4)


def test_windows_of_a_blind_model_see_the_noise_of_the_whole_picture(rng, monkeypatch):
    model = small("foe_s", blind=True)
    picture = rng.random((90, 77)).astype("float32")
    picture[:40] = 0.5 + 0.01 * picture[:40]
    whole = zoo.restore(picture, model)
    assert zoo.traits(model).reach is not None
    monkeypatch.setattr(tiling, "SIDES", (48,))
    np.testing.assert_allclose(zoo.restore(picture, model), whole, atol=1e-6)


def test_windows_of_a_unet_start_where_its_levels_do(rng):
    model = zoo.create("unet_diffusivity", filters=(2, 3, 4), convolutions=1, steps=1)
    set_random_weights(model, 0.5, 0)
    u = rng.random((1, 171, 150, 1)).astype("float32")
    whole, halo = np.asarray(model(u)), zoo.traits(model).reach

    def tiled(multiple):
        sides = (4 * halo + 4,) if multiple > 1 else (4 * halo + 3,)
        return tiling.apply_tiled(lambda x: np.asarray(model(x)), u, halo, multiple, sides=sides)

    assert zoo.traits(model).alignment == 4
    np.testing.assert_allclose(tiled(4), whole, atol=1e-6)
    assert np.abs(tiled(1) - whole).max() > 1e-4, "alignment does not matter here"


def test_reach_of_the_unet_is_no_less_than_its_domain_of_dependence(rng):
    layer = layers.UNet((2, 3, 4), convolutions=1)
    u = rng.random((1, 64, 64, 1)).astype("float32")
    farthest = 0
    layer.build(u.shape)
    set_random_weights(layer, 0.5, 1)
    for place in range(30, 34):
        changed = u.copy()
        changed[0, place, place] += 0.5
        difference = np.asarray(layer(changed)) != np.asarray(layer(u))
        farthest = max(farthest, np.abs(np.argwhere(difference[0, ..., 0]) - place).max())
    assert layer.traits.reach - 6 <= farthest <= layer.traits.reach


def test_a_model_that_sees_the_whole_picture_is_applied_in_one_piece():
    assert zoo.traits(small("ka")).reach is None


@pytest.mark.parametrize("experts", [3, 16])
def test_a_compiled_sum_of_splines_is_that_of_look_ups(experts, rng):
    """Ramps instead of look-ups, with their gradients in image, kernels and splines."""
    given = [
        rng.normal(size=shape).astype("float32")
        for shape in ((2, 12, 14, 2), (3, 4, 2, experts), (21, experts))
    ]
    given = [tf.constant(one) for one in given]
    weights = tf.constant(rng.normal(size=(2, 10, 11, 1)), tf.float32)

    def both():
        with tf.GradientTape() as tape:
            tape.watch(given)
            value = sum_of_splines(*given)
            total = tf.reduce_sum(weights * value)
        return value, *tape.gradient(total, given)

    for found, expected in zip(tf.function(both)(), both(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-4)
