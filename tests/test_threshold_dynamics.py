"""Regions by threshold dynamics: the energy, how many there are, units, masks, and the border."""

import numpy as np
import pytest
from imagepde import zoo
from imagepde.zoo import threshold_dynamics as dynamics
from scipy.ndimage import gaussian_filter
from skimage import data

GREYS = (0.1, 0.35, 0.65, 0.9)


def pieces(regions, shape=(120, 131)):
    """Labels 1, 2, … : a disk, a bar and a corner, as many as there are to be, on a ground."""
    y, x = np.indices(shape)
    labels = np.ones(shape, int)
    labels[np.hypot(y - 40, x - 40) < 24] = 2
    if regions > 2:
        labels[80:104, 15:120] = 3
    if regions > 3:
        labels[x + shape[0] - y > 185] = 4
    return labels


@pytest.mark.parametrize("regions", [2, 3, 4])
@pytest.mark.parametrize(("offset", "contrast"), [(0.0, 1.0), (-3e4, 2e3), (5.0, 1e-3)])
def test_regions_of_any_contrast_and_unit_are_found(regions, offset, contrast):
    labels = pieces(regions)
    noise = np.random.default_rng(regions).normal(0, 0.06, labels.shape)
    image = offset + contrast * (np.take(GREYS, labels - 1) + noise)
    found = zoo.segment(image, regions=regions, value_range=(image.min(), image.max()))
    assert np.mean(found + (1 if regions == 2 else 0) == labels) > 0.99


@pytest.mark.parametrize("regions", [3, 4])
def test_regions_of_colours_of_the_same_grey_are_found(regions):
    colours = np.array([[0.7, 0.3, 0.5], [0.3, 0.7, 0.5], [0.5, 0.3, 0.7], [0.5, 0.7, 0.3]])
    labels = pieces(regions)
    noise = np.random.default_rng(0).normal(0, 0.1, (*labels.shape, 3))
    found = zoo.segment(colours[labels - 1] + noise, regions=regions, value_range=(0, 1))
    # Which is the brighter of them, rounding decides.
    agree = [
        (found[labels == k] == np.bincount(found[labels == k]).argmax()).mean() for k in range(1, 4)
    ]
    assert min(agree) > 0.98
    assert set(np.unique(found)) == set(range(1, regions + 1))


def test_a_region_that_would_not_pay_is_left_out():
    labels = pieces(2)
    noise = np.random.default_rng(0).normal(0, 0.15, labels.shape)
    found = zoo.segment(0.2 + 0.6 * (labels == 2) + noise, regions=4, value_range=(0, 1))
    assert found.max() == 2
    assert np.mean(found == labels) > 0.99


def test_where_there_is_nothing_to_separate_no_pixel_is_in_a_region(rng):
    noise = rng.normal(0.5, 0.2, (128, 128)).astype("float32")
    for image in (noise, np.full((40, 50), 7.0), np.full((8, 9), 3)):
        found = zoo.segment(image, regions=3, value_range=(0, 8))
        assert (found.dtype, found.max()) == (np.uint8, 0)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_no_step_raises_the_energy(rng, channels, weighted):
    f = gaussian_filter(rng.normal(size=(50, 61, channels)), (2, 2, 0)).astype("float32")
    f *= 0.25 / f.std()
    labels = rng.integers(0, 4, f.shape[:2]).astype("uint8")
    weights = rng.integers(0, 2, labels.shape).astype("float32") if weighted else None
    options = (weights, 0.2, 2.0)
    found = [dynamics.energy(f, labels, *options)]
    for _ in range(12):
        labels = dynamics._moved(f, labels, *options, 1)
        found.append(dynamics.energy(f, labels, *options))
    assert max(np.diff(found)) <= 1e-4 * found[0]
    assert found[-1] < 0.5 * found[0]


def test_the_energy_of_a_disk_is_its_fit_and_the_length_of_its_contour():
    y, x = np.indices((101, 101)) - 50.0
    disk = (np.hypot(x, y) < 30).astype("uint8")
    f = disk[..., None].astype("float32")
    assert dynamics.energy(f, disk, None, 0.2, 2.0) == pytest.approx(0.2 * 2 * np.pi * 30, rel=0.02)
    grey = dynamics.energy(f, np.zeros_like(disk), None, 0.2, 2.0)
    assert grey == pytest.approx(f.size * f.var(), rel=1e-4)


@pytest.mark.parametrize("sides", [(1, 1), (3, 200), (70, 5), (129, 64)])
def test_smoothing_mirrors_at_the_border(rng, sides):
    u = rng.random(sides).astype("float32")
    for sigma in (1.0, 2.0):
        expected = gaussian_filter(u.astype("float64"), sigma, mode="reflect", truncate=3.0)
        np.testing.assert_allclose(dynamics._smooth(u, sigma), expected, atol=2e-6)


def test_the_energy_of_level_sets_is_no_lower():
    """Of the reference scheme, on the sharp regions of both."""
    for picture in (data.coins()[::2, ::2], data.camera()[::4, ::4]):
        f = (picture - picture.mean()).astype("float32")[..., None] * (0.25 / picture.std())
        ours, theirs = (
            dynamics.energy(f, zoo.segment(picture, name).astype("uint8"), None, 0.2, 1.0)
            for name in ("threshold_dynamics", "segmentation.chan_vese")
        )
        assert ours < 1.005 * theirs


@pytest.mark.parametrize("regions", [2, 3])
def test_pixels_that_do_not_count_say_nothing(regions):
    labels = pieces(3)
    image = np.take(GREYS, labels - 1)
    mask = np.ones(labels.shape, bool)
    mask[:, 100:] = False
    stack = np.stack([np.where(mask, image, wrong) for wrong in (0.0, 4.0)])
    found = zoo.segment(stack, regions=regions, mask=mask, axes="zyx", value_range=(0, 4))
    np.testing.assert_array_equal(found[0], found[1])
    assert not found[:, ~mask].any()
    if regions == 3:
        assert np.mean(found[0] == labels, where=mask) > 0.99


def test_options_of_level_sets_are_for_level_sets():
    small = data.coins()[:48, :64]
    np.testing.assert_array_equal(
        zoo.segment(small, side=8), zoo.segment(small, "segmentation.blade", side=8)
    )
    longer = zoo.segment(data.coins()[::2, ::2], length=1.0)
    edges = [
        np.abs(np.diff(r.astype(int))).sum() for r in (longer, zoo.segment(data.coins()[::2, ::2]))
    ]
    assert edges[0] < edges[1]
