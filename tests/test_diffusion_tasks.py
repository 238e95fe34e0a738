"""Perona–Malik diffusion as a task: the same in NumPy and in a pipeline, and what noise does to it."""

import numpy as np
import pytest
import tensorflow as tf
from checks import reference
from imagepde import training
from imagepde.errors import InputError
from imagepde.images.preparation import prepare
from imagepde.tasks import HeatFlow, PeronaMalikDiffusion
from skimage import data


@pytest.fixture
def clean():
    return data.camera()[100:148:2, 100:140:2].astype("float32") / 255


def test_it_is_four_explicit_steps(clean):
    """Eq. 5.1, pixel by pixel."""
    u = clean.astype("float64")
    for _ in range(4):
        padded = np.pad(u, 1, mode="edge")
        squared = sum(
            0.5 * ((ahead - u) ** 2 + (u - behind) ** 2)
            for ahead, behind in (
                (padded[2:, 1:-1], padded[:-2, 1:-1]),
                (padded[1:-1, 2:], padded[1:-1, :-2]),
            )
        )
        u = u + 0.1 * reference.diffusion_rate(u, 1 / (1 + squared / 0.2**2))
    np.testing.assert_allclose(PeronaMalikDiffusion().degrade(clean, 0), u, atol=1e-5)


@pytest.mark.parametrize("sigma", [0.0, 0.255, 2.55, (0.0255, 25.5)])
def test_a_pipeline_does_the_same_but_for_the_noise(clean, sigma):
    task = PeronaMalikDiffusion(sigma)
    strengths = []
    for seed in range(20):
        tensor = task.degrade_tensor(tf.constant(clean[..., None]), [seed, 1]).numpy()[..., 0]
        array, target = task.pair(clean, seed)
        np.testing.assert_array_equal(target, clean)
        plain = PeronaMalikDiffusion().degrade(clean, 0)
        strengths += [(tensor - plain).std(), (array - plain).std()]
    low, high = np.array(sigma if isinstance(sigma, tuple) else (sigma, sigma)) / 255
    assert min(strengths) >= 0.8 * low
    assert max(strengths) <= 1.2 * high + 1e-7
    if low < high:
        assert min(strengths) < 5 * low
        assert max(strengths) > 0.2 * high


def test_the_forward_task_is_to_diffuse(clean):
    task = PeronaMalikDiffusion(forward=True)
    given, wanted = task.pair(clean, 0)
    np.testing.assert_array_equal(given, clean)
    np.testing.assert_array_equal(wanted, task.degrade(clean, 0))
    given, wanted = task.pair_tensor(tf.constant(clean[..., None]), [0, 1])
    np.testing.assert_array_equal(given.numpy()[..., 0], clean)


def test_impossible_noise_is_refused():
    for sigma in (-0.1, 300, (10, 5), (0, 5), "5", (1, 2, 3)):
        with pytest.raises(InputError, match="noise"):
            PeronaMalikDiffusion(sigma)


def test_pictures_are_shrunk_cut_and_divided_by_their_maximum(rng):
    picture = rng.random((60, 80, 1)).astype("float32")
    small = prepare(picture, size=16, scale=0.4, normalise=True)
    assert small.shape == (16, 16, 1)
    assert small.dtype == np.float32
    assert small.max() == pytest.approx(1.0)
    assert prepare(0 * picture, normalise=True).max() == 0
    assert prepare(picture, scale=0.4).std() < 0.7 * picture.std(), "without smoothing it aliases"


def test_pairs_of_a_pipeline_are_prepared_too(photograph_folder):
    source = training.open_source(photograph_folder)
    task = PeronaMalikDiffusion(2.55).prepared(scale=0.4, normalise=True)
    given, clean = next(iter(training.training_pairs(source, task, 1, 48, 4, seed=1)))
    assert given.shape == clean.shape == (4, 48, 48, 1)
    np.testing.assert_allclose(clean.numpy().max((1, 2, 3)), 1, atol=1e-6)
    given, clean = next(iter(training.validation_pairs(source, task, 1, 96)))
    assert clean.shape == (1, 58, 60, 1)
    assert float(tf.reduce_max(clean)) == pytest.approx(1.0)


def test_heat_flow_blurs_as_a_gaussian():
    from scipy.ndimage import gaussian_filter

    disks = training.open_source("synthetic:disks", first=3)
    for disk in disks:
        clean = disk.astype("float32") / 65535
        blurred = HeatFlow(1.0).degrade(clean, 0)
        expected = gaussian_filter(clean, 2**0.5, mode="reflect", truncate=6)
        np.testing.assert_allclose(blurred, expected, atol=2e-3)
        in_pipeline = HeatFlow(1.0).degrade_tensor(tf.constant(clean[..., None]), [0, 1])
        np.testing.assert_allclose(in_pipeline.numpy()[..., 0], blurred, atol=1e-6)
    with pytest.raises(InputError, match="time"):
        HeatFlow(0.0)


def test_disks_are_drawn_from_seed_and_number_alone():
    disks, others = (training.open_source(f"synthetic:disks{seed}") for seed in ("", ":1"))
    assert len(disks) == 1024
    first, second = (next(iter(source.part([5]))) for source in (disks, others))
    np.testing.assert_array_equal(first, list(disks.part(range(6)))[5])
    assert not np.array_equal(first, second)
    assert first.shape == (64, 64)
    assert len(np.unique(first)) == 2
    assert disks.name != others.name
    batch = next(iter(training.training_pairs(disks, HeatFlow(), 1, 64, 4, seed=1)))
    assert batch[0].shape == (4, 64, 64, 1)
    for spec in ("synthetic:squares", "synthetic:disks:x"):
        with pytest.raises(InputError, match="synthetic:disks"):
            training.open_source(spec)
