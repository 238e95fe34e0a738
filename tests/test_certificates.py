"""What models promise: checked with random weights and hostile images."""

import keras
import numpy as np
import pytest
from imagepde import zoo

CONFIGURATIONS = {
    "eed": {"contrast": 0.1, "learn": True},
    "ced": {"rho": 1.0, "cycle": 3, "learn": True},
    "isotropic": {"learn": True, "cycle": 5},
    "delta_resnet": {"features": 8, "steps": 3},
    "perona_malik": {},
    "foe_s": {"experts": 4, "steps": 4},
    "foe_rb": {"experts": 4, "steps": 4},
    "unet_diffusivity": {"filters": (2, 4), "steps": 3},
}


def images(rng):
    """A batch: noise, a checkerboard, an impulse, far too large, and nearly nothing."""
    checkerboard = (np.indices((25, 26)).sum(0) % 2)[None, ..., None]
    impulse = np.zeros((1, 25, 26, 1))
    impulse[0, 7, 11] = 1
    noise = rng.standard_normal((1, 25, 26, 1))
    return np.concatenate([noise, checkerboard, impulse, 1e3 * noise, 1e-5 * noise]).astype("float32")


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_is_promised_holds_for_random_weights(name, rng):
    model = zoo.create(name, **CONFIGURATIONS[name])
    promises = zoo.certificate(model).promises
    assert "norm" in promises
    assert "mean" in promises
    for size in (0.1, 1.0, 100.0):
        model.set_weights([size * rng.standard_normal(w.shape) for w in model.weights])
        batch = images(rng)
        for image, u in zip(batch, np.asarray(model(batch)), strict=True):
            scale = abs(image).max()
            assert np.linalg.norm(u) <= np.linalg.norm(image) * (1 + 1e-5)
            assert abs(u.mean() - image.mean()) <= 1e-5 * scale
            if "range" in promises:
                assert u.min() >= image.min() - 1e-5 * scale
                assert u.max() <= image.max() + 1e-5 * scale


def test_range_is_not_promised_for_anisotropic_diffusion(rng):
    """The stencil has negative weights: an impulse may leave less than nothing beside it."""
    model = zoo.create("ced", contrast=1e-3, rho=1.0, cycle=4)
    assert "range" not in zoo.certificate(model).promises
    y, x = np.indices((32, 32))
    line = (abs(x - 2 * y) < 2).astype("float32")[None, ..., None]
    assert np.asarray(model(line)).min() < -1e-4


def test_models_that_promise_nothing():
    assert set(zoo.certificate(zoo.create("linear_diffusion")).promises) == {"mean"}
    for name in ("diffnet", "unet"):
        certificate = zoo.certificate(zoo.create(name, **({"width": 2} if name == "unet" else {})))
        assert certificate.promises == {}
        assert "nothing" in str(certificate)
    image = keras.Input((None, None, 1))
    other = keras.Model(image, keras.layers.Conv2D(1, 3, padding="same")(image))
    assert zoo.certificate(other).promises == {}


def test_reasons_carry_the_computed_bound():
    text = str(zoo.certificate(zoo.create("delta_resnet")))
    assert "‖A‖ ≤ 4" in text
    assert "τ ≤ 0.5 px²" in text
    assert "eq. 24" in text
    blind = zoo.certificate(zoo.create("foe_s", blind=True, experts=2))
    assert set(blind.promises) == {"mean", "range", "norm"}


def test_each_cycle_of_a_pretrained_model_lowers_the_norm(noisy_photograph):
    """The pretrained models too, step by step, for noise of three times what they are made for."""
    for name in zoo.list_models("delta_resnet.*"):
        model = zoo.load(name)
        states = keras.Model(model.input, [layer.output for layer in model.layers])
        noise = np.random.default_rng(1).standard_normal(noisy_photograph.shape)
        image = (noisy_photograph + 0.3 * noise).astype("float32")[None, ..., None]
        norms = [np.linalg.norm(np.asarray(u)) for u in states(image)]
        assert (np.diff(norms) <= 1e-5 * norms[0]).all(), name
