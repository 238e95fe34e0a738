"""Resampling at displaced positions: interpolation, BLADE, displacement fields."""

import numpy as np
import pytest
from imagepde import layers, pde, tasks, zoo
from imagepde.errors import InputError
from imagepde.images.displacement import find_flow, read_flow
from imagepde.tasks.displacements import Scene, composed
from scipy import ndimage
from skimage import data

KERNELS = {
    "bicubic": (
        2,
        lambda x: np.where(
            x < 1, 1.5 * x**3 - 2.5 * x**2 + 1, np.where(x < 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0)
        ),
    ),
    "lanczos": (3, lambda x: np.where(x < 3, np.sinc(x) * np.sinc(x / 3), 0)),
}


@pytest.fixture
def picture():
    return data.camera()[60:124, 200:272].astype("float32") / 255


def as_batch(array):
    return np.asarray(array, "float32")[None]


def interpolated(u, displacement, method):
    """The same with plain loops over the taps."""
    radius, kernel = KERNELS[method]
    height, width = u.shape
    rows, columns = np.indices(u.shape)
    y = np.clip(rows + displacement[..., 1], 0, height - 1)
    x = np.clip(columns + displacement[..., 0], 0, width - 1)
    total = weights = 0.0
    for i in range(1 - radius, radius + 1):
        for j in range(1 - radius, radius + 1):
            k, m = np.floor(y) + i, np.floor(x) + j
            w = kernel(np.abs(y - k)) * kernel(np.abs(x - m))
            k, m = np.clip(k, 0, height - 1).astype(int), np.clip(m, 0, width - 1).astype(int)
            total, weights = total + w * u[k, m], weights + w
    return total / weights


@pytest.mark.parametrize("method", KERNELS)
def test_interpolation(method, picture, rng):
    displacement = rng.uniform(-4, 4, (*picture.shape, 2))
    found = zoo.warp(picture, displacement, method)
    np.testing.assert_allclose(found, interpolated(picture, displacement, method), atol=1e-5)


@pytest.mark.parametrize("method", [*KERNELS, "blade_resample.default"])
def test_whole_pixels_are_moved_exactly(method, picture):
    moved = zoo.warp(picture, (3, -2), method)
    np.testing.assert_allclose(moved[2:, :-3], picture[:-2, 3:], atol=1e-6)
    # Beyond the border pixels there are only they.
    np.testing.assert_allclose(moved[2:, -3:], np.repeat(picture[:-2, -1:], 3, 1), atol=1e-6)
    np.testing.assert_allclose(moved[:2, :-3], np.repeat(picture[:1, 3:], 2, 0), atol=1e-6)
    np.testing.assert_allclose(zoo.warp(picture, (0, 0), method), picture, atol=1e-7)
    far = zoo.warp(picture, (1e6, -1e6), method)
    np.testing.assert_allclose(far, picture[0, -1], atol=1e-6)


@pytest.mark.parametrize("method", [*KERNELS, "blade_resample.default"])
def test_flat_pictures_stay_flat(method, rng):
    flat = np.full((20, 24, 3), 0.3, "float32")
    displacement = rng.uniform(-3, 3, (20, 24, 2))
    np.testing.assert_allclose(zoo.warp(flat, displacement, method), flat, atol=1e-6)


@pytest.mark.parametrize(("factor", "phase"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 4)])
@pytest.mark.parametrize("method", KERNELS)
def test_upsampling_is_interpolation_at_the_finer_grid(factor, phase, method, picture):
    finer = np.asarray(pde.upsample(as_batch(picture)[..., None], factor, phase, method))[0, ..., 0]
    assert finer.shape == (factor * picture.shape[0], factor * picture.shape[1])
    np.testing.assert_allclose(finer[phase::factor, phase::factor], picture, atol=1e-6)
    k = (phase + 1) % factor
    shift = (k - phase) / factor
    expected = interpolated(picture, np.full((*picture.shape, 2), shift), method)
    inner = finer[k::factor, k::factor][4:-4, 4:-4]
    np.testing.assert_allclose(inner, expected[4:-4, 4:-4], atol=1e-5)


