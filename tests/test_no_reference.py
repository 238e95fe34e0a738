"""Q of Zhu and Milanfar, and the estimate of noise that picks a model."""

import numpy as np
import pytest
from imagepde import tasks, training, zoo
from imagepde.errors import InputError
from imagepde.tasks import metric_q
from skimage import data


def plain_q(image, delta=0.001):
    """Patch by patch with NumPy's singular value decomposition."""
    image, total = image.astype("float64") * 255, 0.0
    rows, columns = (side // 8 for side in image.shape)
    quantile = delta ** (1 / 63)
    for i, j in np.ndindex(rows, columns):
        patch = image[8 * i : 8 * i + 8, 8 * j : 8 * j + 8]
        down, right = np.gradient(patch)
        s1, s2 = np.linalg.svd(np.stack([right.ravel(), down.ravel()], 1), compute_uv=False)
        coherence = (s1 - s2) / (s1 + s2) if s1 else 0.0
        if coherence > np.sqrt((1 - quantile) / (1 + quantile)):
            total += s1 * coherence
    return total / (rows * columns)


def test_q_is_the_plain_one(rng):
    image = data.camera()[:67, 100:180] / 255
    for noise in (0.0, 0.1):
        noisy = image + noise * rng.standard_normal(image.shape)
        assert metric_q(noisy) == pytest.approx(plain_q(noisy), rel=1e-6)


def test_q_of_noise_is_nearly_zero_and_of_a_ramp_its_slope(rng):
    noise = rng.standard_normal((256, 256))
    image = data.camera()[:256, :256] / 255
    assert metric_q(0.1 * noise) < 0.1 * metric_q(image)
    ramp = np.outer(np.ones(16), np.arange(16)) / 255
    assert metric_q(ramp) == pytest.approx(8.0)  # 64 gradients of 1, and none the other way
    assert metric_q(np.full((16, 16), 0.5)) == 0


def test_q_falls_with_blur_and_with_noise(rng):
    from scipy.ndimage import gaussian_filter

    image = data.camera()[:256, :256] / 255
    sharp = metric_q(image)
    assert metric_q(gaussian_filter(image, 3)) < sharp
    assert metric_q(image + 0.1 * rng.standard_normal(image.shape)) < sharp


@pytest.mark.parametrize("shape", [(7, 20), (16, 16, 3)])
def test_q_refuses_what_it_cannot_measure(shape):
    with pytest.raises(InputError, match="grey pictures"):
        metric_q(np.zeros(shape))


@pytest.mark.parametrize("sigma", [10, 25, 50])
@pytest.mark.parametrize("name", ["camera", "astronaut"])
def test_noise_is_estimated(name, sigma):
    clean = getattr(data, name)()[:256, :256].astype("float32") / 255
    noisy = tasks.GaussianNoise(sigma).degrade(clean, 0)
    assert zoo.estimate_noise(noisy) == pytest.approx(sigma, rel=0.15)


def test_noise_of_a_batch_is_not_estimated(rng):
    with pytest.raises(InputError, match="one picture"):
        zoo.estimate_noise(rng.random((2, 16, 16, 3)))


@pytest.mark.parametrize("sigma", [15, 25, 35])
def test_one_model_is_chosen_for_all_noise_and_told_how_strong_it_is(sigma):
    noisy = tasks.GaussianNoise(sigma).degrade(data.camera().astype("float32") / 255, 0)
    name, estimate = zoo.choose_model(noisy)
    assert name == "trd.any"
    assert estimate == pytest.approx(sigma, rel=0.1)


def test_a_range_of_noise_is_drawn_evenly_and_the_same_each_time(rng):
    degradation = tasks.GaussianNoise((5, 55))
    clean = np.full((64, 64), 0.5, "float32")
    strengths = [255 * float((degradation.degrade(clean, k) - clean).std()) for k in range(60)]
    assert min(strengths) < 12
    assert max(strengths) > 48
    assert np.mean(strengths) == pytest.approx(30, abs=5)
    np.testing.assert_array_equal(degradation.degrade(clean, 3), degradation.degrade(clean, 3))
    with pytest.raises(InputError, match="smaller"):
        tasks.GaussianNoise((20, 20))


def test_the_range_in_a_pipeline_is_drawn_anew_for_each_patch(photograph_folder):
    source = training.open_source(photograph_folder)
    degradation = tasks.GaussianNoise((5, 55))
    pairs = training.training_pairs(source, degradation, 1, 64, 16, seed=1)
    noisy, clean = (x.numpy() for x in next(iter(pairs)))
    strengths = 255 * (noisy - clean).std((1, 2, 3))
    assert strengths.min() > 4
    assert strengths.max() < 58
    assert np.ptp(strengths) > 20
