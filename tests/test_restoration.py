"""`restore` on what users have: types, shapes, large pictures, and input that cannot be used."""

import keras
import numpy as np
import pytest
from checks.models import fitting, smaller
from imagepde import layers, zoo
from imagepde.errors import InputError
from imagepde.images import tiling
from imagepde.zoo import restoration
from imagepde.zoo.method import method_of
from imagepde.zoo.planes import windows_for
from skimage import data


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return zoo.create("foe_s", experts=4, steps=3)


@pytest.fixture(scope="module")
def identity():
    image = keras.Input((None, None, 1))
    return keras.Model(image, keras.layers.Rescaling(1.0)(image))


@pytest.mark.parametrize("shape", [(16, 12), (16, 12, 1), (16, 12, 3), (16, 12, 4), (2, 16, 12, 3)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32", "float64"])
def test_shape_and_type_are_kept(model, identity, rng, shape, dtype):
    picture = rng.random(shape)
    if dtype.startswith("uint"):
        picture = np.rint(picture * np.iinfo(dtype).max)
    picture = picture.astype(dtype)
    restored = zoo.restore(picture, model)
    assert restored.shape == shape
    assert restored.dtype == dtype
    assert not np.array_equal(restored, picture)
    # float32 in between holds 16 bits, not 64.
    np.testing.assert_allclose(zoo.restore(picture, identity), picture, rtol=1e-6)


def test_colours_are_restored_one_by_one_and_alpha_is_kept(model, rng):
    picture = rng.integers(0, 256, (16, 12, 4)).astype("uint8")
    restored = zoo.restore(picture, model)
    np.testing.assert_array_equal(restored[..., 3], picture[..., 3])
    for channel in range(3):
        np.testing.assert_array_equal(restored[..., channel], zoo.restore(picture[..., channel], model))


def test_a_colour_model_takes_rgb_and_nothing_else(rng):
    model = zoo.create("foe_s", experts=4, steps=2, channels=3)
    assert zoo.restore(rng.random((9, 9, 3)), model).shape == (9, 9, 3)
    with pytest.raises(InputError, match="3 colours"):
        zoo.restore(rng.random((9, 9)), model)


def test_the_input_is_not_changed(model, rng):
    picture = rng.random((16, 12))
    copy = picture.copy()
    zoo.restore(picture, model)
    np.testing.assert_array_equal(picture, copy)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((1, 1)), "8×8"),
        (np.zeros((3, 2)), "8×8"),
        (np.zeros((0, 9)), "8×8"),
        (np.full((9, 9), np.nan), "NaN"),
        (np.full((9, 9), np.inf), "infinity"),
        (np.zeros(81), "height, width"),
        (np.zeros((1, 1, 9, 9, 1)), "height, width"),
        (np.zeros((9, 9, 5)), "1, 3 or 4 channels"),
        (np.zeros((9, 9), complex), "real numbers"),
    ],
)
def test_what_is_no_picture_is_refused(model, picture, message):
    with pytest.raises(InputError, match=message):
        zoo.restore(picture, model)


def test_a_model_by_name_is_loaded_once(rng):
    picture = rng.random((16, 12))
    by_name = zoo.restore(picture, "foe_s.gauss25")
    np.testing.assert_array_equal(by_name, zoo.restore(picture, zoo.load("foe_s.gauss25")))
    assert restoration.loaded("foe_s.gauss25") is restoration.loaded("foe_s.gauss25")
    with pytest.raises(InputError, match=r"foe_s\.gauss25"):
        zoo.restore(picture, "foe_s.gauss52")


def test_without_a_model_the_noise_of_each_picture_is_removed(noisy_photograph):
    other = data.camera()[:96, :96].astype("float32") / 255
    together = zoo.restore(np.stack([noisy_photograph, other])[..., None])
    for picture, restored in zip((noisy_photograph, other), together[..., 0], strict=True):
        name, _ = zoo.choose_model(picture)
        np.testing.assert_array_equal(restored, zoo.restore(picture, name))
    assert zoo.choose_model(noisy_photograph)[1] > 4 * zoo.choose_model(other)[1]
    known = other > 0.1
    filled = zoo.restore(other[:32, :32], mask=known[:32, :32])
    np.testing.assert_array_equal(filled, zoo.inpaint(other[:32, :32], known[:32, :32]))


