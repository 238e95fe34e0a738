"""Trainable reaction–diffusion: its parts, its symmetries, and what the certified twin promises."""

import keras
import numpy as np
import pytest
from checks import reaction_diffusion_reference as reference
from imagepde import layers, pde, zoo
from keras import ops

SMALL = {"stages": 3, "components": 8, "filters": 16, "pieces": 8}
FAMILIES = {
    "trd": SMALL,
    "trd with a kernel of five": {**SMALL, "kernel_size": 5},
    "trd_color": {**SMALL, "components": 16},
    "trd_small": SMALL,
    "trd_certified": SMALL,
    "trd_certified, monotone": {**SMALL, "bound": "monotone"},
    "trd, blind": {**SMALL, "blind": True},
}


def randomised(family, rng, scale=0.3):
    """A model of random weights: large ones where it is certified, else such that it stays finite."""
    model = zoo.create(family.split(",")[0].split()[0], **FAMILIES[family])
    certified = family.startswith("trd_certified")
    for weight in model.weights:
        spread = rng.choice([0.1, 1.0, 10.0]) if certified else 0.1 * scale
        weight.assign(np.asarray(weight) + spread * rng.standard_normal(weight.shape))
    return model


def test_haar_is_orthonormal_and_its_components_have_the_parities(rng):
    u = rng.standard_normal((2, 8, 6, 3)).astype("float32")
    coefficients = np.asarray(pde.haar(u))
    assert coefficients.shape == (2, 4, 3, 12)
    np.testing.assert_allclose(np.linalg.norm(coefficients), np.linalg.norm(u), rtol=1e-6)
    np.testing.assert_allclose(np.asarray(pde.inverse_haar(coefficients)), u, atol=1e-6)
    np.testing.assert_allclose(coefficients[..., ::4], 2 * u.reshape(2, 4, 2, 3, 2, 3).mean((2, 4)))
    rows, columns = pde.parities(12)
    flipped = np.asarray(pde.haar(u[:, ::-1]))[:, ::-1]
    np.testing.assert_allclose(flipped, coefficients * np.array(rows), atol=1e-6)
    flipped = np.asarray(pde.haar(u[:, :, ::-1]))[:, :, ::-1]
    np.testing.assert_allclose(flipped, coefficients * np.array(columns), atol=1e-6)


@pytest.mark.parametrize("shape", [(9, 8), (8, 9), (9, 9), (8, 8)])
def test_haar_layers_are_inverse_for_any_size(shape, rng):
    u = rng.random((1, *shape, 2)).astype("float32")
    forward, backward = layers.HaarTransform(), layers.InverseHaarTransform()
    coefficients = forward(u)
    assert tuple(coefficients.shape) == forward.compute_output_shape(u.shape)
    assert backward.compute_output_shape([coefficients.shape, u.shape]) == u.shape
    np.testing.assert_allclose(np.asarray(backward([coefficients, u])), u, atol=1e-6)


@pytest.mark.parametrize("signs", [None, pde.parities(4)])
@pytest.mark.parametrize("margins", [(1, 1), (2, 0), (3, 4)])
def test_folding_is_the_adjoint_of_mirroring(margins, signs, rng):
    u = rng.standard_normal((2, 5, 6, 4)).astype("float32")
    extended = np.asarray(pde.mirror(u, margins, signs))
    for one, expected in zip(u, extended, strict=True):
        rows, columns = signs or ((1,) * 4,) * 2
        padded = one
        for axis, (margin, sign) in enumerate(zip(margins, (rows, columns), strict=True)):
            width = [(0, 0)] * 3
            width[axis] = (margin, margin)
            size = padded.shape[axis]
            padded = np.pad(padded, width, mode="symmetric")
            beyond = [k for k in range(size + 2 * margin) if not margin <= k < margin + size]
            padded[(slice(None),) * axis + (beyond,)] *= np.array(sign)
        np.testing.assert_array_equal(expected, padded.astype("float32"))
    v = rng.standard_normal(extended.shape).astype("float32")
    folded = np.asarray(pde.fold(v, margins, signs))
    assert np.vdot(extended, v) == pytest.approx(np.vdot(u, folded), abs=1e-4)


