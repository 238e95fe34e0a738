"""PSNR and SSIM are those of scikit-image."""

import keras
import numpy as np
import pytest
from imagepde import tasks
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


@pytest.fixture
def pair(rng):
    clean = rng.random((2, 40, 37, 3)).astype("float32")
    return clean, (clean + 0.2 * rng.standard_normal(clean.shape)).astype("float32")


def test_psnr_is_that_of_scikit_image_on_clipped_images(pair):
    clean, restored = pair
    expected = [
        peak_signal_noise_ratio(a, np.clip(b, 0, 1), data_range=1)
        for a, b in zip(clean, restored, strict=True)
    ]
    np.testing.assert_allclose(tasks.psnr(clean, restored), expected, rtol=1e-5)


def test_ssim_is_that_of_scikit_image_with_wangs_window(pair):
    clean, restored = pair
    expected = [
        structural_similarity(
            a.astype("float64"),
            np.clip(b, 0, 1).astype("float64"),
            data_range=1,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            channel_axis=-1,
        )
        for a, b in zip(clean, restored, strict=True)
    ]
    np.testing.assert_allclose(tasks.ssim(clean, restored), expected, atol=1e-4)


def test_equal_images_are_perfect(pair):
    clean, _ = pair
    assert np.isinf(np.asarray(tasks.psnr(clean, clean))).all()
    np.testing.assert_allclose(tasks.ssim(clean, clean), 1, atol=1e-6)


@pytest.mark.parametrize("metric", [tasks.PSNR, tasks.SSIM])
def test_metrics_average_over_images(pair, metric):
    clean, restored = pair
    whole = metric()
    for a, b in zip(clean, restored, strict=True):
        whole.update_state(a[None], b[None])
    function = tasks.psnr if metric is tasks.PSNR else tasks.ssim
    assert float(whole.result()) == pytest.approx(float(np.mean(function(clean, restored))), rel=1e-5)
    copy = keras.metrics.deserialize(keras.metrics.serialize(whole))
    assert isinstance(copy, metric)
