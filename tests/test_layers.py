"""Every layer runs the shared check; what is special to one follows after it."""

import keras
import numpy as np
import pytest
from checks.layer_cases import CASES
from checks.layer_references import SHAPE, classical, experts, noise_reference
from checks.layers import check_keras_file, check_layer
from imagepde import layers, pde
from keras import ops

# These take or return more than one tensor, have no weights or one size: they have tests of their own.
PARTS = {
    "UNetDiffusivity",
    "NoiseNormalized",
    "NoiseLevel",
    "NoiseMap",
    "LinearDiffusionStep",
    "EdgeEnhancingTensor",
    "CoherenceEnhancingTensor",
    "IsotropicTensor",
    "EstimatedTensor",
    "HomogeneousTensor",
    "Inpainting",
    "FilterSelection",
    "AppendLevel",
    "HaarTransform",
    "InverseHaarTransform",
}


def test_every_layer_has_a_case():
    classes = {n for n in layers.__all__ if isinstance(getattr(layers, n), type)}
    found = {n for n in classes if issubclass(getattr(layers, n), keras.Layer)}
    assert found - {"ImageLayer"} == {name.split()[0] for name in CASES} | PARTS


def test_noise_level_is_the_plain_one(rng):
    u = rng.random((2, 19, 17, 3)).astype("float32")
    level = np.asarray(layers.NoiseLevel()(u))
    np.testing.assert_allclose(level, noise_reference(None, u), rtol=1e-5)
    assert layers.NoiseLevel().compute_output_shape(u.shape) == level.shape


@pytest.mark.parametrize("coefficients", [False, True])
def test_a_noise_map_is_the_plain_one(coefficients, rng):
    u = rng.random((2, 6, 8, 3)).astype("float32")
    layer = layers.NoiseMap(coefficients=False)
    if coefficients:
        layer, u = layers.NoiseMap(coefficients=True), np.repeat(u, 4, axis=-1)
        u[..., 8:9] *= 2
    image, powers = (np.asarray(x) for x in layer(u))
    channels = 8 if coefficients else 2
    np.testing.assert_array_equal(image, u[..., :channels])
    sigma = u[..., channels : channels + 1].astype(float) / (2 if coefficients else 1) * 255 / 25
    t = np.log2(np.clip(sigma, 0.01, 10.2)) / 3
    expected = np.concatenate(
        [f * t**k for f in (1 / np.maximum(sigma, 0.01), sigma) for k in range(4)], -1
    )
    np.testing.assert_allclose(powers, expected, rtol=1e-4, atol=1e-5)
    assert [tuple(shape) for shape in layer.compute_output_shape(u.shape)] == [
        image.shape,
        powers.shape,
    ]
    again = layers.NoiseMap.from_config(layer.get_config())
    np.testing.assert_array_equal(np.asarray(again(u)[1]), powers)


