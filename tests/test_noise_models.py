"""Models of noise draw what they say, and the Anscombe transform is inverted without bias."""

import json

import numpy as np
import pytest
from imagepde.errors import InputError
from imagepde.images import Scale, anscombe
from imagepde.images.noise_models import (
    CorrelatedNoise,
    PoissonGaussian,
    Speckle,
    WhiteNoise,
    noise_from_dict,
)
from scipy.stats import poisson

MODELS = [
    WhiteNoise(0.1),
    PoissonGaussian(0.01, 0.02),
    PoissonGaussian(0.002, 0.0, offset=0.05),
    PoissonGaussian(0.0, 0.02),
    Speckle(0.3),
    CorrelatedNoise.blurred(WhiteNoise(0.1), 0.7),
    CorrelatedNoise.blurred(PoissonGaussian(0.01, 0.02), 1.2),
]


@pytest.mark.parametrize("noise", MODELS, ids=str)
def test_noise_has_its_mean_and_variance(noise, rng):
    for level in (0.1, 0.8):
        drawn = noise.draw(np.full((300, 401), level), rng)
        assert drawn.mean() == pytest.approx(level, abs=3e-3)
        assert drawn.var() == pytest.approx(float(noise.variance(level)), rel=0.04)


@pytest.mark.parametrize("noise", MODELS, ids=str)
def test_means_of_blocks_have_the_deviation_that_is_said(noise, rng):
    drawn = noise.draw(np.full((480, 480), 0.5), rng)
    for size in (2, 4, 8):
        means = drawn.reshape(480 // size, size, -1, size).mean((1, 3))
        assert means.std() == pytest.approx(noise.averaged(size) * drawn.std(), rel=0.08)


@pytest.mark.parametrize("noise", MODELS, ids=str)
def test_a_model_is_told_by_its_numbers(noise):
    config = json.loads(json.dumps(noise.to_dict()))
    assert noise_from_dict(config) == noise == type(noise).from_dict(config)
    assert noise.describe() != noise.describe(Scale(0, 4095)) or isinstance(noise, Speckle)


def test_colours_are_correlated_in_the_plane_only(rng):
    noise = CorrelatedNoise.blurred(WhiteNoise(0.1), 1.0)
    drawn = noise.draw(np.zeros((200, 201, 3)), rng)
    beside = np.corrcoef(drawn[:, 1:, 0].ravel(), drawn[:, :-1, 0].ravel())[0, 1]
    across = np.corrcoef(drawn[..., 0].ravel(), drawn[..., 1].ravel())[0, 1]
    assert beside == pytest.approx(np.exp(-0.25), abs=0.02)
    assert abs(across) < 0.05


def test_noise_is_clipped_if_it_is_said(rng):
    drawn = WhiteNoise(0.5, clipped=True).draw(np.full((50, 50), 0.5), rng)
    assert drawn.min() == 0
    assert drawn.max() == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: WhiteNoise(-1),
        lambda: WhiteNoise("much"),
        lambda: PoissonGaussian(np.nan, 0.1),
        lambda: PoissonGaussian(0.1, -0.1),
        lambda: Speckle(0),
        lambda: CorrelatedNoise(WhiteNoise(0.1), ((1.0, 0.5),)),
        lambda: CorrelatedNoise(WhiteNoise(0.1), ((0, 0, 0), (0.3, 1, 0.4), (0, 0, 0))),
        lambda: CorrelatedNoise(MODELS[5], ((1.0,),)),
        lambda: CorrelatedNoise.blurred(WhiteNoise(0.1), 0),
        lambda: noise_from_dict({"kind": "pink"}),
        lambda: noise_from_dict({"kind": "white", "gain": 1}),
        lambda: PoissonGaussian.from_dict({"kind": "white", "sigma": 1}),
        lambda: WhiteNoise(0.1).draw(np.zeros(3), np.random.default_rng(0)),
        lambda: anscombe.forward(np.zeros((2, 2)), Speckle(0.1)),
        lambda: anscombe.inverse(np.zeros((2, 2)), WhiteNoise(0)),
    ],
)
def test_what_is_no_noise_is_refused(make):
    with pytest.raises(InputError):
        make()


@pytest.mark.parametrize("read", [0, 0.1, 0.5, 1, 3, 9.9, 10.1, 40])
def test_the_inverse_has_no_bias(read):
    """The expectation is summed here over quantiles of both distributions, independently."""
    gain, offset = 0.02, 0.1
    noise = PoissonGaussian(gain, gain * read, offset)
    normal = np.linspace(-8, 8, 3001)
    weight = np.exp(-0.5 * normal**2)
    weight /= weight.sum()
    for photons in (0.3, 1, 3, 10, 50, 98, 101, 300, 1000):
        counts = np.arange(poisson.ppf(1e-13, photons), poisson.isf(1e-13, photons) + 1)
        z = gain * (counts[:, None] + read * normal) + offset
        mean = poisson.pmf(counts, photons) @ (anscombe.forward(z, noise) @ weight)
        assert (anscombe.inverse(mean, noise) - offset) / gain == pytest.approx(photons, abs=5e-3)


def test_the_transform_makes_noise_of_deviation_one(rng):
    for noise in (PoissonGaussian(0.01, 0.0), PoissonGaussian(0.01, 0.05, 0.02), WhiteNoise(0.1)):
        for level in (0.1, 0.4, 1.0):
            drawn = anscombe.forward(noise.draw(np.full((300, 300), level), rng), noise)
            assert drawn.std() == pytest.approx(1, rel=0.03)


def test_without_photons_the_transform_is_a_division():
    z = np.linspace(-0.2, 1, 50)
    for gain in (0, 1e-12, 1e-7, 1e-6):
        noise = PoissonGaussian(gain, 0.1)
        assert np.allclose(anscombe.forward(z, noise), z / 0.1, atol=5e-4)
        assert np.allclose(anscombe.inverse(anscombe.forward(z, noise), noise), z, atol=1e-6)


def test_the_inverse_rises_and_keeps_single_precision():
    y = np.linspace(-5, 80, 100_001)
    for read in (0, 0.3, 8, 11):
        assert np.diff(anscombe.inverse(y, PoissonGaussian(0.01, 0.01 * read))).min() > 0
    single = y.astype(np.float32)
    assert anscombe.forward(single, MODELS[1]).dtype == np.float32
    assert anscombe.inverse(single, MODELS[1]).dtype == np.float32
