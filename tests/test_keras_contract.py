"""Models of the zoo as users of Keras expect them: channels, names, dtypes, copies, files."""

import copy
import pickle

import keras
import numpy as np
import pytest
from checks import models
from imagepde import zoo
from imagepde.errors import InputError
from imagepde.zoo.dtypes import with_dtype

COPIES = {
    "clone": keras.models.clone_model,
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "config": lambda model: type(model).from_config(model.get_config()),
}


@pytest.fixture(scope="module")
def denoiser():
    return zoo.load("trd_small.gauss25")


@pytest.fixture(scope="module")
def color():
    return np.zeros((2, 16, 16, 3), "float32")


@pytest.mark.parametrize("use", ["call", "predict", "fit", "evaluate", "symbolic"])
def test_another_number_of_channels_is_refused(use, color):
    model = zoo.load("trd.gauss25")
    model.compile("adam", "mse")
    uses = {
        "call": lambda: model(color),
        "predict": lambda: model.predict(color, verbose=0),
        "fit": lambda: model.fit(color, color, verbose=0),
        "evaluate": lambda: model.evaluate(color, color, verbose=0),
        "symbolic": lambda: model(keras.Input((None, None, 3))),
    }
    with pytest.raises(InputError, match=r"trd\.gauss25.*trd_color\.gauss25") as error:
        uses[use]()
    assert "\n" not in str(error.value)


def test_where_there_is_no_model_for_color_the_remedy_is_restore(color):
    with pytest.raises(InputError, match=r"zoo\.restore"):
        zoo.load("diffnet.pm_inverse")(color)
    with pytest.raises(InputError, match="one by one"):
        zoo.create("foe_s", steps=1)(color)


def test_a_layer_refuses_other_channels_than_it_was_built_for(color):
    step = zoo.create("eed", steps=1).get_layer("evolution").step
    with pytest.raises(ValueError, match="expected axis -1"):
        step(color)


@pytest.mark.parametrize("name", ["perona_malik.gauss25", "foe_s.gauss25", "delta_resnet.gauss25"])
def test_channels_are_refused_where_weights_mean_something_else(name):
    with pytest.raises(InputError, match="channels"):
        zoo.load(name, channels=3)


def test_channels_are_allowed_where_they_are_meant(rng):
    model = zoo.load("blade_flux.tv_flow", channels=3, steps=2)
    u = rng.random((1, 16, 16, 3)).astype("float32")
    assert model(u).shape == u.shape
    assert zoo.load("eed.default", channels=3, steps=1)(u).shape == u.shape


def test_a_model_is_named_after_its_card_or_as_told(denoiser):
    assert denoiser.name == "trd_small_gauss25"
    assert zoo.load("trd_small.gauss25", name="mine").name == "mine"


def test_two_models_of_one_architecture_stand_in_one_model(rng):
    first, second = zoo.load("perona_malik.gauss25"), zoo.load("perona_malik.gauss15")
    image = keras.Input((None, None, 1))
    both = keras.Model(image, second(first(image)))
    u = rng.random((1, 16, 16, 1)).astype("float32")
    np.testing.assert_allclose(np.asarray(both(u)), np.asarray(second(first(u))), atol=1e-6)


@pytest.mark.parametrize("how", COPIES)
def test_the_card_goes_with_every_copy(how, denoiser):
    assert COPIES[how](denoiser).card == denoiser.card == zoo.card("trd_small.gauss25")


def test_card_and_name_are_in_the_file(denoiser, tmp_path, rng):
    denoiser.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.card == denoiser.card
    assert loaded.name == denoiser.name
    u = rng.random((1, 16, 16, 1)).astype("float32")
    np.testing.assert_array_equal(np.asarray(loaded(u)), np.asarray(denoiser(u)))


def test_a_new_model_has_no_card():
    assert zoo.create("perona_malik").card is None


def test_a_model_that_is_not_to_be_trained_is_not():
    assert zoo.load("perona_malik.gauss25", trainable=False).trainable_weights == []
    assert zoo.load("perona_malik.gauss25").trainable_weights


def policies():
    """Architectures and dtypes: in the short suite one of each kind of input and output."""
    first = {zoo.card(name).architecture for name in models.covering_kinds()}
    for policy in ("float16", "float64", "bfloat16", "mixed_bfloat16"):
        for architecture in zoo.list_architectures():
            short = architecture in first
            marks = () if short else pytest.mark.every_model
            yield pytest.param(architecture, policy, marks=marks)


@pytest.mark.parametrize(("architecture", "policy"), list(policies()))
def test_dtype_policies_load_and_run(architecture, policy):
    name = zoo.list_models(f"{architecture}.*")[0]
    # Two steps of a long loop show what all of them do.
    changes = {"steps": 2} if models.changes_for_tests(name) else {}
    model = zoo.load(name, dtype=policy, **changes)
    u = np.full((1, *[side or 24 for side in model.input_shape[1:3]], model.input_shape[-1]), 0.5)
    result = model(u.astype("float32"))
    compute = keras.dtype_policies.get(policy).compute_dtype
    assert keras.backend.standardize_dtype(result.dtype) == compute
    assert np.isfinite(np.asarray(result).astype("float64")).all()


def test_float64_is_as_exact_as_float32(rng):
    u = rng.random((1, 24, 24, 1)).astype("float32")
    exact = zoo.load("trd_small.gauss25", dtype="float64")
    assert {w.dtype for w in exact.weights} == {"float64"}
    np.testing.assert_allclose(
        np.asarray(exact(u)), np.asarray(zoo.load("trd_small.gauss25")(u)), atol=1e-5
    )


def test_an_unknown_dtype_is_refused(denoiser):
    with pytest.raises(InputError, match="dtype"):
        with_dtype(denoiser, "float17")


def test_the_onnx_export_of_keras_is_refused_with_ours(denoiser, tmp_path):
    with pytest.raises(InputError, match=r"imagepde\.export\.export\(model, path, to='onnx'\)"):
        denoiser.export(tmp_path / "model.onnx", format="onnx")
    assert not list(tmp_path.iterdir())
