"""A training that starts from a narrower model, and one whose convolutions are in bfloat16."""

import keras
import numpy as np
import pytest
from imagepde import layers, training, zoo
from imagepde.errors import InputError
from imagepde.pde import bfloat16_convolutions
from imagepde.pde.backend import correlate
from imagepde.training.loop import start_from
from keras import ops

SIZES = {"stages": 2, "pieces": 4}


def models(architecture="trd", wide=True, **options):
    """A model with weights of its own, and one that has more filters and components, or as many."""
    sizes = {"components": 8, "filters": 12} if wide else {"components": 4, "filters": 8}
    keras.utils.set_random_seed(0)
    narrow = zoo.create(architecture, components=4, filters=8, **SIZES, **options)
    rng = np.random.default_rng(0)
    narrow.set_weights([w + rng.normal(0, 0.05, w.shape) for w in narrow.get_weights()])
    return narrow, zoo.create(architecture, **sizes, **SIZES, **options)


@pytest.mark.parametrize("told", [False, True])
def test_a_wider_model_starts_as_what_the_narrower_one_is(told, rng):
    narrow, wide = models(told=told)
    start_from(wide, narrow)
    image = rng.random((1, 12, 14, 1 + told)).astype("float32")
    # More channels are added up in another order.
    np.testing.assert_allclose(np.asarray(wide(image)), np.asarray(narrow(image)), atol=2e-6)
    assert wide.count_params() > narrow.count_params()


def test_what_is_new_can_be_trained(rng):
    narrow, wide = models()
    start_from(wide, narrow)
    step = wide.get_layer("step_1")
    before = [ops.convert_to_numpy(weight).copy() for weight in (step.influence.values, step.kernel)]
    wide.compile(keras.optimizers.Adam(1e-3), "mse", jit_compile=False)
    image = rng.random((2, 16, 16, 1)).astype("float32")
    wide.fit(image, image, epochs=2, verbose=0)
    for old, new in zip(before, (step.influence.values, step.kernel), strict=True):
        assert np.all(np.any(old != ops.convert_to_numpy(new), axis=tuple(range(old.ndim - 1))))


def test_what_is_no_start_is_refused():
    narrow, wide = models()
    with pytest.raises(InputError, match="step_1"):
        start_from(narrow, wide)
    narrow, wide = models("trd_certified")
    with pytest.raises(InputError, match="bounded"):
        start_from(wide, narrow)
    one, other = layers.InfluenceFunctions(4), layers.InfluenceFunctions(8)
    for layer in (one, other):
        layer.build((None, 3))
    with pytest.raises(InputError, match="cannot start"):
        other.start_from(one)


def test_convolutions_alone_are_rounded(rng):
    u, kernel = rng.random((1, 9, 9, 3)).astype("float32"), rng.random((3, 3, 3, 4)).astype("float32")
    exact = ops.convert_to_numpy(correlate(ops.array(u), ops.array(kernel)))
    with bfloat16_convolutions():
        rounded = correlate(ops.array(u), ops.array(kernel))
    with bfloat16_convolutions(False):
        same = correlate(ops.array(u), ops.array(kernel))
    assert keras.backend.standardize_dtype(rounded.dtype) == "float32"
    error = np.abs(ops.convert_to_numpy(rounded) - exact).max() / exact.max()
    assert 1e-5 < error < 2**-7
    np.testing.assert_array_equal(ops.convert_to_numpy(same), exact)


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="trains with tf.data")
def test_a_training_in_bfloat16_ends_near_one_in_float32(photograph_folder, tmp_path):
    source = training.open_source(photograph_folder)
    settings = ["epochs=1", "steps_per_epoch=5", "patch=32", "batch=2", "validation_size=32"]
    settings += ["config.stages=2", "config.filters=8", "config.components=4", "validation=2"]
    recipe = training.with_settings(training.recipe("trd_small.gauss25"), settings)
    found = []
    for allowed in ("false", "true"):
        one = training.with_settings(recipe, [f"bfloat16_convolutions={allowed}"])
        model = training.train(one, source, tmp_path / allowed)
        assert model.dtype_policy.name == "float32"
        found.append(model.get_weights())
        assert ("bfloat16_convolutions" in one.to_dict()) == (allowed == "true")
    differences = [np.abs(a - b).max() for a, b in zip(*found, strict=True)]
    assert 0 < max(differences) < 0.02
