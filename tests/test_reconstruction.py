"""Inverse problems: the data term, the projection, the folded filters, and what users call."""

import numpy as np
import pytest
from checks.blade_reference import blade
from imagepde import layers, zoo
from imagepde.errors import InputError
from imagepde.zoo import evolution_solver
from keras import ops
from skimage import data

KERNEL = np.outer([1, 4, 6, 4, 1], [1, 2, 1]) / 64.0


@pytest.fixture
def photograph():
    return data.camera()[100:164, 180:260].astype("float32") / 255


def step_of(name, **changes):
    return zoo.load(name, **changes).get_layer("evolution").step


def as_batch(picture):
    return np.asarray(picture, "float32")[None, ..., None]


EVOLUTIONS = [
    "blade.perona_malik",
    "blade_flux.tv_flow",
    "foe_s.gauss25",
    "ced.default",
    *(
        pytest.param(name, marks=pytest.mark.every_model)
        for name in ("ka.gauss15", "perona_malik.gauss15", "eed.default")
    ),
]
"""Filters, fluxes, a learned diffusivity, and a step that is a cycle of several."""


@pytest.mark.parametrize("name", EVOLUTIONS)
def test_data_term_of_any_evolution(name, photograph):
    """u + τ (F(u) + λ Aᵀ(f − A u)), step by step (eq. 4.2)."""
    observation, step = layers.Blur(KERNEL), step_of(name)
    duration = float(step.duration)
    weight = 0.7 / duration
    model = zoo.regularised(name, observation, weight, steps=3)
    f = u = as_batch(photograph)
    for _ in range(3):
        pull = observation.adjoint(f - observation.apply(u))
        u = np.asarray(step(u)) + duration * weight * np.asarray(pull)
    np.testing.assert_allclose(np.asarray(model(f)), u, atol=2e-3 if "blade" in name else 1e-5)


def test_durations():
    assert step_of("blade.ced").duration == zoo.card("blade.ced").config["time_step"]
    assert float(step_of("foe_s.gauss25").duration) == pytest.approx(
        zoo.card("foe_s.gauss25").config["time_step"], rel=1e-6
    )
    step = step_of("ced.default")
    assert step.duration == pytest.approx(step.time_step * (3**2 + 3) / 3)
    assert step_of("eed.default").duration == pytest.approx(0.25)


@pytest.mark.parametrize("name", EVOLUTIONS)
def test_projection_keeps_what_was_observed(name, photograph):
    """A u = f from the start to the end (eq. 4.7)."""
    observation = layers.Chain([layers.Blur(0.4), layers.Subsample(2)])
    f = observation.apply(as_batch(photograph))
    model = zoo.regularised(name, observation, None, steps=4)
    u = np.asarray(model(f))
    assert u.shape == (1, *photograph.shape, 1)
    np.testing.assert_allclose(observation.apply(u), f, atol=1e-5)
    assert abs(u - np.asarray(observation.start(f))).max() > 1e-3


def test_projection_with_a_mask_is_diffusion_of_free_pixels(photograph, rng):
    """The generic projection, and the layer `Inpainting` that knows of the mask."""
    known = rng.random(photograph.shape) < 0.3
    step = step_of("eed.default")
    inputs = np.concatenate([as_batch(photograph), as_batch(known)], axis=-1)
    general = layers.Reconstruction(step, layers.Mask(), None, steps=5)
    special = layers.Inpainting(step, steps=5)
    np.testing.assert_allclose(np.asarray(general(inputs)), np.asarray(special(inputs)), atol=1e-6)
    assert general.traits.promises.keys() == {"known"}


def test_folded_filters_are_the_data_term(photograph):
    """Eqs. 4.4, 4.5 and eq. 4.2 are one, away from the border."""
    image = as_batch(data.camera()[:160, :160] / 255)
    model = zoo.regularised("blade.ced", layers.Blur(KERNEL), 2.0, steps=3, time_step=0.35)
    folded = zoo.folded(model)
    difference = np.abs(np.asarray(folded(image)) - np.asarray(model(image)))[0, ..., 0]
    assert difference[40:-40, 40:-40].max() < 2e-5
    assert folded.get_layer("deconvolution").bank().shape[1:] == (9, 5)
    # It shares the weights.
    rate = model.get_layer("reconstruction").step.rate
    assert folded.trainable_weights[0] is rate.filters


def test_folding_needs_plain_filters():
    for name, weight in [("blade_flux.ced", 1.0), ("eed.default", 1.0), ("blade.ced", None)]:
        model = zoo.regularised(name, layers.Blur(1.0), weight)
        with pytest.raises(InputError, match=r"folded|plain filters"):
            zoo.folded(model)
    with pytest.raises(InputError, match="Blur"):
        layers.FoldedDeconvolution(blade(), layers.Identity())
    with pytest.raises(InputError, match="must be positive"):
        layers.FoldedDeconvolution(blade(), layers.Blur(1.0), weight=0)


