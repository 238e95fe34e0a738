"""Chan–Vese segmentation: the equation, convergence, and what it finds in pictures."""

import numpy as np
import pytest
from imagepde import layers, pde, zoo
from imagepde.errors import InputError
from imagepde.zoo import segmentation
from skimage import data
from skimage.segmentation import chan_vese

REFERENCE = "segmentation.chan_vese"


@pytest.fixture(scope="module")
def coins():
    return data.coins()


@pytest.fixture(scope="module")
def reference(coins):
    return zoo.segment(coins, REFERENCE)


def test_curvature_of_a_cone_is_one_over_the_radius():
    y, x = np.indices((81, 81)) - 40.0
    distance = np.hypot(x, y).astype("float32")
    found = np.asarray(pde.curvature(distance[None, ..., None], 1e-6))[0, ..., 0]
    ring = (distance > 15) & (distance < 35)
    np.testing.assert_allclose(found[ring], 1 / distance[ring], rtol=0.03)


def test_curvature_of_level_lines_does_not_depend_on_their_heights():
    """It is what lets a surrogate see H(φ) instead of φ."""
    y, x = np.indices((81, 81)) - 40.0
    phi = (np.hypot(x, y) - 25).astype("float32")[None, ..., None] / 10
    ring = np.abs(phi) < 0.5
    plain = np.asarray(pde.curvature(phi, 1e-6))
    squashed = np.asarray(pde.curvature(pde.heaviside(phi), 1e-6))
    np.testing.assert_allclose(squashed[ring], plain[ring], atol=5e-3)


def test_dirac_is_the_derivative_of_heaviside():
    phi = np.linspace(-3, 3, 601)
    slope = np.gradient(np.asarray(pde.heaviside(phi, 0.7)), phi)
    np.testing.assert_allclose(np.asarray(pde.dirac(phi, 0.7)), slope, atol=2e-4)


def test_means_and_force(rng):
    f = rng.random((2, 8, 9, 3)).astype("float32")
    phi = rng.normal(size=(2, 8, 9, 1)).astype("float32")
    first, second = (np.asarray(mean) for mean in pde.region_means(f, phi))
    inside = phi[0, ..., 0] >= 0
    np.testing.assert_allclose(first[0, 0, 0], f[0][inside].mean(0), rtol=1e-5)
    np.testing.assert_allclose(second[0, 0, 0], f[0][~inside].mean(0), rtol=1e-5)
    force = np.asarray(pde.fitting_force(f, phi, inside=2.0, outside=3.0, area=0.1))[0, 4, 5, 0]
    distances = [np.mean((f[0, 4, 5] - mean[0, 0, 0]) ** 2) for mean in (first, second)]
    assert force == pytest.approx(3.0 * distances[1] - 2.0 * distances[0] - 0.1, abs=1e-5)
    empty = pde.region_means(f, np.ones_like(phi))[1]
    np.testing.assert_array_equal(np.asarray(empty), 0)


def test_a_disk_is_found_and_the_energy_falls():
    y, x = np.indices((48, 56))
    disk = np.hypot(x - 30, y - 22) < 12
    noise = np.random.default_rng(0).normal(0, 0.1, disk.shape)
    image = (0.2 + 0.6 * disk + noise).astype("float32")
    for name in ("threshold_dynamics", REFERENCE, "segmentation.blade", "blade.tv_flow"):
        found = zoo.segment(image, name)
        assert zoo.intersection_over_union(found, disk) > 0.96
    f, layer = image[None, ..., None], layers.ChanVese(steps=200)
    phi, count = layer.level_set(f)
    start = pde.checkerboard(48, 56)
    before, after = (float(pde.chan_vese_energy(f, p)[0]) for p in (start, phi))
    assert after < 0.7 * before
    assert 10 < float(count[0, 0, 0, 0]) <= 200


@pytest.mark.every_model
def test_coins_by_a_surrogate_agree_with_the_reference(coins, reference):
    for name in ("threshold_dynamics", "segmentation.blade", "blade.tv_flow"):
        found = zoo.segment(coins, name)
        assert zoo.intersection_over_union(found, reference) >= 0.95


@pytest.mark.every_model
def test_coins_agree_with_scikit_image(coins, reference):
    theirs = chan_vese(coins / 255, mu=0.2, tol=1e-3, max_num_iter=500, dt=0.5)
    # They do not say which region is which.
    theirs = max((theirs, ~theirs), key=lambda region: coins[region].mean())
    assert zoo.intersection_over_union(reference, theirs) >= 0.90
    assert zoo.intersection_over_union(zoo.segment(coins), theirs) >= 0.90


def test_colour_by_a_surrogate_agrees_with_the_reference():
    picture = data.astronaut()[::8, ::8]
    found, expected = (zoo.segment(picture, name) for name in ("segmentation.blade", REFERENCE))
    assert zoo.intersection_over_union(found, expected) >= 0.93
    with_alpha = np.concatenate([picture, np.full((*picture.shape[:2], 1), 9, "uint8")], axis=-1)
    np.testing.assert_array_equal(zoo.segment(with_alpha, "segmentation.blade"), found)
    np.testing.assert_array_equal(zoo.segment(with_alpha), zoo.segment(picture))


def test_three_equal_colours_are_grey(coins):
    small = coins[::4, ::4]
    np.testing.assert_array_equal(
        zoo.segment(np.stack([small] * 3, -1), REFERENCE), zoo.segment(small, REFERENCE)
    )


