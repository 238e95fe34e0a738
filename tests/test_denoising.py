"""Noise of every kind through `zoo.restore`: measured, or given, and removed as what it is."""

import numpy as np
import pytest
from imagepde import images, layers, tasks, zoo
from imagepde.errors import InputError
from imagepde.images import CorrelatedNoise, PoissonGaussian, Speckle, WhiteNoise
from imagepde.zoo.choice import part_of
from scipy.ndimage import gaussian_filter
from skimage import data

CAMERA = data.camera()[60:316, 60:316].astype(np.float64) / 255

NOISES = {
    "white": WhiteNoise(25 / 255),
    "strong": WhiteNoise(100 / 255),
    "photons": PoissonGaussian(1 / 30, 5 / 255),
    "few photons": PoissonGaussian(1 / 10, 0.0),
    "correlated": CorrelatedNoise.blurred(WhiteNoise(25 / 255), 1.2),
    "correlated photons": CorrelatedNoise.blurred(PoissonGaussian(1 / 100, 5 / 255), 0.7),
}


def psnr(picture, clean=CAMERA):
    return -10 * np.log10(np.mean((np.clip(picture, 0, 1) - clean) ** 2))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("kind", NOISES)
def test_what_is_measured_is_as_good_as_what_is_true(kind, rng):
    noise = NOISES[kind]
    noisy = noise.draw(CAMERA, rng).astype(np.float32)
    plain = zoo.restore(noisy, value_range=(0, 1))
    oracle = zoo.restore(noisy, value_range=(0, 1), noise=noise)
    assert psnr(oracle) > psnr(noisy) + 5
    assert psnr(plain) > psnr(oracle) - (0.7 if noise.correlated else 0.3)


def test_noise_is_removed_alike_whatever_the_units(rng):
    noise = NOISES["photons"]
    noisy = np.clip(noise.draw(CAMERA, rng), 0, 1)
    bits = np.rint(noisy * 3995 + 100).astype(np.uint16)
    floats = bits.astype(np.float32)
    by_bits = zoo.restore(bits, value_range=(100, 4095))
    by_floats = zoo.restore(floats, value_range=(100, 4095))
    by_thousands = zoo.restore(floats * 1000 - 7, value_range=(99993, 4094993))
    np.testing.assert_allclose(by_floats, by_bits, atol=0.51)
    np.testing.assert_allclose((by_thousands + 7) / 1000, by_floats, atol=0.4)


def test_a_picture_of_low_contrast_is_restored_as_one_of_high_contrast(rng):
    noisy = WhiteNoise(25 / 255).draw(CAMERA, rng).astype(np.float32)
    faint = 0.5 + (noisy - 0.5) / 20
    restored = zoo.restore(faint, value_range=(0, 1))
    high = 0.5 + 20 * (restored - 0.5)
    assert psnr(high) > psnr(zoo.restore(noisy, value_range=(0, 1))) - 0.3


@pytest.mark.parametrize("sigma", [0, 1, 2, 5])
def test_weak_noise_is_never_made_worse(sigma, rng):
    noisy = (CAMERA + sigma / 255 * rng.standard_normal(CAMERA.shape)).astype(np.float32)
    restored = zoo.restore(noisy, value_range=(0, 1))
    if sigma == 0:
        # Nothing that could be seen: a tenth of a grey value.
        assert np.sqrt(np.mean((restored - CAMERA) ** 2)) < 0.3 / 255
    else:
        assert psnr(restored) > psnr(noisy) - 0.1


def test_a_drawing_is_left_as_it_is():
    drawing = np.zeros((96, 96), np.uint8)
    drawing[20:60, 30:70], drawing[40:80, 50:90] = 180, 90
    np.testing.assert_array_equal(zoo.restore(drawing), drawing)


@pytest.mark.parametrize("direction", ["rows", "columns"])
def test_stripes_are_seen_and_removed(direction, rng):
    offsets = rng.normal(0, 15 / 255, (len(CAMERA), 1))
    striped = CAMERA + (offsets if direction == "rows" else offsets.T)
    noisy = (striped + 10 / 255 * rng.standard_normal(CAMERA.shape)).astype(np.float32)
    found = images.measure_noise(noisy, (0, 1))
    assert found.stripes == direction
    assert direction in found.describe()
    assert psnr(zoo.restore(noisy, value_range=(0, 1))) > psnr(noisy) + 2


def test_no_fibres_where_there_are_dots(rng):
    """Models for weak noise make a mesh of worm-like fibres of strong noise."""
    dots = np.zeros((192, 192))
    dots[tuple(rng.integers(8, 184, (2, 40)))] = 1.0
    clean = 0.1 + 0.6 * np.minimum(gaussian_filter(dots, 1.5) * 14, 1)
    noisy = PoissonGaussian(1 / 20, 5 / 255).draw(clean, rng).astype(np.float32)
    restored = zoo.restore(noisy, value_range=(0, 1))
    ground = gaussian_filter(dots, 5) < 1e-4
    # Nothing in the ground is as bright as a fifth of a dot, and what is left of the noise is faint.
    assert (restored[ground] < 0.1 + 0.2 * 0.6).all()
    assert restored[ground].std() < 0.15 * noisy[ground].std()