def test_a_told_step_has_the_gains_that_its_weights_say(rng):
    """For noise that is the same everywhere, a told step is one with other influence functions."""
    told = layers.ReactionDiffusionStep(8, 3, components=4, told=True)
    u = rng.random((1, 9, 10, 4)).astype("float32")
    _, powers = layers.NoiseMap()(np.full((1, 9, 10, 2), 40 / 255, "float32"))
    told([u, u, powers])
    for weight in (told.widths, told.amplitudes):
        weight.assign(rng.normal(1.0, 0.2, weight.shape))
    plain = layers.ReactionDiffusionStep(8, 3, components=4)
    plain([u, u])
    plain.kernel.assign(told.kernel)
    plain.reaction_weight.assign(told.reaction_weight)
    width, amplitude = (
        np.asarray(powers)[0, 0, 0, part] @ np.asarray(weight)
        for part, weight in ((slice(4), told.widths), (slice(4, 8), told.amplitudes))
    )
    # φ(x) = a r ψ(w x / r): the range is r/w, and values there a r, which is a w of the new range.
    span = np.exp(np.asarray(told.influence.log_range)) / width
    plain.influence.log_range.assign(np.log(span))
    plain.influence.values.assign(np.asarray(told.influence.values) * amplitude * width)
    np.testing.assert_allclose(told([u, u, powers]), plain([u, u]), atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_layer(name, tmp_path):
    make, expected, shape, output_shape = CASES[name]
    keras.utils.set_random_seed(3)
    model, image = check_layer(make(), shape, expected, output_shape)
    check_keras_file(model, image, tmp_path / "model.keras")


def test_constant_parameters_have_no_weights():
    step = layers.PeronaMalikStep(classical(learn_contrast=False), 0.1, learn_time_step=False)
    check_layer(layers.Evolution(step, 2), SHAPE, trainable=False)


def test_spline_gradient_is_that_of_finite_differences():
    """The hand-written gradient, for inputs in every piece, on the knots' sides and outside."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("uses a gradient tape")
    import tensorflow as tf
    from imagepde.layers.linear_spline import interpolate

    rng = np.random.default_rng(0)
    x = tf.constant(rng.uniform(-0.3, 1.3, (5, 40, 3)))
    table = tf.constant(rng.normal(size=(8, 3)))
    upstream = tf.constant(rng.normal(size=x.shape))
    with tf.GradientTape() as tape:
        tape.watch([x, table])
        value = tf.reduce_sum(interpolate(x, table) * upstream)
    grad_x, grad_table = tape.gradient(value, [x, table])

    def slope(function, point, index, width=1e-6):
        ends = []
        for sign in (1, -1):
            moved = point.numpy()
            moved[index] += sign * width
            ends.append(float(tf.reduce_sum(function(tf.constant(moved)) * upstream)))
        return (ends[0] - ends[1]) / (2 * width)

    # The bins are summed in float32 on TensorFlow: that limits what can be compared.
    for index in np.ndindex(*table.shape):
        expected = slope(lambda t: interpolate(x, t), table, index)
        assert float(grad_table[index]) == pytest.approx(expected, abs=2e-5)
    for index in [(0, i, c) for i in range(40) for c in range(3)]:
        expected = slope(lambda v: interpolate(v, table), x, index)
        assert float(grad_x[index]) == pytest.approx(expected, abs=1e-5)


def test_gradient_of_the_correlation_is_that_of_the_convolution(rng):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends use the convolution itself")
    import tensorflow as tf
    from imagepde.pde.backend import correlate
    from imagepde.pde.tracing import within_loop

    u = tf.constant(rng.random((2, 9, 8, 3)))
    kernel = tf.constant(rng.random((4, 5, 3, 6)))
    upstream = tf.constant(rng.random((2, 6, 4, 6)))
    gradients = []
    for function in (correlate, lambda u, k: tf.nn.conv2d(u, k, 1, "VALID")):
        with tf.GradientTape() as tape, within_loop():
            tape.watch([u, kernel])
            value = tf.reduce_sum(function(u, kernel) * upstream)
        gradients.append(tape.gradient(value, [u, kernel]))
    for own, derived in zip(*gradients, strict=True):
        np.testing.assert_allclose(own, derived, rtol=1e-10)


def test_spline_is_constant_outside_of_its_domain():
    spline = layers.LinearSpline(4, "random_normal", "random_normal")
    y = np.asarray(spline(np.array([[-2.0], [0.0], [1.0], [7.0]], "float32")))
    assert y[0] == y[1]
    assert y[2] == y[3]


def random_weights(layer, scale):
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=w.shape) * scale for w in layer.get_weights()])


@pytest.mark.parametrize("location", ["pixels", "edges"])
@pytest.mark.parametrize("scale", [0.1, 3.0, 100.0])
def test_evolution_obeys_mean_and_extremum_principle_for_any_weights(scale, location, rng):
    """The scalar time step is drawn too: whatever is loaded, the step stays within the bound."""
    evolution = layers.Evolution(layers.PeronaMalikStep(experts(8, 5, location)), steps=10)
    evolution.build((None, None, None, 1))
    random_weights(evolution, scale)
    # Far beyond the bound, where the random one may be negative.
    evolution.step.time_step_weight.assign(scale)
    assert float(evolution.step.duration) <= pde.MAX_TIME_STEP
    u = rng.random((4, 16, 16, 1)).astype("float32")
    after = np.asarray(evolution(u))
    for g in keras.tree.flatten(evolution.step.diffusivity(u)):
        assert np.asarray(g).min() >= 0
        assert np.asarray(g).max() <= 1
    np.testing.assert_allclose(after.mean((1, 2, 3)), u.mean((1, 2, 3)), atol=1e-5)
    assert (after.min((1, 2, 3)) >= u.min((1, 2, 3)) - 1e-5).all()
    assert (after.max((1, 2, 3)) <= u.max((1, 2, 3)) + 1e-5).all()


@pytest.mark.parametrize("location", ["pixels", "edges"])
def test_diffusivity_does_not_see_brightness(location, rng):
    step = layers.PeronaMalikStep(experts(location=location))
    u = rng.random(SHAPE).astype("float32")
    np.testing.assert_allclose(np.asarray(step(u)) + 0.25, np.asarray(step(u + 0.25)), atol=1e-5)


def test_rows_and_columns_are_treated_alike_on_edges(rng):
    step = layers.PeronaMalikStep(experts(location="edges"))
    u = rng.random((1, 9, 12, 1)).astype("float32")
    mirrored = np.asarray(step(u.transpose(0, 2, 1, 3))).transpose(0, 2, 1, 3)
    np.testing.assert_allclose(mirrored, np.asarray(step(u)), atol=1e-6)


@pytest.mark.parametrize("size", [3, 4, 5])
def test_shapes_on_edges(size, rng):
    layer = experts(size=size, location="edges")
    shapes = [tuple(g.shape) for g in layer(rng.random(SHAPE).astype("float32"))]
    assert shapes == [(2, 10, 8, 1), (2, 9, 9, 1)] == list(layer.compute_output_shape(SHAPE))


@pytest.mark.parametrize("location", ["pixels", "edges"])
@pytest.mark.parametrize("size", [3, 4, 5])
def test_reach_is_the_domain_of_dependence(size, location, rng):
    """A change of one pixel is felt as far as `reach` says, and no further."""
    evolution = layers.Evolution(layers.PeronaMalikStep(experts(8, size, location)), steps=2)
    u = rng.random((1, 41, 41, 1)).astype("float32")
    changed = u.copy()
    changed[0, 20, 20] += 0.5
    difference = np.asarray(evolution(changed)) != np.asarray(evolution(u))
    distance = np.abs(np.argwhere(difference[0, ..., 0]) - 20).max()
    assert evolution.traits.reach - 2 <= distance <= evolution.traits.reach


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.PeronaMalikStep(classical(), time_step=0.4), "time_step"),
        (lambda: layers.PeronaMalikStep("sigmoid"), "diffusivity"),
        (lambda: layers.Evolution(layers.PeronaMalikStep(classical()), steps=0), "steps"),
        (lambda: layers.FieldsOfExperts(experts=0), "experts"),
        (lambda: layers.FieldsOfExperts(kernel_size=2.5), "kernel_size"),
        (lambda: layers.FieldsOfExperts(location="corners"), "location"),
        (lambda: layers.FieldsOfExperts(combination="mean"), "combination"),
        (lambda: layers.FieldsOfExperts(combination="product"), "RothBlack"),
        (lambda: layers.LinearSpline(pieces=True), "pieces"),
        (lambda: layers.InfluenceFunctions(pieces=7), "pieces"),
        (lambda: layers.InfluenceFunctions(bound="convex"), "bound"),
        (lambda: layers.InfluenceFunctions(bound="sign", slope=2.0), "slope"),
        (lambda: layers.InfluenceFunctions(span=0.0), "span"),
        (lambda: layers.InfluenceFunctions(copies=4).build((None, 6)), "copies"),
        (lambda: layers.ReactionDiffusionStep(filters=6), "filters"),
        (lambda: layers.ReactionDiffusionStep(kernel_size=4), "kernel_size"),
        (lambda: layers.ReactionDiffusionStep(symmetric=False, bound="sign"), "symmetric"),
        (
            lambda: layers.ReactionDiffusionStep().build([(None, 8, 8, 1), (None, 8, 8, 4)]),
            "components",
        ),
        (lambda: layers.FilteringStep(layers=1), "layers"),
        (lambda: layers.Monomial(degree=0), "degree"),
        (lambda: layers.UNet(filters=()), "filters"),
        (lambda: layers.UNet(doubling_size=4), "doubling_size"),
        (lambda: layers.LinearDiffusionStep().build((None, None, 8, 1)), "known"),
        (lambda: layers.UNet(filters=(4, 0)), "filters"),
        (lambda: layers.ContrastEstimator(contrast=-1.0), "contrast"),
        (lambda: layers.NoiseNormalized(None), "filter"),
        (lambda: layers.ClassicalDiffusivity("gaussian"), "form"),
        (lambda: layers.ClassicalDiffusivity(contrast=0.0), "contrast"),
        (lambda: layers.ClassicalDiffusivity(sigma=-1.0), "sigma"),
        (lambda: layers.FieldsOfExperts()(np.zeros((8, 8, 1), "float32")), "height, width"),
    ],
)
def test_bad_arguments_are_refused(make, message):
    with pytest.raises(pde.InputError, match=message):
        make()


def test_spline_of_unknown_width_is_refused():
    with pytest.raises(pde.InputError, match="channels"):
        layers.LinearSpline().build((None, None))


def test_tent_peaks_in_the_middle():
    spline = layers.LinearSpline(4, layers.Tent(2.0))
    y = ops.convert_to_numpy(spline(np.linspace(0, 1, 5, dtype="float32")[:, None]))
    np.testing.assert_allclose(y.ravel(), [0, 1, 2, 1, 0], atol=1e-6)
