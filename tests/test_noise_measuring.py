"""Noise is measured from one picture: how strong, of which kind, and when not to be sure."""

import numpy as np
import pytest
from imagepde.errors import InputError
from imagepde.images import (
    CorrelatedNoise,
    PoissonGaussian,
    Scale,
    WhiteNoise,
    estimate_noise,
    measure_noise,
)
from skimage import data, draw


@pytest.fixture(scope="module")
def scene():
    """A photograph of 256×256 pixels, with flat places and texture."""
    return data.camera()[100:356, 100:356] / 255


def shapes():
    picture = np.full((192, 192), 0.4)
    picture[draw.disk((70, 90), 40)] = 0.8
    picture[draw.disk((140, 50), 25)] = 0.1
    picture[draw.disk((140, 140), 30)] = 0.6
    return picture


def ratio(found, noise, clean):
    """The deviation that is found over the true one, over the brightnesses of a picture."""
    brightness = np.quantile(clean, np.linspace(0.02, 0.98, 25))
    return np.sqrt(found.noise.variance(brightness) / noise.variance(brightness))


@pytest.mark.parametrize("sigma", [2, 5, 15, 25, 50, 100])
def test_white_noise(sigma, scene, rng):
    found = measure_noise(WhiteNoise(sigma / 255).draw(scene, rng))
    assert found.sigma == pytest.approx(sigma, rel=0.1)
    assert not found.correlated
    assert found.levels == pytest.approx([found.sigma / 255 / 2**k for k in range(4)])


@pytest.mark.parametrize("read", [0, 5, 15])
@pytest.mark.parametrize("photons", [10, 100, 1000])
def test_noise_that_depends_on_the_brightness(photons, read, scene, rng):
    noise = PoissonGaussian(1 / photons, read / 255)
    found = measure_noise(noise.draw(scene, rng))
    assert np.abs(ratio(found, noise, scene) - 1).mean() < 0.1
    assert not found.correlated
    if photons <= 100:
        assert isinstance(found.noise, PoissonGaussian)


@pytest.mark.parametrize(("blur", "sigma"), [(0.7, 15), (0.7, 25), (1.2, 15), (1.2, 25)])
def test_correlated_noise(blur, sigma, scene, rng):
    noise = CorrelatedNoise.blurred(WhiteNoise(sigma / 255), blur)
    found = measure_noise(noise.draw(scene, rng))
    assert found.correlated
    assert found.sigma == pytest.approx(sigma, rel=0.15)
    for level in range(1, 4):
        given = sigma / 255 * noise.averaged(2**level)
        assert found.levels[level] == pytest.approx(given, rel=0.25)


def test_correlated_noise_that_depends_on_the_brightness(scene, rng):
    noise = CorrelatedNoise.blurred(PoissonGaussian(1 / 50, 5 / 255), 0.7)
    found = measure_noise(noise.draw(scene, rng))
    assert found.correlated
    assert np.abs(ratio(found, noise, scene) - 1).mean() < 0.15


@pytest.mark.parametrize("name", ["brick", "gravel"])
def test_texture_is_not_taken_for_noise(name, rng):
    clean = getattr(data, name)()[:384, :384] / 255
    found = measure_noise(WhiteNoise(15 / 255).draw(clean, rng))
    assert found.sigma == pytest.approx(15, rel=0.1)
    assert not found.correlated


def test_without_noise_there_is_none():
    for clean in (shapes(), (255 * shapes()).astype("uint8"), shapes() > 0.5):
        assert measure_noise(clean).sigma == 0
    ramp = np.add.outer(np.linspace(0.1, 0.4, 128), np.linspace(0, 0.5, 128))
    assert measure_noise(ramp).sigma < 0.1
    assert measure_noise((255 * ramp).astype("uint8")).sigma < 0.5


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_constant_picture_has_no_noise(value):
    found = measure_noise(np.full((32, 32), value))
    assert found.sigma == 0
    assert found.noise == WhiteNoise(0)
    assert "no noise" in found.describe()


def test_a_picture_of_black_and_white_alone_says_nothing(rng):
    assert measure_noise(rng.random((64, 64)) > 0.5).sigma == 0


def change_nothing(noisy):
    return noisy


