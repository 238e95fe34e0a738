"""Every layer runs the shared check; what is special to one follows after it."""

import keras
import numpy as np
import pytest
from checks import reference
from checks.layers import check_keras_file, check_layer
from imagepde import layers, pde
from keras import ops

SHAPE = (2, 9, 8, 1)


def experts(count=6, size=3, location="pixels"):
    """A Fields-of-Experts diffusivity whose weights are all random."""
    return layers.FieldsOfExperts(
        experts=count,
        kernel_size=size,
        location=location,
        activation=layers.LinearSpline(7, "random_normal", "random_normal"),
    )


def product():
    """A product of Roth–Black experts whose weights are all random."""
    return layers.FieldsOfExperts(
        experts=5,
        kernel_size=3,
        activation=layers.RothBlack("random_normal"),
        kernel_initializer="random_normal",
        combination="product",
    )


def classical(**changes):
    return layers.ClassicalDiffusivity("weickert", contrast=0.3, sigma=0.7, **changes)


def spline_reference(layer, x):
    return reference.spline(x, np.asarray(layer.slopes), np.asarray(layer.offset))


def experts_reference(layer, u):
    weights = [np.asarray(w) for w in (layer.kernel, layer.activation.slopes, layer.activation.offset)]
    return np.stack([reference.fields_of_experts(one[..., 0], *weights) for one in u])[..., None]


def classical_reference(layer, u):
    from scipy.ndimage import gaussian_filter

    def one(v):
        v = gaussian_filter(v, layer.sigma, mode="reflect", truncate=4.0)
        squared = sum(
            0.5
            * (
                np.diff(v, axis=axis, append=np.take(v, [-1], axis)) ** 2
                + np.diff(v, axis=axis, prepend=np.take(v, [0], axis)) ** 2
            )
            for axis in (0, 1)
        )
        with np.errstate(divide="ignore"):
            return 1 - np.exp(-3.31488 / (squared / layer.contrast**2) ** 4)

    return np.stack([one(v[..., 0]) for v in u])[..., None]


def step_reference(layer, u):
    experts = layer.diffusivity
    spline = experts.activation
    weights = [np.asarray(w) for w in (experts.kernel, spline.slopes, spline.offset)]
    at_edges = experts.location == "edges"
    g = reference.fields_of_experts_on_edges if at_edges else reference.fields_of_experts
    rates = [reference.diffusion_rate(one[..., 0], g(one[..., 0], *weights)) for one in u]
    return u + layer.time_step * np.stack(rates)[..., None]


def evolution_reference(layer, u):
    for _ in range(layer.steps):
        u = step_reference(layer.step, u)
    return u


def decreasing_reference(layer, x):
    return reference.spline(x, -reference.softplus(np.asarray(layer.slopes)), np.asarray(layer.offset))


def monomial_reference(layer, x):
    return np.asarray(layer.coefficients) * x ** np.array([1, 2, 3, 1, 2])


def roth_black_reference(layer, x):
    return (1 + x**2 / 2) ** -reference.softplus(np.asarray(layer.exponents))


def convolution_reference(layer, u):
    weights = np.asarray(layer.kernel), np.asarray(layer.bias)
    return np.stack([reference.convolution(one, *weights, layer.zero_mean) for one in u])


def estimator_reference(layer, u):
    def one(x):
        for i, c in enumerate(layer.convolutions):
            x = reference.halve(x, np.mean) if i else x
            x = reference.convolution(x, np.asarray(c.kernel), np.asarray(c.bias), c.zero_mean)
            x = np.maximum(x, 0)
        exponent = x.mean((0, 1)) @ np.asarray(layer.direction)[:, 0] + float(layer.offset)
        return layer.contrast * np.exp(exponent)

    return np.array([one(image) for image in u]).reshape(-1, 1, 1, 1)


