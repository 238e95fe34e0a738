"""Inpainting from coarse to fine."""

import numpy as np
from imagepde import layers, zoo
from imagepde.zoo.pyramid import _coarser
from skimage import data


def test_a_coarser_pixel_is_the_mean_of_those_that_are_known():
    f = np.arange(9.0).reshape(1, 3, 3, 1)
    known = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1]], float).reshape(1, 3, 3, 1)
    found = _coarser(f, known)[0]
    np.testing.assert_allclose(found[..., 0], [[1.5, 0], [0, 8]])
    np.testing.assert_allclose(found[..., 1], [[1, 0], [0, 1]])


def test_a_mask_may_come_with_a_start(rng):
    f = rng.random((1, 9, 10, 2)).astype("float32")
    observed, bound = layers.Mask(started=True).bind(f)
    np.testing.assert_array_equal(bound.start(observed), f[..., :1])
    copy = layers.Mask.from_config(layers.Mask(started=True).get_config())
    assert copy.started
    assert copy.takes_mask


def test_a_large_hole_is_filled_in_few_steps():
    """What is known is kept, and levels get nearer than one level does in as many steps."""
    photo = data.camera()[60:188, 180:308].astype(np.float32) / 255
    known = np.ones(photo.shape, bool)
    known[8:120, 8:120] = np.random.default_rng(0).random((112, 112)) < 0.02
    given = np.where(known, photo, 0)
    by_levels = zoo.inpaint(given, known, steps=10, value_range=(0, 1))
    at_once = zoo.solve(
        given,
        layers.Mask(),
        "blade_flux.ced_smooth",
        weight=None,
        steps=10,
        mask=known,
        value_range=(0, 1),
    )
    np.testing.assert_array_equal(by_levels[known], photo[known])
    errors = [np.mean((u - photo) ** 2) for u in (by_levels, at_once)]
    assert errors[0] < 0.95 * errors[1]


def test_where_all_is_known_nothing_changes():
    photo = data.camera()[:96, :96].astype(np.float32) / 255
    np.testing.assert_array_equal(zoo.inpaint(photo, np.ones(photo.shape, bool)), photo)