def test_the_order_of_the_first_version_still_works(model, rng):
    picture, known = rng.random((20, 16)), rng.random((20, 16)) < 0.5
    with pytest.warns(DeprecationWarning, match=r"use `restore\(image, model, mask=mask\)`"):
        found = zoo.restore(model, picture)
    np.testing.assert_array_equal(found, zoo.restore(picture, model))
    inpainting = zoo.load("inpainting.homogeneous")
    with pytest.warns(DeprecationWarning, match="next version"):
        found = zoo.restore(inpainting, picture, known)
    np.testing.assert_array_equal(found, zoo.restore(picture, inpainting, mask=known))
    np.testing.assert_array_equal(zoo.restore(model=model, image=picture), zoo.restore(picture, model))
    with pytest.raises(InputError, match="image comes first"):
        zoo.restore("foe_s.gauss25", picture)


def test_what_stands_for_a_blind_model_is_given_the_whole_image():
    from imagepde.zoo.method import method_of
    from skimage import data

    picture, model = data.astronaut()[:70, :96], zoo.load("trd.blind")
    file = method_of(model).applied_by(model.predict_on_batch)
    np.testing.assert_array_equal(zoo.restore(picture, file), zoo.restore(picture, model))


def test_a_plain_function_is_applied_by_its_traits(model, rng, monkeypatch):
    picture = rng.random((80, 72, 3)).astype("float32")
    seen = []

    def function(images):
        seen.append(images.shape)
        return model.predict_on_batch(images)

    monkeypatch.setattr(tiling, "SIDES", (48,))
    found = zoo.restore(picture, function, traits=zoo.traits(model), channels=1)
    np.testing.assert_allclose(found, zoo.restore(picture, model), atol=1e-6)
    assert set(seen) == {(3, 48, 48, 1)}
    traits = layers.Traits(reach=0, takes="mask")
    known = np.ones(picture.shape[:2])
    filled = zoo.restore(picture, lambda x: 1 - x[..., :3], traits=traits, mask=known)
    np.testing.assert_array_equal(filled, picture)
    with pytest.raises(InputError, match="a function with its `traits`"):
        zoo.restore(picture, function)
    with pytest.raises(InputError, match="has its own"):
        zoo.restore(picture, model, traits=traits)


@pytest.mark.parametrize("shape", [(130, 150), (64, 201), (200, 64)])
def test_windows_give_the_same_result_as_one_piece(model, rng, shape):
    image = rng.random((1, *shape, 1)).astype("float32")
    halo = zoo.traits(model).reach
    assert halo == 9
    sizes = set()

    def apply(piece):
        sizes.add(piece.shape)
        return np.asarray(model(piece))

    tiled = tiling.apply_tiled(apply, image, halo, sides=(64,))
    np.testing.assert_allclose(tiled, np.asarray(model(image)), atol=1e-6)
    assert sizes == {(1, 64, 64, 1)}


def test_windows_are_as_exact_as_the_whole_for_every_kind_of_layer(covering_name, rng):
    """An image of a size of its own is continued by its mirror image, where the layers allow that."""
    model = smaller(covering_name)
    traits = zoo.traits(model)
    if traits.takes != "picture" or traits.gives != "picture" or traits.magnification > 1:
        pytest.skip("has another function")
    for shape in ((1, 50, 71, 1), (1, 97, 130, 1)):
        u = rng.random(fitting(model, shape)).astype("float32")
        whole = np.asarray(model(u))[0]
        found = zoo.restore(u[0], model, value_range=(0, 1))
        np.testing.assert_allclose(found, whole, atol=2e-6)