def test_images_of_a_batch_stop_by_themselves(coins):
    images = np.stack([coins[:64, :64], coins[100:164, 100:164], np.full((64, 64), 99)])
    images = images[..., None].astype("float32") / 255
    layer = layers.ChanVese(steps=60)
    together, counts = layer.level_set(images)
    for k in range(3):
        alone, count = layer.level_set(images[k : k + 1])
        np.testing.assert_allclose(together[k], alone[0], atol=1e-5)
        assert float(count[0, 0, 0, 0]) == float(counts[k, 0, 0, 0])


def test_a_loaded_model_segments_too(coins):
    small = coins[::3, ::3]
    model = zoo.load("segmentation.blade")
    np.testing.assert_array_equal(zoo.segment(small, model), zoo.segment(small, model.card.name))
    # `segment` brings the picture to the contrast of a photograph first.
    membership = zoo.restore(0.5 + (small - small.mean()) * (0.25 / small.std()), model)
    region = zoo.segment(small, model)
    # Compiled and plain operations round differently, and a last bit can choose another filter.
    agreement = zoo.intersection_over_union(membership > 0.5, region)
    assert agreement > 0.99 or agreement < 0.01


def test_a_flat_picture_is_one_region():
    """Nothing moves the level set there: it would stay the checkerboard that it starts as."""
    for flat in (np.full((20, 22), 0.5), np.full((20, 22, 3), (10, 200, 30), "uint8")):
        region = zoo.segment(flat)
        assert region.shape == (20, 22)
        assert not region.any()


def test_a_segmentation_by_name_is_compiled_once(coins):
    small = coins[:32, :40]
    zoo.segment(small, "segmentation.blade", steps=7)
    before = segmentation._segmenter.cache_info()
    zoo.segment(small[::-1], "segmentation.blade", steps=7)
    after = segmentation._segmenter.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)
    assert segmentation._segmenter("segmentation.blade", 1, steps=7).predict_function is not None


def test_the_forms_of_the_first_version_still_work(coins):
    small = coins[:32, :40]
    for old, name in ((None, REFERENCE), ("blade.tv_flow", "blade.tv_flow")):
        with pytest.warns(DeprecationWarning, match=r"segment\(image, model\)|segmentation.chan_vese"):
            region = zoo.segment(small, regulariser=old, steps=5)
        np.testing.assert_array_equal(region, zoo.segment(small, name, steps=5))
    with pytest.warns(DeprecationWarning, match=r"segment\(image, model\)"):
        zoo.segment(picture=small, steps=5)
    model = zoo.load("segmentation.blade", steps=5)
    with pytest.warns(DeprecationWarning, match=r"segment\(image, model\)"):
        region = zoo.segment(small, "blade_flux.tv_flow", model)
    np.testing.assert_array_equal(region, zoo.segment(small, model))
    with pytest.warns(DeprecationWarning, match=r"segment\(image, model\)"):
        region = zoo.segment(small, "blade.tv_flow", None, steps=5)
    np.testing.assert_array_equal(region, zoo.segment(small, "blade.tv_flow", steps=5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: zoo.segment(p, "blade_flux.tv"), "blade_flux.tv_flow"),
        (lambda p: zoo.segment(p, "eed.default"), "Only surrogates"),
        (lambda p: zoo.segment(p, REFERENCE, length=-1.0), "length"),
        (lambda p: zoo.segment(p, REFERENCE, time_step=0.0), "time_step"),
        (lambda p: zoo.segment(p, REFERENCE, side=0), "side"),
        (lambda p: zoo.segment(p, REFERENCE, steps=0), "steps"),
        (lambda p: zoo.segment(p, steps=0), "steps"),
        (lambda p: zoo.segment(p, length=-1.0), "length"),
        (lambda p: zoo.segment(p, regions=5), "regions"),
        (lambda p: zoo.segment(p, REFERENCE, regions=3), "two regions"),
        (lambda p: zoo.segment(p, zoo.load("foe_s.gauss25"), length=1.0), "its options"),
        (lambda p: zoo.segment(np.stack([p] * 3, -1), zoo.load("segmentation.blade")), "map 3"),
    ],
)
def test_what_cannot_be_segmented_is_refused(call, message, coins):
    with pytest.raises(InputError, match=message):
        call(coins)


def test_contrast_does_not_matter(coins):
    small = coins[::2, ::2].astype(np.float64)
    usual = zoo.segment(small, value_range=(0, 255))
    faint = zoo.segment(100 + small / 20, value_range=(0, 255))
    assert zoo.intersection_over_union(usual, faint) > 0.99


def test_noise_alone_is_one_region_and_a_faint_disk_is_found(rng):
    noise = rng.normal(0.5, 0.2, (128, 128)).astype("float32")
    assert not zoo.segment(noise, value_range=(0, 1)).any()
    rows, columns = np.mgrid[:128, :128]
    disk = (rows - 64) ** 2 + (columns - 64) ** 2 < 900
    found = zoo.segment(noise + np.float32(0.12) * disk, value_range=(0, 1))
    assert zoo.intersection_over_union(found, disk) > 0.7


def test_pixels_that_do_not_count_are_in_no_region(coins):
    small = coins[::2, ::2]
    mask = np.ones(small.shape, bool)
    mask[:40] = False
    damaged = np.where(mask, small, 255).astype("uint8")
    found, whole = zoo.segment(damaged, mask=mask), zoo.segment(small)
    assert not found[:40].any()
    assert zoo.intersection_over_union(found[50:], whole[50:]) > 0.95
    with pytest.raises(InputError, match="height and width"):
        zoo.segment(small, mask=mask[1:])
