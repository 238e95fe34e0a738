"""DiffNet, linear diffusion and the U-Net of the paper: sizes, shapes, any size of image."""

import numpy as np
import pytest
from imagepde import zoo
from imagepde.zoo import tiling


def test_parameters_are_the_papers():
    assert zoo.create("diffnet", blocks=5, layers=4).count_params() == 101_310
    # One estimator of five layers (section 4.3.1), beside its time step.
    assert zoo.create("diffnet", blocks=1, layers=5).count_params() == 29_509 + 1
    assert zoo.create("unet").count_params() == 34_512_705


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("diffnet", {"blocks": 2}),
        ("diffnet", {"blocks": 2, "channels": 3}),
        ("diffnet", {"blocks": 2, "channels": 3, "shared": False}),
        ("unet", {"width": 4, "levels": 3}),
        ("unet", {"width": 4, "levels": 3, "channels": 3}),
    ],
)
def test_any_size_grey_or_colour_and_nothing_below_zero(name, options, rng):
    model = zoo.create(name, **options)
    for height, width in ((16, 16), (23, 42)):
        u = rng.random((2, height, width, options.get("channels", 1))).astype("float32")
        after = np.asarray(model(u))
        assert after.shape == u.shape
        assert after.min() >= 0
    picture = rng.random((20, 31, 3)).astype("float32")
    assert zoo.restore(model, picture).shape == picture.shape


@pytest.mark.parametrize("name", ["diffnet", "unet"])
def test_windows_give_the_result_of_one_piece(name, rng):
    options = {"diffnet": {"blocks": 2}, "unet": {"width": 2, "levels": 3, "convolutions": 1}}[name]
    model = zoo.create(name, **options)
    u = rng.random((1, 140, 131, 1)).astype("float32")
    halo, multiple = tiling.reach(model), tiling.alignment(model)

    def apply(window):
        return np.asarray(model(window))

    tiled = tiling.apply_tiled(apply, u, halo, 4 * halo + 8, multiple)
    np.testing.assert_allclose(tiled, apply(u), atol=1e-6)


def test_linear_diffusion_keeps_the_mean_and_its_size(rng):
    model = zoo.create("linear_diffusion", height=12, width=9, blocks=2)
    u = rng.random((2, 12, 9, 1)).astype("float32")
    after = np.asarray(model(u))
    np.testing.assert_allclose(after.mean((1, 2, 3)), u.mean((1, 2, 3)), atol=1e-6)
    assert model.count_params() == 2 * (11 * 9 + 12 * 8 + 1)