def test_gradients_of_mirroring_and_folding_are_their_adjoints(rng):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("uses a gradient tape")
    import tensorflow as tf

    signs = pde.parities(4)
    u = tf.constant(rng.standard_normal((1, 5, 6, 4)), tf.float32)
    v = tf.constant(rng.standard_normal((1, 9, 8, 4)), tf.float32)
    for compiled in (False, True):

        def gradients(u, v):
            with tf.GradientTape() as tape:
                tape.watch([u, v])
                loss = tf.reduce_sum(pde.mirror(u, (2, 1), signs) * v) ** 2
                loss += tf.reduce_sum(pde.fold(v, (2, 1), signs) * u) ** 2
            return tape.gradient(loss, [u, v])

        found = (tf.function(gradients) if compiled else gradients)(u, v)
        product = float(tf.reduce_sum(pde.mirror(u, (2, 1), signs) * v))
        np.testing.assert_allclose(
            found[0], 4 * product * np.asarray(pde.fold(v, (2, 1), signs)), rtol=1e-4, atol=1e-3
        )
        np.testing.assert_allclose(
            found[1], 4 * product * np.asarray(pde.mirror(u, (2, 1), signs)), rtol=1e-4, atol=1e-3
        )


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("sides", [(4, 4), (5, 7), (12, 3)])
def test_spectral_norm_bound_is_above_the_norm_of_the_matrix(size, sides, rng):
    """Of banks drawn at random, single filters and smooth ones among them."""
    step = layers.ReactionDiffusionStep(8, size, components=4)
    step.build([(1, *sides, 4)] * 2)
    for draw in range(4):
        kernel = rng.standard_normal(step.kernel.shape)
        if draw == 1:
            kernel[..., 1:] = 0
        elif draw == 2:
            kernel = np.ones_like(kernel) + 0.01 * kernel
        step.kernel.assign(10.0 ** (draw - 1) * kernel)
        bank = np.asarray(step.bank())
        bound = float(pde.spectral_norm_bound_of_bank(bank, pde.parities(4)))
        exact = np.linalg.norm(reference.matrix(bank, *pde.parities(4), *sides), 2) ** 2
        assert exact <= bound


def test_spectral_norm_bound_is_near_to_the_norm_on_large_images(rng):
    step = layers.ReactionDiffusionStep(8, 3, components=4)
    step.build([(1, 16, 16, 4)] * 2)
    bank = np.asarray(step.bank())
    bound = float(pde.spectral_norm_bound_of_bank(bank, pde.parities(4)))
    exact = np.linalg.norm(reference.matrix(bank, *pde.parities(4), 16, 16), 2) ** 2
    assert exact <= bound <= 1.1 * exact


def test_largest_eigenvalue_is_bounded_for_any_scale(rng):
    root = rng.standard_normal((5, 6, 6)).astype("float32")
    for scale in (1e-8, 1.0, 1e8):
        matrices = scale * root @ root.transpose(0, 2, 1)
        exact = np.linalg.eigvalsh(matrices.astype("float64")).max()
        found = float(pde.largest_eigenvalue_bound(ops.convert_to_tensor(matrices)))
        assert exact <= found * (1 + 1e-5)
        assert found <= 6 ** (1 / 32) * exact * (1 + 1e-5)


@pytest.mark.parametrize("bound", ["sign", "monotone"])
def test_bounded_influence_functions_keep_their_bound(bound, rng):
    layer = layers.InfluenceFunctions(10, bound)
    layer.build((None, 5))
    layer.set_weights([rng.normal(0.5, 2.0, w.shape) for w in layer.weights])
    x = np.concatenate([np.linspace(-20, 20, 2001), [0.0]])
    x = np.sort(x)[:, None].repeat(5, 1).astype("float32")
    y = np.asarray(layer(x))
    tiny = 1e-5 * np.exp(np.asarray(layer.log_range)).max()
    if bound == "sign":
        assert (y * np.sign(x) >= -tiny).all()
        assert (abs(y) <= abs(x) + tiny).all()
    else:
        rises = np.diff(y, axis=0)
        assert (rises >= -tiny).all()
        assert (rises <= np.diff(x, axis=0) + tiny).all()
        np.testing.assert_allclose(y[np.flatnonzero(x[:, 0] == 0)], 0, atol=tiny)


@pytest.mark.parametrize("family", FAMILIES)
def test_restoration_commutes_with_flips_and_brightness(family, rng):
    model = randomised(family, rng)
    u = rng.random((1, 20, 26, model.input_shape[-1])).astype("float32")
    restored = np.asarray(model(u))
    assert abs(restored - u).max() > 1e-3
    scale = abs(restored).max()
    for axes in (1, 2, (1, 2)):
        flipped = np.flip(np.asarray(model(np.flip(u, axes))), axes)
        np.testing.assert_allclose(flipped, restored, atol=2e-5 * scale)
    if "blind" not in family:
        np.testing.assert_allclose(np.asarray(model(u + 0.3)) - 0.3, restored, atol=2e-5 * scale)
    np.testing.assert_allclose(restored.mean((1, 2)), u.mean((1, 2)), atol=1e-5 * scale)
    flat = np.full_like(u, 0.4)
    np.testing.assert_allclose(np.asarray(model(flat)), flat, atol=1e-5 * scale)