def test_displacements_are_split_into_whole_pixels_and_a_rest(rng):
    field = rng.uniform(-6, 6, (1, 9, 11, 2)).astype("float32")
    rows, columns, right, down = (np.asarray(part) for part in pde.split_displacement(field))
    assert np.abs(right).max() <= 0.5
    assert np.abs(down).max() <= 0.5
    y, x = np.indices((9, 11))
    np.testing.assert_allclose((rows + down[..., 0])[0], np.clip(y + field[0, ..., 1], 0, 8), atol=1e-5)
    np.testing.assert_allclose(
        (columns + right[..., 0])[0], np.clip(x + field[0, ..., 0], 0, 10), atol=1e-5
    )


def moved_twice(method, smooth):
    """Mean squared error in the inner part, for a photograph that is not in the training."""
    task = tasks.Displacement(times=2, smooth=smooth)
    given, expected = task.pair(data.camera().astype("float32") / 255, 5)
    found = task.solution(method, given)
    return np.mean((found - expected)[12:-12, 12:-12] ** 2)


@pytest.mark.parametrize("smooth", [False, True])
def test_blade_is_better_than_interpolation_twice_in_a_row(smooth):
    errors = {m: moved_twice(m, smooth) for m in [*KERNELS, "blade_resample.default"]}
    assert errors["blade_resample.default"] < 10**-0.1 * errors["bicubic"]
    assert errors["blade_resample.default"] < errors["lanczos"]


def test_what_is_seen_after_the_motion():
    """Where the fine grid is met, it is read; two motions are one."""
    picture = ndimage.gaussian_filter(np.random.default_rng(0).random((96, 128)), 2.0)
    scene = Scene(picture, 0.5, 4)
    blurred = ndimage.gaussian_filter(picture, 2.0, mode="reflect")
    # An eighth further lies a pixel of the fine grid, since coarse ones lie between four of them.
    seen = scene.at(np.full((24, 32, 2), 1.0) * (0.375, -0.125))
    np.testing.assert_allclose(seen[1:-1, 1:-1], blurred[5:-5:4, 7:-1:4][:22, :30], atol=2e-3)
    first, second = np.full((24, 32, 2), 0.3), np.full((24, 32, 2), -0.2)
    np.testing.assert_allclose(second + composed(first, second), 0.1, atol=1e-12)
    task = tasks.Displacement(times=2)
    given, _ = task.pair(picture, 1)
    assert given.shape == (24, 32, 5)
    np.testing.assert_allclose(given[..., 0], scene.at(np.zeros((24, 32, 2))), atol=1e-6)


def test_the_expansion_is_what_the_docstring_says(rng):
    selection = layers.FilterSelection(4, 2, 2)
    layer = layers.BladeResampling(selection, footprint=3, order=3)
    image = rng.random((2, 12, 10, 2)).astype("float32")
    field = rng.uniform(-2, 2, (2, 12, 10, 2)).astype("float32")
    layer.build((None, None, None, 4))
    layer.filters.assign(rng.normal(size=layer.filters.shape))
    found = np.asarray(layer(np.concatenate([image, field], axis=-1)))
    terms = [np.asarray(term) for term in layer.derivatives(image)]
    assert layer.powers == [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]
    y, x = np.clip(4 + field[1, 4, 3, 1], 0, 11), np.clip(3 + field[1, 4, 3, 0], 0, 9)
    row, column = round(float(y)), round(float(x))
    expected = image[1, row, column] + sum(
        (x - column) ** a * (y - row) ** b * term[1, row, column]
        for (a, b), term in zip(layer.powers, terms, strict=True)
    )
    np.testing.assert_allclose(found[1, 4, 3], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((20, 24), "uint16"),
        ((20, 24, 1), "float64"),
        ((20, 24, 3), "uint8"),
        ((20, 24, 4), "uint16"),
    ],
)
def test_types_and_shapes_of_pictures(shape, dtype, rng):
    picture = rng.random(shape)
    if dtype.startswith("uint"):
        picture = np.rint(picture * np.iinfo(dtype).max)
    picture = picture.astype(dtype)
    for method in ("bicubic", "blade_resample.default", zoo.load("blade_resample.default")):
        warped = zoo.warp(picture, (0.4, 0.2), method)
        assert (warped.shape, warped.dtype) == (picture.shape, picture.dtype)
        assert (warped != picture).any()