def psnr(a, b):
    return -10 * np.log10(np.mean((np.clip(a, 0, 1) - b) ** 2))


def test_deblurring_gains_what_the_table_says(photograph, rng):
    clean = data.camera()[:256, 64:320].astype("float32") / 255
    noise = 5 / 255 * rng.standard_normal(clean.shape).astype("float32")
    blurred = np.asarray(layers.Blur(1.0).apply(as_batch(clean)))[0, ..., 0] + noise
    assert psnr(zoo.deblur(blurred), clean) > psnr(blurred, clean) + 1.0
    restored = zoo.deblur(blurred, model="perona_malik.gauss15")
    assert psnr(restored, clean) > psnr(blurred, clean) + 1.0


@pytest.mark.parametrize("factor", [2, 3])
def test_upscaling_is_better_than_interpolation_and_true_to_the_picture(factor):
    clean = data.camera()[:192, 96:288].astype("float32") / 255
    observation = layers.Downscale(factor)
    small = np.asarray(observation.apply(as_batch(clean)))
    large = zoo.upscale(small[0, ..., 0], factor)
    start = np.asarray(observation.start(small))[0, ..., 0]
    assert psnr(large, clean) > psnr(start, clean) + 0.1
    np.testing.assert_allclose(observation.apply(as_batch(large)), small, atol=0.02)
    # Evolutions are projected, so that it is exact.
    large = zoo.upscale(small[0, ..., 0], factor, "eed.default")
    np.testing.assert_allclose(observation.apply(as_batch(large)), small, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((24, 32), "float32"),
        ((24, 32, 3), "uint16"),
        ((24, 32, 4), "uint8"),
        ((2, 24, 32, 1), "uint8"),
    ],
)
def test_types_and_shapes_of_pictures(shape, dtype, rng):
    picture = rng.random(shape)
    if dtype.startswith("uint"):
        picture = np.rint(picture * np.iinfo(dtype).max)
    picture = picture.astype(dtype)
    sharp = zoo.deblur(picture, 1.0, "eed.default", steps=2)
    assert (sharp.shape, sharp.dtype) == (picture.shape, picture.dtype)
    large = zoo.upscale(picture, 2, model="eed.default", steps=2)
    axis = 1 if len(shape) == 4 else 0
    expected = (*shape[:axis], 48, 64, *shape[axis + 2 :])
    assert (large.shape, large.dtype) == (expected, picture.dtype)
    if shape[-1] == 4:
        np.testing.assert_array_equal(sharp[..., 3], picture[..., 3])
        small = layers.Downscale(2).apply(large[None, ..., 3:].astype("float32"))
        assert np.abs(np.asarray(small)[0, ..., 0] - picture[..., 3]).mean() < 20


def test_kernels_are_brought_to_a_sum_of_one_and_odd_sides(photograph):
    kernel = np.full((3, 3), 255)
    with pytest.warns(UserWarning, match="its sum, 2295"):
        found = zoo.deblur(photograph, kernel, "eed.default", steps=2)
    expected = zoo.deblur(photograph, kernel / 2295, "eed.default", steps=2)
    np.testing.assert_array_equal(found, expected)
    with pytest.warns(UserWarning, match="half a pixel"):
        even = zoo.deblur(photograph, np.full((2, 2), 0.25), "eed.default", steps=2)
    padded = np.pad(np.full((2, 2), 0.25), (0, 1))
    np.testing.assert_array_equal(even, zoo.deblur(photograph, padded, "eed.default", steps=2))


def test_inpainting_keeps_known_pixels(rng):
    picture = data.astronaut()[:48, 200:264]
    known = rng.random(picture.shape[:2]) < 0.3
    for options in ({"steps": 5}, {"model": "eed.default", "steps": 5}):
        filled = zoo.inpaint(picture, known, **options)
        np.testing.assert_array_equal(filled[known], picture[known])
        assert (filled != picture).any()
    expected = zoo.restore(picture, "inpainting.homogeneous", mask=known)
    found = zoo.inpaint(picture, known, model="inpainting.homogeneous")
    np.testing.assert_array_equal(found, expected)


def test_colours_are_seen_together_where_weights_allow(rng):
    picture = rng.random((24, 24, 3)).astype("float32")
    together = zoo.deblur(picture, 1.0, "blade.ced", steps=2)
    model = zoo.regularised("blade.ced", layers.Blur(1.0), steps=2, channels=3)
    np.testing.assert_allclose(together, np.asarray(model(picture[None]))[0], atol=1e-6)
    one_by_one = zoo.deblur(picture, 1.0, "foe_s.gauss15", steps=2)
    grey = zoo.deblur(picture[..., 1], 1.0, "foe_s.gauss15", steps=2)
    np.testing.assert_allclose(one_by_one[..., 1], grey, atol=1e-6)


