"""Inverse problems with denoisers: solvers, sampling, measurements, and what is chosen by itself."""

import functools
import warnings

import numpy as np
import pytest
from imagepde import layers, zoo
from imagepde.errors import InputError
from imagepde.images import WhiteNoise, measure_blur, tiling
from imagepde.zoo import plug_and_play
from imagepde.zoo.architectures.reaction_diffusion import told_once
from imagepde.zoo.method import method_of
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage import data, restoration, transform

CAMERA = data.camera()[100:228, 120:248].astype("float32") / 255
CONTRACTIVE = "trd_certified.gauss25_contractive"


def psnr(picture, clean=CAMERA):
    return -10 * np.log10(np.mean((np.clip(picture, 0, 1) - clean) ** 2))


def blurred(sigma, width=1.6, seed=0):
    f = np.asarray(layers.Blur(width).apply(CAMERA[None, ..., None]))[0, ..., 0]
    noise = np.random.default_rng(seed).standard_normal(f.shape)
    return (f + sigma / 255 * noise).astype("float32")


@pytest.mark.parametrize("sigma", [0, 2, 10, 25])
def test_deblurring_is_ahead_of_wiener_with_its_best_parameter(sigma):
    f, kernel = blurred(sigma), layers.Blur(1.6).kernel
    best = max(psnr(restoration.wiener(f, kernel, balance)) for balance in np.logspace(-4, 0, 9))
    assert psnr(zoo.deblur(f, 1.6, value_range=(0, 1))) > best + 0.5


def test_the_width_of_a_blur_is_measured():
    for width in (0.8, 1.6, 3.0):
        found = measure_blur(gaussian_filter(data.camera() / 255, width, mode="reflect"))
        assert found.kind == "gaussian"
        assert found.size == pytest.approx(width, abs=0.15)
    from imagepde.images import disk_kernel
    from scipy.ndimage import convolve

    found = measure_blur(convolve(data.camera() / 255, disk_kernel(4.0), mode="reflect"))
    assert found.kind == "disk"
    assert found.size == pytest.approx(4.0, abs=0.2)
    assert measure_blur(data.camera()).kind == "none"


def test_deblurring_without_a_kernel():
    f = blurred(2)
    assert psnr(zoo.deblur(f, value_range=(0, 1))) > psnr(f) + 1.5
    # A sharp picture loses its noise only.
    noisy = WhiteNoise(15 / 255).draw(CAMERA, np.random.default_rng(0)).astype("float32")
    assert psnr(zoo.deblur(noisy, value_range=(0, 1))) > psnr(noisy) + 3


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("kernel", [Image.BOX, Image.BICUBIC])
def test_upscaling_is_ahead_of_interpolation(factor, kernel):
    side = 128 // factor
    small = np.asarray(Image.fromarray(CAMERA).resize((side, side), kernel))
    best = max(
        psnr(np.asarray(Image.fromarray(small).resize((128, 128), how)))
        for how in (Image.BICUBIC, Image.LANCZOS)
    )
    large = zoo.upscale(small, factor, value_range=(0, 1))
    assert psnr(large) > best + (0.4 if factor == 2 else 0.15)