def test_the_background_says_what_the_noise_is(rng):
    noise = WhiteNoise(20 / 255)
    noisy = noise.draw(CAMERA, rng).astype(np.float32)
    background = noise.draw(np.full((128, 128), 0.4), rng).astype(np.float32)
    by_background = zoo.restore(noisy, value_range=(0, 1), noise=background)
    assert psnr(by_background) == pytest.approx(psnr(zoo.restore(noisy, noise=20)), abs=0.1)


def test_a_model_for_white_noise_serves_other_noise(rng):
    noise = NOISES["photons"]
    noisy = noise.draw(CAMERA, rng).astype(np.float32)
    for name in ("trd.gauss25", "trd.blind"):
        as_it_is = psnr(zoo.restore(noisy, name, value_range=(0, 1)))
        stabilised = psnr(zoo.restore(noisy, name, value_range=(0, 1), noise=noise))
        assert stabilised > as_it_is + 1
    speckled = Speckle(0.3).draw(CAMERA, rng).astype(np.float32)
    restored = zoo.restore(speckled, "trd.gauss25", value_range=(0, 1), noise=Speckle(0.3))
    assert psnr(restored) > psnr(speckled) + 5


def test_channels_have_noise_of_their_own(rng):
    color = data.astronaut()[:192, :192].astype(np.float64) / 255
    noisy = color + np.array([5, 15, 30]) / 255 * rng.standard_normal(color.shape)
    restored = zoo.restore(noisy.astype(np.float32), value_range=(0, 1))
    for k in range(3):
        assert psnr(restored[..., k], color[..., k]) > psnr(noisy[..., k], color[..., k]) + 1


def test_unknown_pixels_do_not_count(rng):
    noisy = WhiteNoise(25 / 255).draw(CAMERA, rng)
    noisy[rng.permutation(256)[:100]] = np.nan
    known = np.isfinite(noisy)
    restored = zoo.restore(noisy.astype(np.float32), value_range=(0, 1), nan="keep")
    assert psnr(restored[known], CAMERA[known]) > psnr(noisy[known], CAMERA[known]) + 5


def test_a_large_picture_is_measured_in_part():
    large = np.arange(5000 * 3000, dtype=np.float32).reshape(5000, 3000)
    part = part_of(large)
    assert part.shape == (2048, 2048)
    assert part[0, 0] == large[0, 0]
    assert part[-1, -1] > large[-40, -40]
    small = np.zeros((40, 5000))
    assert part_of(small) is small


def test_a_model_that_is_told_leaves_a_picture_without_noise_as_it_is(rng):
    model = zoo.create("trd", stages=2, told=True)
    picture = rng.random((1, 33, 40, 1), dtype=np.float32)
    quiet = np.concatenate([picture, np.zeros_like(picture)], -1)
    np.testing.assert_allclose(model(quiet), picture, atol=1e-6)
    # Twice the contrast with twice the noise has twice the result: within the range of gains.
    noise = np.full_like(picture, 10 / 255)
    assert zoo.traits(model).takes == "noise"
    once = np.asarray(model(np.concatenate([picture, noise], -1)))
    twice = np.asarray(model(np.concatenate([2 * picture, 2 * noise], -1)))
    # New gains do not depend on the noise yet.
    np.testing.assert_allclose(twice, 2 * once, atol=1e-5)