def test_an_operator_of_ones_own(photograph):
    def rotate(u):
        return ops.flip(u, axis=(1, 2))

    own = layers.CustomObservation(rotate, rotate)
    solved = zoo.solve(photograph, own, "eed.default", weight=2.0, steps=3)
    expected = zoo.solve(photograph[::-1, ::-1], layers.Identity(), "eed.default", weight=2.0, steps=3)
    np.testing.assert_allclose(solved, expected, atol=1e-5)
    wrong = layers.CustomObservation(rotate, lambda f: f)
    with pytest.raises(InputError, match="not the adjoint"):
        zoo.solve(photograph, wrong, "eed.default")


def test_a_solver_by_name_is_made_once(photograph):
    zoo.deblur(photograph, KERNEL, "eed.default", steps=2)
    before = evolution_solver.evolution_solver.cache_info()
    zoo.deblur(photograph[::-1], KERNEL.copy(), "eed.default", steps=2)
    after = evolution_solver.evolution_solver.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)


def test_the_forms_of_the_first_version_still_work(photograph):
    known = photograph > 0.2
    options = {"regulariser": "eed.default", "steps": 2}
    with pytest.warns(DeprecationWarning, match=r"deblur\(image, kernel, model\)"):
        found = zoo.deblur(photograph, **options)
    np.testing.assert_array_equal(found, zoo.deblur(photograph, model="eed.default", steps=2))
    with pytest.warns(DeprecationWarning, match=r"upscale\(image, factor, model, blur"):
        found = zoo.upscale(photograph, 2, 0.5, **options)
    expected = zoo.upscale(photograph, 2, "eed.default", blur=0.5, steps=2)
    np.testing.assert_array_equal(found, expected)
    with pytest.warns(DeprecationWarning, match=r"inpaint\(image, mask, model\)"):
        found = zoo.inpaint(picture=photograph, mask=known, **options)
    np.testing.assert_array_equal(found, zoo.inpaint(photograph, known, "eed.default", steps=2))
    with pytest.warns(DeprecationWarning, match=r"solve\(image, operator, model"):
        found = zoo.solve(photograph, layers.Mask(), "eed.default", None, 2, None, known)
    expected = zoo.solve(photograph, layers.Mask(), "eed.default", weight=None, steps=2, mask=known)
    np.testing.assert_array_equal(found, expected)
    with pytest.warns(DeprecationWarning, match=r"solve\(image, operator, model"):
        zoo.solve(picture=photograph, observation=layers.Blur(1.0), **options)


def test_large_pictures_are_computed_in_windows():
    model = zoo.regularised("blade.ced", layers.Blur(1.0), steps=3)
    assert model.get_layer("reconstruction").traits.reach == 3 * 8
    assert zoo.load("reconstruction.upscale2").get_layer("reconstruction").traits.reach is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: zoo.deblur(p, weight=100.0), "at most .* for a stable"),
        (
            lambda p: zoo.deblur(p, model="blade.ced", weight=5.0),
            "at most 4 for a stable",
        ),
        (lambda p: zoo.deblur(p, weight=-1.0), "must be positive"),
        (lambda p: zoo.deblur(p, np.full((3, 3), np.nan)), "positive sum"),
        (lambda p: zoo.deblur(p, np.zeros((3, 3))), "positive sum"),
        (lambda p: zoo.deblur(p, model="diffnet.pm_inverse"), "must be a denoiser or an evolution"),
        (lambda p: zoo.deblur(p, model="eed"), "eed.default"),
        (lambda p: zoo.deblur(p, model="foe_s.gauss15", time_step=0.1), "is learned"),
        (lambda p: zoo.deblur(p, model=zoo.load("eed.default"), time_step=0.1), "name of"),
        (lambda p: zoo.deblur(p, steps=0), "steps"),
        (lambda p: zoo.deblur(p[:6]), "8×8"),
        (lambda p: zoo.upscale(p, 1), "factor"),
        (lambda p: zoo.upscale(p, 2.5, blur=0.5), "factor"),
        (lambda p: zoo.inpaint(p, np.zeros(p.shape)), "true somewhere"),
        (lambda p: zoo.inpaint(p, p > 2, model="inpainting.eed", steps=3), "no other options"),
        (lambda p: layers.Reconstruction(step_of("eed.default"), "blur"), "Observation"),
        (
            lambda p: layers.Reconstruction(layers.FilteringStep(2), layers.Identity()),
            "duration",
        ),
    ],
)
def test_what_cannot_be_solved_is_refused(call, message, photograph):
    with pytest.raises(InputError, match=message):
        call(photograph)
