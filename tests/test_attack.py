"""Attacks find what a model enlarges most."""

import keras
import numpy as np
import pytest
from checks import models
from imagepde import explain, layers, zoo
from imagepde.errors import InputError

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="attacks use a gradient tape"
)


@pytest.mark.parametrize("ratio", ["norm", "distance"])
def test_the_largest_ratio_of_a_linear_model_is_its_spectral_norm(ratio, rng):
    """A convolution that is largest for a checkerboard, from a start that is none."""
    image = keras.Input((None, None, 1))
    model = keras.Model(image, layers.ReflectingConvolution(1, 3)(image))
    kernel = np.array([[0, -0.25, 0], [-0.25, 1.0, -0.25], [0, -0.25, 0]])
    model.layers[-1].set_weights([kernel[..., None, None], np.zeros(1)])
    picture = rng.random((16, 16)).astype("float32")
    found = explain.attack(model, picture, ratio, steps=300)
    assert found.ratio == pytest.approx(2.0, abs=0.02)
    assert found.ratio > found.start
    f, d = (x[None, ..., None] for x in (found.picture, found.change))
    if ratio == "norm":
        seen = np.linalg.norm(model(f)) / np.linalg.norm(f)
        np.testing.assert_allclose(np.linalg.norm(f), np.linalg.norm(picture), rtol=1e-4)
    else:
        seen = np.linalg.norm(np.asarray(model(f + d)) - np.asarray(model(f))) / np.linalg.norm(d)
    assert seen == pytest.approx(found.ratio, rel=1e-4)


def test_another_ratio_is_refused(rng):
    with pytest.raises(InputError, match="ratio"):
        explain.attack(zoo.create("perona_malik"), rng.random((16, 16)), "volume")


# The others have the same layers with the same bound.
_CERTIFIED = ("trd_certified.gauss25", "trd_certified.gauss25_contractive")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        name if name in _CERTIFIED else pytest.param(name, marks=pytest.mark.every_model)
        for name in zoo.list_models("trd_certified.*")
    ],
)
def test_no_attack_exceeds_a_certificate(name, noisy_photograph, every_model):
    # What is certified holds for all weights, and for few stages as for many.
    model = zoo.load(name) if every_model else models.smaller(name)
    ratios = ["norm", "distance"] if name.endswith("contractive") else ["norm"]
    assert [r for r in ("norm", "distance") if r in zoo.certificate(model).promises] == ratios
    for ratio in ratios:
        found = explain.attack(model, noisy_photograph[:48, :48], ratio, steps=60)
        assert found.start < found.ratio <= 1 + 1e-5