def test_told_pairs_say_how_strong_the_noise_is():
    task = tasks.GaussianNoise((1, 50), told=True)
    given, clean = task.pair(CAMERA[:32, :32], 3)
    assert given.shape == (32, 32, 2)
    told = given[0, 0, 1]
    assert np.std(task.shown(given) - clean) == pytest.approx(told, rel=0.1)
    assert tasks.from_dict(task.to_dict()) == task


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p: zoo.restore(p, noise="much"), "strength"),
        (lambda p: zoo.restore(p, noise=-1), "negative"),
        (lambda p: zoo.restore(p, noise=np.nan), "negative"),
        (lambda p: zoo.restore(p, "ced.default", noise=5), "white noise"),
        (lambda p: zoo.restore(p, noise=5, mask=p > 0.5), "do not go with `mask`"),
        (lambda p: zoo.restore(p, adapt=True, mask=p > 0.5), "do not go with `mask`"),
        (lambda p: zoo.restore(p, "ced.default", adapt=True), "remove white noise"),
        (lambda p: zoo.restore(p, "trd.any", mask=p > 0.5), "does not inpaint"),
        (lambda p: zoo.load("trd.any")(p[None, ..., None]), "σ of the noise"),
        (lambda p: layers.ReactionDiffusionStep(told=True, bound="sign"), "bound"),
        (lambda p: zoo.create("trd", told=True, blind=True), "leave out one"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call(CAMERA[:32, :32].astype(np.float32))


def test_the_command_says_what_it_found(imagepde, tmp_path, rng):
    dim = 0.1 + 0.6 * CAMERA
    noisy = np.clip(NOISES["photons"].draw(dim, rng), 0, 1)
    source = tmp_path / "noisy.tif"
    images.write_picture(source, np.rint(noisy * 4095).astype(np.uint16))
    code, text = imagepde("noise", source, "--plot", tmp_path / "noise.png")
    assert code == 0, text
    assert "Poisson–Gaussian" in text
    assert "of 4095" in text
    assert images.read_picture(tmp_path / "noise.png").ndim == 3
    code, text = imagepde("restore", source, tmp_path / "clean.tif")
    assert code == 0, text
    assert "Poisson–Gaussian" in text
    assert "trd.any" in text
    clean = images.read_picture(tmp_path / "clean.tif") / 4095
    assert psnr(clean, dim) > psnr(noisy, dim) + 8
    code, text = imagepde("restore", source, tmp_path / "told.tif", "--sigma", "30")
    assert code == 0, text
    assert "σ = 482" in text
    code, text = imagepde("restore", source, tmp_path / "x.tif", "--sigma", "3", "--background", source)
    assert code == 2


@pytest.mark.parametrize("kind", ["photons", "correlated"])
def test_noise_of_any_model_is_a_task(kind):
    task = tasks.Noise(NOISES[kind])
    assert tasks.from_dict(task.to_dict()) == task
    given, clean = task.pair(CAMERA[:64, :64], 1)
    spread = np.sqrt(task.noise.variance(clean).mean())
    assert np.std(given - clean) == pytest.approx(spread, rel=0.15)
    tensor, _ = task.pair_tensor(clean[..., None].astype(np.float32), np.array([1, 2]))
    assert np.std(np.asarray(tensor)[..., 0] - clean) == pytest.approx(spread, rel=0.15)
    assert psnr(task.solution(zoo.load("trd.any"), given), clean) > psnr(given, clean) + 4


def test_the_command_measures_each_channel_of_a_microscope(imagepde, tmp_path, rng):
    """Two samples of a pixel that are no color have noise of their own."""
    noisy = np.stack([CAMERA + s / 255 * rng.standard_normal(CAMERA.shape) for s in (5, 40)], axis=-1)
    picture = images.Picture(noisy.astype(np.float32), "yxs", "LC")
    images.write_picture(tmp_path / "two.tif", picture)
    code, text = imagepde("restore", tmp_path / "two.tif", tmp_path / "out.tif", "--range", "0:1")
    assert code == 0, text
    assert "each plane and channel" in text
    restored = images.open_picture(tmp_path / "out.tif").values
    for k in range(2):
        alone = zoo.restore(noisy[..., k].astype(np.float32), value_range=(0, 1))
        np.testing.assert_allclose(restored[..., k], alone, atol=1e-5)


def uneven(clean, rng):
    """Noise that is strongest at a middle brightness, as that of pictures whose values were changed."""
    return clean + (0.02 + 0.25 * clean * (1 - clean)) * rng.standard_normal(clean.shape)


PART = CAMERA[:128, 40:168]


def gained(noisy):
    """What is gained, in dB, by a transform that is learned."""
    options = {"model": "trd_small.gauss25", "value_range": (0, 1)}
    noisy = noisy.astype(np.float32)
    plain = zoo.restore(noisy, noise=images.measure_noise(noisy, (0, 1)), **options)
    return psnr(zoo.restore(noisy, adapt=True, **options), PART) - psnr(plain, PART)


def test_a_transform_is_learned_where_no_model_of_noise_fits(rng):
    assert gained(uneven(PART, rng)) > 0.5


@pytest.mark.every_model
def test_nothing_is_lost_where_the_measured_noise_fits(rng):
    assert gained(NOISES["photons"].draw(PART, rng)) > -0.1


def test_nothing_can_be_learned_from_hidden_pixels_of_correlated_noise(rng):
    noisy = NOISES["correlated"].draw(CAMERA[:96, :96], rng).astype(np.float32)
    plain = zoo.restore(noisy, noise=NOISES["correlated"], value_range=(0, 1))
    with pytest.warns(UserWarning, match="correlated"):
        adapted = zoo.restore(noisy, noise=NOISES["correlated"], value_range=(0, 1), adapt=True)
    np.testing.assert_array_equal(adapted, plain)


def test_rows_without_any_light_are_no_stripes(rng):
    """Half of the rows are black: the noise of the others is found, and they get no worse."""
    clean = data.brick()[:256, :256] / 255
    noisy = clean + 25 / 255 * rng.standard_normal(clean.shape)
    noisy[rng.permutation(256)[:128]] = 0
    found = images.measure_noise(noisy.astype(np.float32), (0, 1))
    assert found.stripes is None
    restored = zoo.restore(noisy.astype(np.float32), value_range=(0, 1))
    there = noisy != 0
    assert psnr(restored[there], clean[there]) > psnr(noisy[there], clean[there]) + 1
