"""Traits: what layers and models need and promise, and how they are chained."""

from fractions import Fraction

import keras
import numpy as np
import pytest
from imagepde import layers, zoo
from imagepde.errors import InputError
from imagepde.layers import Traits
from imagepde.layers.traits import PROPERTIES, traits_of


def test_a_layer_that_states_no_traits_cannot_be_defined():
    with pytest.raises(TypeError, match="traits"):

        class Forgetful(layers.ImageLayer):
            pass


def test_every_layer_states_its_traits():
    classes = [getattr(layers, name) for name in layers.__all__]
    found = [c for c in classes if isinstance(c, type) and issubclass(c, keras.Layer)]
    assert len(found) > 30
    assert all(issubclass(c, layers.ImageLayer) for c in found)


def test_reach_must_be_stated():
    with pytest.raises(TypeError, match="reach"):
        Traits(smallest_side=3)


@pytest.mark.parametrize(
    "wrong", [{"takes": "pictures"}, {"gives": "regions"}, {"promises": {"norms": "no"}}]
)
def test_unknown_words_are_refused(wrong):
    with pytest.raises(InputError, match="must be one of"):
        Traits(reach=0, **wrong)


def test_a_chain_sees_as_far_as_all_of_its_parts_in_pixels_of_its_input():
    coarser = Traits(reach=1, alignment=2, coarsening=2, extended_to=2)
    inner = Traits(reach=3, smallest_side=4, alignment=3)
    finer = Traits(reach=1, coarsening=Fraction(1, 2))
    chain = coarser.then(inner).then(finer)
    assert chain.reach == 1 + 2 * 3 + 2 * 1
    # Of 7 pixels there are 4 coarse ones.
    assert chain.smallest_side == 7
    assert chain.alignment == 6
    assert chain.coarsening == 1
    assert chain.extended_to == 2


def test_what_one_part_does_not_promise_the_chain_does_not():
    kept = Traits(reach=1, promises={"mean": "first", "norm": "first"})
    chain = kept.then(Traits(reach=1, promises={"mean": "second"}))
    assert chain.promises == {"mean": ("first", "second")}
    assert chain.then(Traits(reach=None)).needs_whole_image


def test_takes_and_gives_of_a_chain():
    chain = Traits(reach=0, takes="mask").then(Traits(reach=0, gives="region"))
    assert (chain.takes, chain.gives, chain.extra_channels) == ("mask", "region", 1)
    assert Traits(reach=0, magnification=2).then(Traits(reach=3)).reach == 2


def test_layers_of_other_people_look_at_everything_and_promise_nothing():
    found = traits_of(keras.layers.Dense(3))
    assert found.needs_whole_image
    assert not found.promises


def test_operations_in_a_model_count():
    """2 D(u) is a model whose layers are those of D; it keeps no mean."""
    model = zoo.load("perona_malik.gauss25")
    assert "mean" in zoo.traits(model).promises
    image = keras.Input((None, None, 1))
    assert not zoo.traits(keras.Model(image, 2.0 * model(image))).promises


def test_a_model_in_a_model_is_a_chain():
    first, second = zoo.load("trd.gauss25"), zoo.load("perona_malik.gauss25")
    image = keras.Input((None, None, 1))
    both = zoo.traits(keras.Model(image, second(first(image))))
    assert both.reach == zoo.traits(first).reach + zoo.traits(second).reach


def test_traits_are_of_models_only():
    with pytest.raises(InputError, match="must be a keras"):
        zoo.traits("trd.gauss25")


@pytest.mark.parametrize("architecture", zoo.list_architectures())
def test_traits_of_each_architecture(architecture):
    found = zoo.traits(zoo.create(architecture))
    assert found.takes == {"inpainting": "mask", "blade_resample": "displacement"}.get(
        architecture, "picture"
    )
    assert found.gives == ("region" if architecture == "segmentation" else "picture")
    assert set(found.promises) <= set(PROPERTIES)


@pytest.mark.parametrize("sigma", [1.0, 3.0])
def test_a_picture_that_is_too_small_is_refused_and_the_smallest_is_not(sigma, rng):
    """With σ = 3 Perona–Malik needs 12 pixels to mirror; 8 were an error of TensorFlow."""
    model = zoo.create("perona_malik", sigma=sigma, steps=1)
    side = max(8, zoo.traits(model).smallest_side)
    assert zoo.restore(rng.random((side, side)), model).shape == (side, side)
    if side > 8:
        with pytest.raises(InputError, match=f"{side}×{side}"):
            zoo.restore(rng.random((side - 1, 40)), model)


def test_mirrored_models_treat_a_mirror_image_as_the_border(rng):
    """What the page in the browser relies on for pictures that are smaller than a window."""
    for name in ("trd_small.gauss25", "eed.default", "ced.default", "perona_malik.gauss25"):
        model = zoo.load(name)
        assert zoo.traits(model).mirrors, name
        u = rng.random((1, 32, 40, 1)).astype("float32")
        both = np.concatenate([u, u[:, :, ::-1]], axis=2)
        continued = np.asarray(model(both))[:, :, :40]
        np.testing.assert_allclose(continued, np.asarray(model(u)), atol=1e-5, err_msg=name)
    assert not zoo.traits(zoo.load("blade.tv_flow")).mirrors
