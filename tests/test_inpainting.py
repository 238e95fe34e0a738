"""Inpainting: known pixels stay, unknown ones do not matter, edges go on."""

import numpy as np
import pytest
from imagepde import layers, zoo
from imagepde.errors import InputError
from imagepde.layers.inpainting import fill
from keras import ops
from skimage import data


@pytest.fixture
def known(rng):
    return rng.random((40, 36)) < 0.2


@pytest.fixture(scope="module")
def model():
    return zoo.create("inpainting", steps=5, cycle=5)


def psnr(a, b):
    return -10 * np.log10(np.mean((a - b) ** 2))


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((40, 36), "float64"),
        ((40, 36, 3), "uint8"),
        ((40, 36, 4), "uint16"),
        ((2, 40, 36, 1), "float32"),
    ],
)
def test_known_pixels_stay_bit_for_bit(model, known, rng, shape, dtype):
    picture = rng.random(shape)
    if dtype.startswith("uint"):
        picture = np.rint(picture * np.iinfo(dtype).max)
    picture = picture.astype(dtype)
    restored = zoo.restore(picture, model, mask=known)
    assert restored.shape == shape
    assert restored.dtype == dtype
    where = known if picture.ndim < 4 else np.stack([known] * 2)
    np.testing.assert_array_equal(restored[where], picture[where])
    assert not np.array_equal(restored, picture)


def test_what_unknown_pixels_hold_does_not_matter(model, known, rng):
    picture = rng.random((40, 36))
    other = np.where(known, picture, np.nan)
    np.testing.assert_array_equal(
        zoo.restore(other, model, mask=known),
        zoo.restore(picture, model, mask=known.astype("uint8") * 255),
    )


def test_each_picture_of_a_batch_may_have_its_own_mask(model, known, rng):
    pictures, masks = rng.random((2, 40, 36, 3)), np.stack([known, known[::-1]])
    together = zoo.restore(pictures, model, mask=masks)
    for picture, mask, restored in zip(pictures, masks, together, strict=True):
        np.testing.assert_allclose(restored, zoo.restore(picture, model, mask=mask), atol=1e-6)


def test_it_promises_the_known_pixels_and_nothing_else(model):
    assert set(zoo.certificate(model).promises) == {"known"}


def test_flat_pictures_are_filled_exactly(model, known):
    restored = zoo.restore(np.where(known, 0.3, 0.0), model, mask=known)
    np.testing.assert_allclose(restored, 0.3, atol=1e-5)


def test_the_filling_in_reaches_everywhere(rng):
    image, known = np.zeros((1, 64, 64, 1)), np.zeros((1, 64, 64, 1))
    image[0, 3, 3], known[0, 3, 3] = 0.7, 1
    filled = fill(*(ops.convert_to_tensor(x.astype("float32")) for x in (image, known)))
    np.testing.assert_allclose(np.asarray(filled), 0.7, atol=1e-5)


def test_the_distance_to_a_solution_of_zero_does_not_grow(known, rng):
    """Known pixels of zero: the steps of the masked operator are as stable as those of the whole."""
    u = ops.convert_to_tensor(rng.standard_normal((1, 40, 36, 1)).astype("float32"))
    free = ops.convert_to_tensor((~known).astype("float32")[None, ..., None])
    for tensor in (layers.EdgeEnhancingTensor(0.1), layers.EstimatedTensor(4)):
        step = layers.AnisotropicDiffusionStep(tensor, cycle=7)
        v = free * u
        for _ in range(5):
            after = step(v, free=free)
            assert np.linalg.norm(np.asarray(after)) <= np.linalg.norm(np.asarray(v)) * (1 + 1e-5)
            np.testing.assert_array_equal(np.asarray(after)[0, known], 0)
            v = after


@pytest.mark.slow
def test_edge_enhancing_inpainting_is_ahead_of_homogeneous_by_one_decibel():
    picture = data.astronaut()[:200, 100:356, 1].astype("float64") / 255
    known = np.random.default_rng(0).random(picture.shape) < 0.1
    results = {
        tag: psnr(zoo.restore(picture, zoo.load(f"inpainting.{tag}"), mask=known), picture)
        for tag in ("eed", "homogeneous")
    }
    assert results["eed"] > results["homogeneous"] + 1


def test_masks_that_cannot_be_used(model, known):
    picture = np.ones((40, 36, 3))
    for mask, message in (
        (None, "needs `mask`"),
        (known[1:], "height and width"),
        (np.stack([known] * 3, -1), "height and width"),
        (np.zeros_like(known), "somewhere"),
    ):
        with pytest.raises(InputError, match=message):
            zoo.restore(picture, model, mask=mask)
    with pytest.raises(InputError, match="takes no `mask`"):
        zoo.restore(picture, zoo.create("eed"), mask=known)
    with pytest.raises(InputError, match="16×16"):
        zoo.restore(np.ones((12, 40)), model, mask=np.ones((12, 40)))
