"""Results do not depend on the units of a picture, and come back in them."""

import numpy as np
import pytest
from imagepde import images, layers, zoo
from imagepde.errors import InputError
from imagepde.images.scale import Scale, find_scale
from skimage import data

UNITS = {
    "12 bits in 16": (lambda u: np.rint(u * 4095).astype("u2"), (0, 4095)),
    "16 bits, other order": (lambda u: np.rint(u * 65535).astype(">u2"), (0, 65535)),
    "32 bits": (lambda u: np.rint(u * 1e9).astype("u4"), (0, 1e9)),
    "signed with an offset": (lambda u: np.rint(u * 30000 - 10000).astype("i2"), (-10000, 20000)),
    "thousands": (lambda u: (u * 3200 + 100).astype("f4"), (100, 3300)),
    "very small": (lambda u: u * 1e-6, (0, 1e-6)),
    "half": (lambda u: u.astype("f2"), (0, 1)),
    "masked": (lambda u: np.ma.array(u, mask=False), (0, 1)),
}


@pytest.fixture(scope="module")
def unit():
    """A noisy picture that fills [0, 1] from end to end."""
    clean = data.camera()[100:148, 180:236] / 255
    noisy = clean + np.random.default_rng(0).normal(0, 0.06, clean.shape)
    return np.clip((noisy - noisy.min()) / np.ptp(noisy), 0, 1)


def known(u):
    """Every second pixel, black and white among them: a range is found from what is known."""
    where = np.random.default_rng(1).random(u.shape) < 0.5
    return where | (u == u.min()) | (u == u.max())


def shifted(u, **options):
    """The flow of a shift, in hundreds of pixels; the search for it is not exact."""
    flow = images.find_flow(np.roll(u, 1, 1), u, **options)
    return np.median(flow, axis=(0, 1)) / 100


FRONT = {
    "restore": lambda u, **o: zoo.restore(u, "perona_malik.gauss25", **o),
    "restore (chosen)": lambda u, **o: zoo.restore(u, **o),
    "deblur": lambda u, **o: zoo.deblur(u, 1.0, "eed.default", steps=2, **o),
    "upscale": lambda u, **o: zoo.upscale(u, 2, "eed.default", steps=2, **o),
    "inpaint": lambda u, **o: zoo.inpaint(u, known(u), "eed.default", steps=2, **o),
    "solve": lambda u, **o: zoo.solve(u, layers.Blur(1.0), "eed.default", steps=2, **o),
    "warp": lambda u, **o: zoo.warp(u, (0.4, 0.2), **o),
    "estimate_noise": lambda u, **o: np.array(zoo.estimate_noise(u, **o) / 255),
    "segment": lambda u, **o: zoo.segment(u, "segmentation.chan_vese", steps=20, **o),
    "find_flow": shifted,
}
"""Functions that take a picture, with results in units of its range or in none."""
WITHOUT_UNITS = ("estimate_noise", "segment", "find_flow")


@pytest.mark.parametrize("name", FRONT)
def test_results_do_not_depend_on_units(name, unit):
    expected = np.asarray(FRONT[name](unit), float)
    for words, (change, (low, high)) in UNITS.items():
        picture = change(unit)
        for given in ({}, {"value_range": (low, high)}):
            found = FRONT[name](picture, **given)
            if name not in WITHOUT_UNITS:
                assert found.dtype.newbyteorder("=") == picture.dtype.newbyteorder("="), words
                found = (np.asarray(found, float) - low) / (high - low)
            # Integers are rounded, before and after; half precision is coarse.
            coarse = 1e-3 if words in ("12 bits in 16", "half") else 1e-4
            difference = np.abs(np.asarray(found, float) - np.clip(expected, *_bounds(picture)))
            assert np.quantile(difference, 0.99) < coarse, (words, given)