@pytest.mark.parametrize("factor", [1.5, 2, 2.5, 3])
def test_nothing_is_shifted(factor):
    """A symmetric picture stays one, and a ramp lies where Pillow and scikit-image have it."""
    rng = np.random.default_rng(0)
    half = gaussian_filter(rng.random((24, 24)), 2)
    symmetric = ((half + half[::-1, ::-1]) / 2).astype("float32")
    large = zoo.upscale(symmetric, factor, steps=2, value_range=(0, 1), noise=1)
    # Haar blocks have a place in the grid of their own.
    assert np.abs(large - large[::-1, ::-1]).max() < 0.02
    ramp = np.tile(np.linspace(0.2, 0.8, 24, dtype="float32"), (24, 1))
    sides = (round(24 * factor), round(24 * factor))
    middle = np.s_[sides[0] // 2, sides[0] // 4 : -(sides[0] // 4)]
    found = zoo.upscale(ramp, factor, value_range=(0, 1), noise=1)[middle]
    pillow = np.asarray(Image.fromarray(ramp).resize(sides, Image.BICUBIC))[middle]
    np.testing.assert_allclose(found, pillow, atol=0.003)
    np.testing.assert_allclose(found, transform.resize(ramp, sides, order=1)[middle], atol=0.003)


@pytest.mark.parametrize("factor", [2, 3, 1.7])
@pytest.mark.parametrize("sampling", ["area", "bicubic", "lanczos", "point"])
def test_sampling_is_that_of_pillow(sampling, factor):
    how = {"area": "BOX", "point": "NEAREST"}.get(sampling, sampling.upper())
    operator = layers.Downscale(factor, sampling)
    small = np.asarray(operator.apply(CAMERA[None, ..., None]))[0, ..., 0]
    pillow = np.asarray(Image.fromarray(CAMERA).resize(small.shape[::-1], getattr(Image, how)))
    # Of pixels that are covered in part, Pillow takes all or nothing; OpenCV their share.
    whole = factor == 2 or sampling in ("bicubic", "lanczos")
    assert np.mean(np.abs(small - pillow)) < (1e-5 if whole else 0.05)
    layers.check_adjoint(operator, (1, round(20 * factor), round(17 * factor), 2))
    copy = layers.Downscale.from_config(operator.get_config())
    np.testing.assert_array_equal(np.asarray(copy.apply(CAMERA[None, ..., None]))[0, ..., 0], small)


def test_area_sampling_is_that_of_opencv():
    cv2 = pytest.importorskip("cv2")
    small = np.asarray(layers.Downscale(1.6).apply(CAMERA[None, ..., None]))[0, ..., 0]
    expected = cv2.resize(CAMERA, small.shape[::-1], interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(small, expected, atol=1e-5)


@pytest.mark.parametrize(
    "operator",
    [
        layers.Blur(1.2),
        layers.Blur(np.outer([1, 4, 6, 4, 1], [1, 2, 0]) / 48.0),
        layers.Downscale(2, "bicubic"),
        layers.Mask(np.random.default_rng(0).random((24, 24)) < 0.4),
    ],
)
def test_the_proximal_step_minimises_what_it_says(operator, rng):
    z = rng.random((1, 24, 24, 1)).astype("float32")
    f, ridge = np.asarray(operator.apply(rng.random((1, 24, 24, 1)).astype("float32"))), 0.05
    u = operator.proximal(z, f, ridge)
    gradient = -np.asarray(operator.residual(u, f)) + ridge * (u - z)
    assert np.abs(gradient).max() < 1e-3 * np.abs(np.asarray(operator.residual(z, f))).max()


@pytest.mark.parametrize("kernel", [(5, 3), (15, 9), (1, 7)])
def test_blurs_by_fourier_transforms_are_the_same(kernel, rng):
    blur = layers.Blur(rng.random(kernel), (24, 20))
    u = rng.random((2, 24, 20, 3)).astype("float32")
    for one, other in zip(blur.fastest(), (blur.apply, blur.adjoint), strict=True):
        np.testing.assert_allclose(np.asarray(one(u)), np.asarray(other(u)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("seed", "count"),
    [(0, 300), *(pytest.param(seed, 1000, marks=pytest.mark.every_model) for seed in (0, 1, 2))],
)
def test_iterates_with_a_certified_regulariser_never_come_further_apart(seed, count):
    """Over random operators: ‖uᵏ⁺¹ − uᵏ‖ never grows (Krasnoselskii, Mann)."""
    rng = np.random.default_rng(seed)
    kernel = rng.random((3, 3))
    operators = (
        layers.Blur(kernel / kernel.sum(), (16, 16)),
        layers.Mask(rng.random((16, 16)) < 0.5),
        layers.Downscale(2, ("area", "bicubic", "lanczos")[seed]),
    )
    operator = operators[seed]
    f = np.asarray(operator.apply(rng.random((1, 16, 16, 1)).astype("float32")))
    certified = zoo.create("trd_certified", stages=2, components=4, filters=8, bound="monotone")
    for weight in certified.weights:
        weight.assign(np.asarray(weight) + 0.2 * rng.standard_normal(weight.shape))
    assert "distance" in zoo.certificate(certified).promises
    denoise = plug_and_play.denoiser_of(method_of(certified), 25)
    before, last, steps = None, np.inf, 0
    for u in plug_and_play.iterates("fbs", denoise, operator, f, noise=0.02, steps=count):
        if before is not None:
            moved = float(np.linalg.norm(u - before))
            assert moved <= last * (1 + 1e-4) + 1e-5
            last = moved
        before, steps = u, steps + 1
    assert steps == count
    assert np.isfinite(u).all()
    assert last < 1e-2


@pytest.mark.parametrize("solver", ["fbs", "admm", "fista"])
def test_solvers_with_a_certified_denoiser(solver):
    f = blurred(5, 1.0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        u = zoo.solve(f, layers.Blur(1.0), CONTRACTIVE, solver=solver, steps=30, value_range=(0, 1))
    assert psnr(u) > psnr(f) + 0.5
    assert ["not proven" in str(w.message) for w in caught] == ([] if solver == "fbs" else [True])


def test_colour_alpha_units_and_stacks():
    rgba = np.dstack([data.astronaut()[:32, :40], np.full((32, 40), 77, "uint8")])
    large = zoo.upscale(rgba, 1.5)
    assert (large.shape, large.dtype) == ((48, 60, 4), np.uint8)
    assert (large[..., 3] == 77).all()
    stack = np.stack([blurred(5)[:32, :32]] * 2)
    one = zoo.deblur(stack[0], 1.0, noise=5, value_range=(0, 1))
    both = zoo.deblur(stack, 1.0, noise=5, axes="zyx", value_range=(0, 1))
    np.testing.assert_allclose(both, np.stack([one] * 2), atol=1e-6)
    thousands = zoo.deblur(1000 * stack[0], 1.0, noise=5, value_range=(0, 1000))
    np.testing.assert_allclose(thousands, 1000 * one, atol=0.05)


def test_known_pixels_may_be_noisy():
    known = np.random.default_rng(0).random(CAMERA.shape) < 0.5
    noisy = (CAMERA + 10 / 255 * np.random.default_rng(1).standard_normal(CAMERA.shape)) * known
    u = zoo.solve(noisy.astype("float32"), layers.Mask(known), noise=10, steps=16, value_range=(0, 1))
    filled = zoo.inpaint(noisy.astype("float32"), known, "inpainting.homogeneous", value_range=(0, 1))
    assert psnr(u) > psnr(filled) + 2


def test_tomography():
    whole = transform.resize(data.shepp_logan_phantom(), (64, 64), anti_aliasing=True)
    clean, angles = whole.astype("float32"), np.linspace(0, 180, 30, endpoint=False)
    operator = layers.Radon(angles, 64)
    sinogram = transform.radon(clean, angles)
    ours = np.asarray(operator.apply(clean[None, ..., None]))[0, ..., 0]
    np.testing.assert_allclose(ours, sinogram, atol=1e-3)
    layers.check_adjoint(operator, (2, 64, 64, 1))
    sigma = 0.01 * sinogram.max()
    noisy = sinogram + sigma * np.random.default_rng(0).standard_normal(sinogram.shape)
    best = max(
        psnr(transform.iradon(noisy, angles, filter_name=name), clean)
        for name in ("ramp", "shepp-logan", "cosine", "hamming", "hann")
    )
    assert psnr(zoo.solve(noisy, operator, noise=255 * sigma), clean) > best + 4
    # The values of the image may be in other units.
    found = zoo.solve(50 * noisy, operator, noise=255 * sigma, value_range=(0, 50))
    assert psnr(found / 50, clean) > best + 4
    with pytest.raises(InputError, match="detectors × views"):
        zoo.solve(noisy[:, :-1], operator)


def test_some_frequencies():
    rng = np.random.default_rng(0)
    near = np.abs(np.fft.fftfreq(128) * 128) < 8
    mask = rng.random((128, 128)) < np.where(near, 1.0, 0.25)[:, None]
    operator = layers.MaskedFourier(mask)
    layers.check_adjoint(operator, (1, 128, 128, 1))
    drawn = rng.standard_normal((2, 128, 128)) * 2 / 255
    measured = mask * (np.fft.fft2(CAMERA, norm="ortho") + drawn[0] + 1j * drawn[1])
    filled = np.fft.ifft2(measured, norm="ortho").real
    assert psnr(zoo.solve(measured, operator)) > psnr(filled) + 4


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p: zoo.deblur(p, 1.0, solver="newton"), "must be one of evolution, hqs"),
        (lambda p: zoo.deblur(p, 1.0, level=-1.0), "must be positive"),
        (lambda p: zoo.deblur(p, 1.0, steps=0), "must be positive"),
        (lambda p: zoo.deblur(p, 1.0, "eed.default", noise=5), "An evolution takes no `noise`"),
        (lambda p: zoo.deblur(p, 1.0, "trd.any", weight=2.0), "A denoiser takes no `weight`"),
        (lambda p: zoo.deblur(p, 1.0, "segmentation.blade"), "must be a denoiser or an evolution"),
        (lambda p: zoo.upscale(p, 1), "number > 1"),
        (lambda p: zoo.upscale(p, np.nan), "number > 1"),
        (lambda p: zoo.upscale(p, 2, sampling="cubic"), "must be one of area"),
        (lambda p: zoo.upscale(p, 2.5, blur=1.0), "whole number"),
        (lambda p: zoo.solve(p, layers.Radon([0, 90], 16)), "detectors × views"),
        (lambda p: layers.Radon([], 16), "one at least"),
        (lambda p: layers.MaskedFourier(np.zeros((8, 8))), "true somewhere"),
        (lambda p: measure_blur(p[:20]), "32×32"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call(CAMERA[:40, :40])


@pytest.mark.parametrize("sampling", ["area", "bicubic", "lanczos", "point"])
@pytest.mark.parametrize("factor", [1.3, 2, 2.5])
def test_the_norm_of_a_sampling_is_bounded_for_every_size(sampling, factor):
    from imagepde.pde.resizing import resizing_matrix

    bound = layers.Downscale(factor, sampling).squared_norm
    for side in (4, 5, 7, 20, 61, 100):
        norm = np.linalg.norm(resizing_matrix(round(side * factor), side, sampling), 2)
        assert norm**4 <= bound


def test_noise_that_is_a_number_is_told_as_a_map_of_it():
    model = zoo.load("trd_small.any")
    once = told_once(model)
    image = np.random.default_rng(0).random((1, 41, 60, 1)).astype("float32")
    for sigma in (0.1 / 255, 5 / 255, 60 / 255):
        noise = np.full(image.shape, sigma, "float32")
        expected = model.predict_on_batch(np.concatenate([image, noise], -1))
        found = once.predict_on_batch([image, np.full((1, 1, 1, 1), sigma, "float32")])
        np.testing.assert_allclose(found, expected, atol=3e-6)
    assert told_once(zoo.load("trd.gauss25")) is None
    assert told_once(zoo.load("eed.default")) is None


def test_a_large_image_is_denoised_in_strips_as_in_one_piece(monkeypatch):
    image = np.random.default_rng(0).random((2, 300, 64, 1)).astype("float32")
    for name, sigma in (("trd_small.any", None), ("trd.gauss25", 25)):
        denoise = plug_and_play.denoiser_of(method_of(zoo.load(name)), sigma)
        whole = denoise(image, 0.05)
        with monkeypatch.context() as patched:
            strips = functools.partial(tiling.strips_of, pixels=64 * 100)
            patched.setattr(plug_and_play, "strips_of", strips)
            assert len(strips(300, 64, method_of(zoo.load(name)).traits.reach, 2)) > 1
            np.testing.assert_allclose(denoise(image, 0.05), whole, atol=3e-6)


@pytest.mark.parametrize(("height", "halo", "multiple"), [(600, 10, 1), (1002, 27, 2), (64, 27, 2)])
def test_strips_cover_an_image_once(height, halo, multiple):
    strips = tiling.strips_of(height, 500, halo, multiple, pixels=40_000)
    kept = [row for strip in strips for row in range(*strip.kept[0])]
    assert kept == list(range(height))
    assert {strip.side for strip in strips} == {strips[0].side}
    for strip in strips:
        (top, tall), (first, stop) = (strip.start[0], strip.side[0]), strip.kept[0]
        assert top % multiple == 0
        assert top in (0, first - halo) or top <= first - halo
        assert top + tall == height or stop + halo <= top + tall