@pytest.mark.parametrize("family", FAMILIES)
def test_reach_is_the_domain_of_dependence(family, rng):
    model = randomised(family, rng)
    reach = zoo.traits(model).reach
    u = rng.random((1, 80, 80, model.input_shape[-1])).astype("float32")
    changed = u.copy()
    changed[0, 40, 40] += 0.2
    if "blind" in family:
        # The noise level is one number of the whole image; here it is given.
        rest = keras.Model([model.input, model.get_layer("noise_level").output], model.output)
        level = np.full((1, 1, 1, 1), 0.1, "float32")
        model = lambda image: rest([image, level])  # noqa: E731
    difference = np.asarray(model(changed)) != np.asarray(model(u))
    distance = abs(np.argwhere(difference[0].any(-1)) - 40).max()
    assert reach - 6 <= distance <= reach


def norm(images):
    """Of each image of a batch."""
    return np.sqrt((images**2).sum((-3, -2, -1), dtype=np.float64))


def hostile(rng):
    """A batch of images: noise, edges, impulses, a checkerboard, large and nearly nothing."""
    shape = (1, 24, 26, 1)
    noise = rng.standard_normal(shape)
    board = np.broadcast_to((np.indices(shape[1:3]).sum(0) % 2)[None, ..., None], shape)
    edge = np.broadcast_to((np.indices(shape[1:3])[1] > 12)[None, ..., None], shape)
    impulse = np.zeros(shape)
    impulse[0, 7, 11] = 1
    images = [noise, board, edge, impulse, 1e3 * noise, 1e-3 * noise, edge + 0.1 * noise]
    return np.concatenate(images).astype("float32")


@pytest.mark.parametrize("bound", ["sign", "monotone"])
def test_certified_models_keep_their_promise_for_any_weights(bound, rng):
    family = "trd_certified" if bound == "sign" else "trd_certified, monotone"
    for _ in range(10):
        model = randomised(family, rng)
        promises = zoo.certificate(model).promises
        assert set(promises) == {"mean", "norm"} | ({"distance"} if bound == "monotone" else set())
        images = hostile(rng)
        restored = np.asarray(model(images), np.float64)
        norms = norm(images)
        assert (norm(restored) <= norms * (1 + 1e-5)).all()
        if bound == "monotone":
            before, after = (norm(x[:, None] - x[None]) for x in (images, restored))
            assert (after <= before * (1 + 1e-5) + 1e-5 * np.maximum(norms, norms[:, None])).all()


def test_what_is_not_certified_promises_the_mean_only():
    assert set(zoo.certificate(zoo.create("trd", **SMALL)).promises) == {"mean"}
    text = str(zoo.certificate(zoo.create("trd_certified", **SMALL)))
    assert "‖K‖² ≤ 2 (1 − λ)" in text
    assert "multiples of 2" in text


def test_a_bounded_bank_stays_within_the_bound_and_smaller_ones_are_left(rng):
    step = layers.ReactionDiffusionStep(8, 3, components=4, bound="sign", reaction=0.3)
    step.build([(1, 8, 8, 4)] * 2)
    free = layers.ReactionDiffusionStep(8, 3, components=4, reaction=0.3)
    free.build([(1, 8, 8, 4)] * 2)
    for size in (0.01, 1.0, 100.0):
        kernel = size * rng.standard_normal(step.kernel.shape)
        step.kernel.assign(kernel)
        free.kernel.assign(kernel)
        norm = np.linalg.norm(reference.matrix(np.asarray(step.bank()), *pde.parities(4), 9, 9), 2)
        assert norm**2 <= 2 * (1 - 0.3)
        if size == 0.01:
            np.testing.assert_array_equal(np.asarray(step.bank()), np.asarray(free.bank()))


def test_kernels_see_no_brightness_and_a_given_level_all_the_same(rng):
    step = layers.ReactionDiffusionStep(8, 3, brightness=4)
    step.build([(1, 8, 8, 5)] * 2)
    means = np.asarray(step.bank()).mean((0, 1))
    np.testing.assert_allclose(means[0], 0, atol=1e-7)
    assert abs(means[1:]).max() > 1e-3
    with_level = layers.AppendLevel()
    image, level = rng.random((2, 6, 5, 3)).astype("float32"), rng.random((2, 1, 1, 1))
    appended = np.asarray(with_level([image, level.astype("float32")]))
    assert appended.shape == with_level.compute_output_shape([image.shape, level.shape])
    np.testing.assert_array_equal(appended[..., :3], image)
    np.testing.assert_allclose(appended[1, ..., 3], level[1, 0, 0, 0])