def noise_reference(layer, u):
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    windows = np.lib.stride_tricks.sliding_window_view(u, (3, 3), axis=(1, 2))
    response = np.abs(np.einsum("bijcxy,xy->bijc", windows, mask)) + 1e-4
    level = np.exp(np.log(response).mean((1, 2, 3)) + (np.euler_gamma + np.log(2)) / 2) / 6
    return level.reshape(-1, 1, 1, 1)


def unet_step_reference(layer, u):
    def one(v):
        g = reference.sigmoid(reference.unet(v, layer.diffusivity.unet))
        rows, columns = np.pad(g[..., 0], ((1, 0), (0, 0))), np.pad(g[..., 1], ((0, 0), (1, 0)))
        return v + layer.time_step * reference.diffusion_rate(v[..., 0], (rows, columns))[..., None]

    return np.stack([one(image) for image in u])


def product_step_reference(layer, u):
    experts = layer.diffusivity
    kernel = np.asarray(experts.kernel)
    alpha = reference.softplus(np.asarray(experts.activation.exponents))

    def one(v):
        response = reference.convolution(v, kernel, 0.0, zero_mean=True)
        g = np.prod((1 + response**2 / 2) ** -alpha, axis=-1)
        return v + layer.time_step * reference.diffusion_rate(v[..., 0], g)[..., None]

    return np.stack([one(image) for image in u])


def contrast_step_reference(layer, u):
    def one(v, contrast):
        x = v[..., 0]
        squared = sum(
            0.5
            * (
                np.diff(x, axis=axis, append=np.take(x, [-1], axis)) ** 2
                + np.diff(x, axis=axis, prepend=np.take(x, [0], axis)) ** 2
            )
            for axis in (0, 1)
        )
        g = 1 / (1 + squared / contrast**2)
        return v + layer.time_step * reference.diffusion_rate(x, g)[..., None]

    contrasts = estimator_reference(layer.diffusivity.contrast, u).ravel()
    return np.stack([one(*pair) for pair in zip(u, contrasts, strict=True)])