@pytest.mark.parametrize("name", ["trd_small.gauss25", "trd.gauss25", "trd_certified.gauss25"])
def test_odd_sides_are_as_exact(name, rng):
    """Models of Haar transforms extend what has odd sides."""
    model = zoo.load(name)
    for shape in ((121, 84), (84, 121), (90, 70)):
        u = rng.random(shape).astype("float32")
        whole = np.asarray(model(u[None, ..., None]))[0, ..., 0]
        np.testing.assert_allclose(zoo.restore(u, model), whole, atol=2e-6)


def test_few_programs_serve_pictures_of_many_sizes(rng):
    model, shapes = zoo.create("perona_malik", steps=3), set()

    def function(images):
        shapes.add(images.shape[1:3])
        return model.predict_on_batch(images)

    for height, width in rng.integers(8, 300, (60, 2)):
        picture = np.zeros((height, width), "float32")
        zoo.restore(picture, function, traits=zoo.traits(model), channels=1)
    assert len(shapes) <= 2 * len(tiling.SIDES)


def test_a_model_of_unknown_reach_is_computed_in_one_piece():
    image = keras.Input((None, None, 1))
    pooled = keras.layers.GlobalAveragePooling2D(keepdims=True)(image)
    model = keras.Model(image, image + 0 * pooled)
    assert zoo.traits(model).reach is None
    evolution = layers.Evolution(layers.PeronaMalikStep(layers.ClassicalDiffusivity()), 10)
    assert zoo.traits(keras.Model(image, evolution(image))).reach == 20


def test_a_model_for_one_size_says_so(rng):
    model = zoo.create("linear_diffusion", height=16, width=12, blocks=1)
    assert zoo.restore(rng.random((16, 12, 3)), model).shape == (16, 12, 3)
    with pytest.raises(InputError, match="16×12 pixels only"):
        zoo.restore(rng.random((12, 16)), model)


def test_progress_sums_up_to_one(rng):
    for shape, axes in (((1100, 70), "yx"), ((3, 40, 50), "zyx"), ((40, 50, 4), "yxs")):
        shares = []
        zoo.restore(
            rng.random(shape, dtype=np.float32),
            "perona_malik.gauss25",
            axes=axes,
            value_range=(0, 1),
            progress=shares.append,
        )
        assert sum(shares) == pytest.approx(1)
        assert len(shares) > 1 or axes == "yxs"


@pytest.mark.parametrize("shape", [(131, 96), (96, 131), (67, 71), (301, 257)])
def test_odd_sides_are_computed_in_windows_of_usual_sizes(shape, rng):
    """The model repeats the last row or column of an odd side, and the windows do so too."""
    model = zoo.load("trd_small.gauss25")
    method = method_of(model)
    image = rng.random((1, *shape, 1)).astype("float32")
    windows = windows_for(method, shape, False)
    assert all(side in tiling.SIDES for window in windows for side in window.side)
    result = np.empty((*shape, 1), np.float32)
    for window in windows:
        window.write(result, method.apply(window.read(image[0])[None])[0])
    np.testing.assert_allclose(result, method.apply(image)[0], atol=1e-6)


def test_windows_of_a_large_picture_overlap_little():
    windows = tiling.windows_of(3000, 4000, halo=35, multiple=2, mirrors=True)
    assert sum(height * width for height, width in (w.side for w in windows)) < 1.15 * 3000 * 4000
    # One program is enough.
    assert len({window.side for window in windows}) == 1


@pytest.mark.parametrize("shape", [(1030, 1500), (600, 1100), (1100, 40)])
def test_fine_windows_give_what_the_whole_gives(shape, rng):
    image = rng.random((1, *shape, 1), dtype="float32")

    def smooth(u, reach=3):
        wide = np.pad(u, [(0, 0), (reach, reach), (reach, reach), (0, 0)], mode="symmetric")
        rows = sum(wide[:, k : k + u.shape[1]] for k in range(2 * reach + 1))
        return sum(rows[:, :, k : k + u.shape[2]] for k in range(2 * reach + 1))

    for mirrors in (False, True):
        np.testing.assert_array_equal(
            tiling.apply_tiled(smooth, image, halo=3, multiple=2, mirrors=mirrors), smooth(image)
        )