def black_rows(noisy):
    noisy[np.random.default_rng(1).permutation(len(noisy))[: len(noisy) // 2]] = 0
    return noisy


UNUSABLE = {
    "black rows": black_rows,
    "clipped": lambda noisy: np.minimum(noisy, np.quantile(noisy, 0.8)),
    "clipped twice": lambda noisy: np.clip(noisy, *np.quantile(noisy, (0.1, 0.9))),
    "padded": lambda noisy: np.pad(noisy, 60),
    "repeated rows": lambda noisy: np.repeat(noisy, 2, 0),
    "magnified": lambda noisy: np.kron(noisy, np.ones((2, 2))),
    "8 bits": lambda noisy: np.clip(np.rint(255 * noisy), 0, 255).astype("uint8"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_pixels_that_are_not_usable_do_not_count(name, scene, rng):
    found = measure_noise(UNUSABLE[name](WhiteNoise(15 / 255).draw(scene, rng)))
    assert found.sigma == pytest.approx(15, rel=0.08)
    assert not found.correlated


def test_masked_pixels_do_not_count(scene, rng):
    noisy = WhiteNoise(15 / 255).draw(scene, rng)
    valid = np.zeros(noisy.shape, bool)
    valid[20:200, 30:220] = True
    found = measure_noise(np.where(valid, noisy, rng.random(noisy.shape)), valid=valid)
    assert found.sigma == pytest.approx(15, rel=0.08)
    scattered = rng.random(noisy.shape) > 0.5
    found = measure_noise(np.where(scattered, noisy, 0.3), valid=scattered)
    assert not found.sure
    assert found.sigma == pytest.approx(15, rel=0.2)


def test_little_noise_in_8_bits(rng):
    for sigma in (1, 2):
        noisy = 0.2 + 0.5 * shapes() + sigma / 255 * rng.standard_normal((192, 192))
        found = measure_noise(np.rint(255 * noisy).astype("uint8"))
        assert found.sigma == pytest.approx(sigma, rel=0.1)


@pytest.mark.parametrize("word", ["rows", "columns"])
def test_stripes_are_seen(word, scene, rng):
    shape = (256, 1) if word == "rows" else (1, 256)
    noisy = scene + 10 / 255 * rng.standard_normal(scene.shape)
    found = measure_noise(noisy)
    assert found.stripes is None
    found = measure_noise(noisy + 6 / 255 * rng.standard_normal(shape))
    assert found.stripes == word
    assert 255 * found.stripe_sigma == pytest.approx(6, rel=0.25)
    assert found.sigma == pytest.approx(10, rel=0.1)
    assert f"{word} are offset" in found.describe()


def test_small_pictures_are_not_sure(scene, rng):
    for side in (8, 16):
        found = measure_noise(WhiteNoise(10 / 255).draw(scene[:side, :side], rng))
        assert not found.sure
        assert 5 < found.sigma < 20
        assert found.notes


def test_where_all_is_texture_it_is_not_sure():
    found = measure_noise(data.grass()[:256, :256])
    assert not found.sure
    assert "not sure" in found.describe()


def test_colours_are_measured_one_by_one(rng):
    clean = data.astronaut()[:256, :256] / 255
    noisy = clean + np.array([10, 10, 20]) / 255 * rng.standard_normal(clean.shape)
    found = measure_noise(noisy)
    assert [channel.sigma for channel in found.channels] == pytest.approx([10, 10, 20], rel=0.1)
    assert found.sigma == pytest.approx(np.sqrt(200), rel=0.1)
    assert any("channels differ" in note for note in found.notes)
    alpha = np.concatenate([noisy, np.ones((256, 256, 1))], -1)
    assert measure_noise(alpha).sigma == found.sigma


@pytest.mark.parametrize(("gain", "offset"), [(4000, -300), (1e-3, 5), (2.0, 1e4)])
def test_results_do_not_depend_on_units(gain, offset, scene, rng):
    noisy = PoissonGaussian(1 / 50, 5 / 255).draw(scene, rng)
    expected = measure_noise(noisy)
    found = measure_noise(gain * noisy + offset, (offset, offset + gain))
    assert found.sigma == pytest.approx(expected.sigma, rel=1e-4)
    assert found.noise.gain == pytest.approx(expected.noise.gain, rel=1e-3)


def test_an_offset_of_the_camera_is_no_negative_variance(scene, rng):
    noise = PoissonGaussian(1 / 50, 0.0, offset=0.1)
    found = measure_noise(noise.draw(0.1 + 0.8 * scene, rng))
    assert found.noise.offset == pytest.approx(0.1, abs=0.02)
    assert "no light at" in found.describe(Scale(0, 4095))


def test_what_is_found_is_described_and_drawn(scene, rng):
    found = measure_noise(PoissonGaussian(1 / 50, 5 / 255).draw(scene, rng))
    assert "of 4095" in found.describe(Scale(0, 4095))
    mean, variance, weight = found.points.T
    assert np.all(weight > 0)
    assert found.uncertainty < 0.1 * found.sigma
    assert np.average(variance / found.noise.variance(mean), weights=weight) == pytest.approx(
        1, rel=0.1
    )


def test_the_estimate_is_the_deviation_that_is_measured(scene, rng):
    noisy = WhiteNoise(15 / 255).draw(scene, rng)
    assert estimate_noise(noisy) == measure_noise(noisy).sigma


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (np.zeros((2, 16, 16, 3)), {}, "one picture"),
        (np.zeros((16, 16)), {"valid": np.ones((16, 16))}, "bool"),
        (np.zeros((16, 16)), {"valid": np.ones((8, 16), bool)}, "height and width"),
        (np.zeros((16, 16)), {"valid": np.zeros((16, 16), bool)}, "valid"),
        (np.full((16, 16), np.nan), {}, "finite"),
        (np.zeros((4, 16)), {}, "at least 8"),
    ],
)
def test_what_cannot_be_measured_is_refused(image, options, words):
    with pytest.raises(InputError, match=words):
        measure_noise(image, **options)