def filtering_reference(layer, u):
    """With the paper's own filters, as sparse matrices."""

    def one(image):
        x = image
        for i, c in enumerate(layer.estimator):
            x = reference.convolution(x, np.asarray(c.kernel), np.asarray(c.bias))
            x = x if i == layer.layers - 1 else np.maximum(x, 0)
        channels = image.shape[-1]
        fields = x.reshape(*x.shape[:2], 5, -1)
        fields = np.repeat(fields, channels // fields.shape[-1], axis=-1)
        fields[..., 4, :] = fields[..., :4, :].sum(-2) - fields[..., 4, :]
        rates = [pde.five_point_matrix(fields[..., c]) @ image[..., c].ravel() for c in range(channels)]
        return image + layer.time_step * np.stack(rates, -1).reshape(image.shape)

    return np.stack([one(image) for image in u])


CASES = {
    "LinearSpline": (
        lambda: layers.LinearSpline(7, "random_normal", "random_normal"),
        spline_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "DecreasingLinearSpline": (
        lambda: layers.DecreasingLinearSpline(7, "random_normal", "random_normal"),
        decreasing_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "Monomial": (
        lambda: layers.Monomial(3, "random_normal"),
        monomial_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "RothBlack": (
        lambda: layers.RothBlack("random_normal"),
        roth_black_reference,
        (*SHAPE[:-1], 5),
        None,
    ),
    "ReflectingConvolution": (
        lambda: layers.ReflectingConvolution(4, 3, bias_initializer="random_normal"),
        convolution_reference,
        (*SHAPE[:-1], 2),
        (*SHAPE[:-1], 4),
    ),
    "ReflectingConvolution of mean zero, even kernels": (
        lambda: layers.ReflectingConvolution(4, 4, zero_mean=True),
        convolution_reference,
        SHAPE,
        (*SHAPE[:-1], 4),
    ),
    "ContrastEstimator": (
        lambda: layers.ContrastEstimator(0.2, (3, 4)),
        estimator_reference,
        SHAPE,
        (2, 1, 1, 1),
    ),
    "UNet": (
        lambda: layers.UNet((3, 4, 5), outputs=2, convolutions=2),
        lambda layer, u: np.stack([reference.unet(one, layer) for one in u]),
        SHAPE,
        (*SHAPE[:-1], 2),
    ),
    "UNet as the baseline of DiffNet": (
        lambda: layers.UNet((3, 4, 5), doubling_size=3, last_size=3, zero_mean=False),
        lambda layer, u: np.stack([reference.unet(one, layer) for one in u]),
        SHAPE,
        None,
    ),
    "UNet with one convolution on a level": (
        lambda: layers.UNet((3, 4), convolutions=1, kernel_size=5),
        lambda layer, u: np.stack([reference.unet(one, layer) for one in u]),
        SHAPE,
        None,
    ),
    "FieldsOfExperts": (experts, experts_reference, SHAPE, None),
    "ClassicalDiffusivity": (classical, classical_reference, SHAPE, None),
    "PeronaMalikStep": (
        lambda: layers.PeronaMalikStep(experts(), time_step=0.2),
        step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep on edges": (
        lambda: layers.PeronaMalikStep(experts(location="edges"), time_step=0.2),
        step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep on edges, even kernels": (
        lambda: layers.PeronaMalikStep(experts(size=4, location="edges"), time_step=0.2),
        step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep with a U-Net": (
        lambda: layers.PeronaMalikStep(layers.UNetDiffusivity((3, 4), 1), time_step=0.2),
        unet_step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep with a product of experts": (
        lambda: layers.PeronaMalikStep(product(), time_step=0.2),
        product_step_reference,
        SHAPE,
        None,
    ),
    "PeronaMalikStep with an estimated contrast": (
        lambda: layers.PeronaMalikStep(
            layers.ClassicalDiffusivity(contrast=layers.ContrastEstimator(0.3, (3, 4))), time_step=0.2
        ),
        contrast_step_reference,
        SHAPE,
        None,
    ),
    "FilteringStep": (
        lambda: layers.FilteringStep(3, channels=4, time_step=0.3),
        filtering_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "FilteringStep with a filter for each channel": (
        lambda: layers.FilteringStep(2, channels=4, shared=False),
        filtering_reference,
        (*SHAPE[:-1], 3),
        None,
    ),
    "Evolution": (
        lambda: layers.Evolution(layers.PeronaMalikStep(experts(), time_step=0.2), steps=3),
        evolution_reference,
        SHAPE,
        None,
    ),
}


# These take or return more than one tensor, have no weights or one size: they have tests of their own.
PARTS = {"UNetDiffusivity", "NoiseNormalized", "NoiseLevel", "LinearDiffusionStep"}


def test_every_layer_has_a_case():
    found = {n for n in layers.__all__ if issubclass(getattr(layers, n), keras.Layer)}
    assert found == {name.split()[0] for name in CASES} | PARTS


def test_noise_level_is_the_plain_one(rng):
    u = rng.random((2, 19, 17, 3)).astype("float32")
    level = np.asarray(layers.NoiseLevel()(u))
    np.testing.assert_allclose(level, noise_reference(None, u), rtol=1e-5)
    assert layers.NoiseLevel().compute_output_shape(u.shape) == level.shape


@pytest.mark.parametrize("name", CASES)
def test_layer(name, tmp_path):
    make, expected, shape, output_shape = CASES[name]
    keras.utils.set_random_seed(3)
    layer = make()
    check_layer(layer, shape, expected, output_shape)
    inputs = keras.Input((None, None, shape[-1]))
    image = np.random.default_rng(5).random(shape, dtype=np.float32)
    check_keras_file(keras.Model(inputs, make()(inputs)), image, tmp_path / "model.keras")


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
    from imagepde.pde.backend import correlate, within_loop

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
    assert evolution.reach - 2 <= distance <= evolution.reach


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