def _bounds(picture):
    return (0, 1) if picture.dtype.kind == "u" else (-np.inf, np.inf)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (np.array([[0, 200]], "u1"), (0, 255, "type")),
        (np.array([[0, 200]], "u2"), (0, 255, "bits")),
        (np.array([[0, 1000]], "u2"), (0, 1023, "bits")),
        (np.array([[0, 3000]], "i4"), (0, 4095, "bits")),
        (np.array([[0, 9000]], "u2"), (0, 16383, "bits")),
        (np.array([[0, 60000]], "u2"), (0, 65535, "type")),
        (np.array([[0, 70000]], "u4"), (0, 70000, "values")),
        (np.array([[-1000, 500]], "i2"), (-1000, 500, "values")),
        (np.array([[False, True]]), (0, 1, "type")),
        (np.array([[0.1, 0.9]]), (0, 1, "type")),
        (np.zeros((2, 2)), (0, 1, "type")),
        (np.array([[5.0, 900.0]]), (5, 900, "values")),
    ],
)
def test_a_scale_is_found(picture, expected):
    assert find_scale(picture) == Scale(*expected)


def test_noise_around_the_unit_range_does_not_change_it(rng):
    for sigma in (0.1, 0.2, 0.3):
        assert find_scale(rng.random((64, 64)) + rng.normal(0, sigma, (64, 64))).of_type


def test_single_pixels_do_not_decide(rng):
    counts = rng.uniform(100, 300, (64, 64))
    counts[3, 4] = 1e6
    assert find_scale(counts).high < 1000


def test_ranges_that_are_none_are_refused(unit):
    for wrong in ((1, 1), (2, 1), (0, np.nan), (0, 1, 2), "ab", 3):
        with pytest.raises(InputError, match="range"):
            zoo.restore(unit, "perona_malik.gauss25", value_range=wrong)


def test_nan_is_an_error_or_unknown(unit):
    picture = unit.copy()
    picture[10:13, 20:24] = np.nan
    masked = np.ma.masked_invalid(picture)
    for image in (picture, masked):
        with pytest.raises(InputError, match="nan='fill'"):
            zoo.restore(image, "perona_malik.gauss25")
        filled = zoo.restore(image, "perona_malik.gauss25", nan="fill")
        assert np.isfinite(np.ma.getdata(filled)).all()
        assert not np.ma.is_masked(filled)
        kept = zoo.restore(image, "perona_malik.gauss25", nan="keep")
        known = np.isfinite(picture)
        np.testing.assert_array_equal(np.ma.getdata(kept)[known], np.ma.getdata(filled)[known])
        assert np.isnan(np.ma.getdata(kept)[~known]).all()
    assert (np.ma.getmaskarray(kept) == ~known).all()
    with pytest.raises(InputError, match="must be one of"):
        zoo.restore(picture, "perona_malik.gauss25", nan="ignore")


def test_every_plane_of_a_stack_is_restored(unit):
    stack = np.stack([unit, unit[::-1], unit.T[:48, :48].repeat(2, 1)[:, :56]])[:, None]
    found = zoo.restore(stack, "perona_malik.gauss25", axes="ZCYX")
    for k in range(3):
        alone = zoo.restore(stack[k, 0], "perona_malik.gauss25")
        np.testing.assert_allclose(found[k, 0], alone, atol=1e-6)
    moved = zoo.restore(np.moveaxis(stack, 0, -1), "perona_malik.gauss25", axes="cyxz")
    np.testing.assert_allclose(np.moveaxis(moved, -1, 0), found, atol=1e-6)
    two = np.stack([unit, unit[::-1]], -1)
    found = zoo.restore(two, "perona_malik.gauss25", axes="yxc")
    np.testing.assert_allclose(found[..., 0], zoo.restore(unit, "perona_malik.gauss25"), atol=1e-6)
    with pytest.raises(InputError, match="axes"):
        zoo.restore(two, "perona_malik.gauss25")


def test_alpha_stays_where_pixels_are_filled(rng):
    rgba = data.astronaut()[:40, :48]
    rgba = np.concatenate([rgba, np.full((40, 48, 1), 200, "u1")], -1)
    known = rng.random((40, 48)) < 0.5
    for filled in (
        zoo.restore(rgba, zoo.load("inpainting.eed", steps=2), mask=known),
        zoo.inpaint(rgba, known, "eed.default", steps=2),
    ):
        assert (filled[..., 3] == 200).all()
        np.testing.assert_array_equal(filled[known], rgba[known])