def test_a_grey_model_resamples_colours_one_by_one(rng):
    picture = rng.random((20, 24, 3)).astype("float32")
    model = zoo.load("blade_resample.default")
    together = zoo.warp(picture, (0.4, 0.2), model)
    for k in range(3):
        alone = zoo.warp(picture[..., k], (0.4, 0.2), model)
        np.testing.assert_allclose(together[..., k], alone, atol=1e-6)


def test_the_forms_of_the_first_version_still_work(picture):
    with pytest.warns(DeprecationWarning, match=r"warp\(image, displacement, model\)"):
        found = zoo.warp(picture=picture, displacement=(1, 2), method="bicubic")
    np.testing.assert_array_equal(found, zoo.warp(picture, (1, 2), "bicubic"))


def test_inside():
    inside = zoo.inside_image((2, -1), (5, 6))
    assert inside.sum() == 4 * 4
    assert not inside[0].any()
    assert zoo.inside_image((0, 0), (5, 6), margin=1).sum() == 3 * 4


def test_flow_files(tmp_path, rng):
    field = rng.normal(size=(3, 4, 2)).astype("<f4")
    field[1, 2] = 1e10
    head = np.array([202021.25], "<f4").tobytes() + np.array([4, 3], "<i4").tobytes()
    (tmp_path / "a.flo").write_bytes(head + field.tobytes())
    found = read_flow(tmp_path / "a.flo")
    assert np.isnan(found[1, 2]).all()
    np.testing.assert_array_equal(found[0], field[0])
    np.save(tmp_path / "a.npy", field)
    np.testing.assert_array_equal(read_flow(tmp_path / "a.npy"), field)
    (tmp_path / "short.flo").write_bytes(head + field.tobytes()[:-1])
    (tmp_path / "empty.flo").write_bytes(b"")
    (tmp_path / "b.npy").write_bytes(b"no array")
    np.save(tmp_path / "flat.npy", field[..., 0])
    for name, message in [
        ("short.flo", "no .flo file"),
        ("empty.flo", "no .flo file"),
        ("b.npy", "no array"),
        ("flat.npy", "height, width, 2"),
        ("missing.flo", "no file"),
    ]:
        with pytest.raises(InputError, match=message):
            read_flow(tmp_path / name)


def test_registration_finds_a_shift(picture):
    moving = zoo.warp(picture, (-1.5, 0.5), "lanczos")
    field = find_flow(moving, picture)
    assert np.median(field[..., 0]) == pytest.approx(1.5, abs=0.1)
    assert np.median(field[..., 1]) == pytest.approx(-0.5, abs=0.1)
    with pytest.raises(InputError, match="same size"):
        find_flow(moving, picture[:-1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: zoo.warp(p, (1, 2, 3)), "height, width, 2"),
        (lambda p: zoo.warp(p, np.zeros((4, 4, 2))), "height, width, 2"),
        (lambda p: zoo.warp(p, (np.nan, 0)), "finite"),
        (lambda p: zoo.warp(p, (0, 0), "nearest"), "no model 'nearest'"),
        (lambda p: zoo.warp(p, (0, 0), zoo.load("eed.default")), "bicubic"),
        (lambda p: zoo.restore(p, "blade_resample.default"), "zoo.warp"),
        (
            lambda p: zoo.restore(np.stack([p] * 3, -1), zoo.load("segmentation.blade", channels=3)),
            "seg",
        ),
        (lambda p: layers.BladeResampling(layers.FilterSelection(), order=4), "order"),
        (lambda p: layers.BladeResampling(layers.FilterSelection(), symmetric=True), "independent"),
        (
            lambda p: layers.BladeResampling(layers.FilterSelection()).build((None, 8, 8, 2)),
            "at least three",
        ),
        (lambda p: tasks.Displacement().pair(p[:32], 0), "64² pixels"),
    ],
)
def test_what_cannot_be_resampled_is_refused(call, message, picture):
    with pytest.raises(InputError, match=message):
        call(picture)
