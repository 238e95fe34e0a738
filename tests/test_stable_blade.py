"""What is proven about `StableBlade`: for any image, any weights and any selection."""

import itertools

import keras
import numpy as np
import pytest
from checks.blade_reference import stable_blade
from imagepde import layers, pde, zoo
from skimage import data

SYMMETRIES = {
    "mirrored": lambda u: u[:, :, ::-1],
    "upside down": lambda u: u[:, ::-1],
    "transposed": lambda u: u.transpose(0, 2, 1, 3),
    "turned by 90°": lambda u: np.rot90(u, axes=(1, 2)),
    "turned by 180°": lambda u: u[:, ::-1, ::-1],
}


def dot(radius=5.0, size=21):
    """A picture with every symmetry of the square, with many ties of orientations and of features."""
    y, x = np.indices((size, size)) - size // 2
    return (x * x + y * y < radius**2).astype("float32")[None, ..., None]


def hostile(rng, shape):
    """Images that try a bound: checkerboards, impulses, saturated ones, huge and tiny ones."""
    y, x = np.indices(shape)
    yield (-1.0) ** (x + y)
    yield (-1.0) ** x
    yield (x == shape[1] // 2) * (y == 0) * 1.0
    yield rng.choice([0.0, 1.0], shape)
    yield 1e6 * rng.standard_normal(shape)
    yield 1e-6 * rng.standard_normal(shape)


@pytest.mark.parametrize("shape", [(16, 16), (15, 17), (9, 23)])
def test_no_norm_grows_whatever_weights_images_and_selections_are(shape, rng):
    """The selection is drawn too: the proof does not ask where it comes from."""
    rate = stable_blade()
    worst = 0.0
    for _ in range(40):
        for weight in rate.trainable_weights:
            weight.assign(rng.standard_normal(weight.shape) * 10 ** rng.uniform(-1, 1.5))
        bank, table = rate.bank(), rate.table()
        images = [rng.standard_normal(shape), *hostile(rng, shape)]
        u = np.stack(images).astype("float32")[..., None]
        index = rng.integers(0, len(table), u.shape)
        after = u - np.asarray(pde.gained_filtering(u, bank, table, index))
        norms = [np.linalg.norm(x.astype(float), axis=(1, 2))[:, 0] for x in (u, after)]
        worst = max(worst, (norms[1] / norms[0]).max())
        means = [x.mean((1, 2, 3), dtype=float) for x in (u, after)]
        assert np.abs(means[0] - means[1]).max() <= 1e-6 * np.abs(u).max()
    assert worst <= 1 + 1e-6


@pytest.mark.every_model
def test_a_hundred_thousand_tables_images_and_selections(rng):
    """Each image has gains of its own, most of them 0 or 1; 250 banks; all sizes from 5 to 20 px."""
    rate, worst, buckets, each = stable_blade(), 0.0, 7, 400
    for draw in range(250):
        rate.kernel.assign(rng.standard_normal(rate.kernel.shape) * 10 ** rng.uniform(-2, 2))
        gains = rng.uniform(-1, 2, (each * buckets, rate.kernels)).clip(0, 1).astype("float32")
        shape = (each, *rng.integers(5, 21, 2), 1)
        u = np.sign(rng.standard_normal(shape)) if draw % 2 else rng.standard_normal(shape)
        u = u.astype("float32") * np.float32(10 ** rng.uniform(-6, 6))
        own = buckets * np.arange(each)[:, None, None, None]
        index = own + rng.integers(0, buckets, shape)
        after = u - np.asarray(pde.gained_filtering(u, rate.bank(), gains, index))
        norms = [np.linalg.norm(x.astype(float).reshape(each, -1), axis=1) for x in (u, after)]
        worst = max(worst, (norms[1] / norms[0]).max())
        means = [x.mean((1, 2, 3), dtype=float) for x in (u, after)]
        assert np.abs(means[0] - means[1]).max() <= 1e-6 * np.abs(u).max()
    assert worst <= 1 + 1e-6


def test_the_bound_is_nearly_reached(rng):
    """With all gains at one the step takes some image to its negative: ‖K‖² is 2, not much less."""
    rate = stable_blade()
    rate.gains.assign(np.ones(rate.gains.shape))
    u = rng.standard_normal((1, 24, 24, 1)).astype("float32")
    for _ in range(100):
        change = np.asarray(pde.gained_filtering(u, rate.bank(), rate.table(), np.zeros(u.shape, int)))
        largest, u = np.linalg.norm(change) / np.linalg.norm(u), change / np.linalg.norm(change)
    assert 1.8 < largest <= 2.0


@pytest.mark.parametrize("symmetry", SYMMETRIES)
@pytest.mark.parametrize("image", ["dot", "photograph"])
def test_a_turned_image_has_the_turned_result(symmetry, image):
    """Ties of the selection included: of a dot, pixel by pixel, over ten steps.

    In a large photograph rounding puts a feature on the other side of a threshold somewhere.
    """
    u = dot() if image == "dot" else data.camera()[60:101, 180:221][None, ..., None] / np.float32(255)
    rate = stable_blade()
    transform = SYMMETRIES[symmetry]
    turned = np.ascontiguousarray(transform(u))
    for _ in range(10):
        u, turned = (x + 0.2 * np.asarray(rate(x)) for x in (u, turned))
        np.testing.assert_allclose(turned, transform(u), atol=2e-6)


def test_the_selection_of_a_turned_image_is_exact(rng):
    """Bins −k, n/2 − k, and that for no direction, bit by bit."""
    u = (rng.integers(0, 4, (1, 33, 33, 1)) / 4).astype("float32")
    n = 8
    for image in (u, dot()):
        structure = pde.structure_at(image, 0.7, exact=True)
        bins = np.asarray(pde.centred_orientation_index(structure, n))
        for name, moved in (
            ("mirrored", np.where(bins == n, n, -bins % n)),
            ("transposed", np.where(bins == n, n, (n // 2 - bins) % n)),
            ("turned by 180°", bins),
        ):
            turned = np.ascontiguousarray(SYMMETRIES[name](image))
            found = pde.centred_orientation_index(pde.structure_at(turned, 0.7, exact=True), n)
            np.testing.assert_array_equal(found, SYMMETRIES[name](moved), err_msg=name)


def test_gradients_are_those_of_differences(rng):
    """In the image, where the selection stays, and in gains and kernels."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("uses a gradient tape")
    import tensorflow as tf

    rate = stable_blade()
    u = rng.random((2, 12, 13, 1)).astype("float32")
    upstream = rng.standard_normal(u.shape).astype("float32")
    index = rate.select(u)

    def value(u, bank, table):
        return tf.reduce_sum(pde.gained_filtering(u, bank, table, index) * upstream)

    given = [tf.constant(x) for x in (u, np.asarray(rate.bank()), np.asarray(rate.table()))]
    with tf.GradientTape() as tape:
        tape.watch(given)
        total = value(*given)
    for k, gradient in enumerate(tape.gradient(total, given)):
        direction = rng.standard_normal(given[k].shape).astype("float32")
        step = 1e-2 / np.abs(direction).max()
        ends = [value(*given[:k], given[k] + s * step * direction, *given[k + 1 :]) for s in (1, -1)]
        slope = float(ends[0] - ends[1]) / (2 * step)
        assert float(tf.reduce_sum(gradient * direction)) == pytest.approx(slope, rel=2e-2, abs=2e-2)


def test_what_is_promised_depends_on_the_step(rng):
    rate = stable_blade()
    for time_step, scheme, promised in (
        (0.2, "euler", True),
        (0.1, "euler", True),
        (0.3, "euler", False),
        (0.2, "midpoint", False),
    ):
        step = layers.TimeStep(rate, time_step, scheme)
        assert ("norm" in step.traits.promises) is promised
        assert "mean" in step.traits.promises


def test_the_certificate_of_a_model():
    model = zoo.create("blade_stable", orientations=8, strengths=4)
    promises = zoo.certificate(model).promises
    assert set(promises) == {"mean", "norm"}
    assert "‖K‖² ≤ 2" in promises["norm"][0]


def test_bad_arguments_are_refused():
    centred = layers.FilterSelection(8, centred=True)
    for options, message in (
        ({"kernels": 12}, "multiple of 8"),
        ({"longest_step": 0}, "positive"),
        ({"selection": layers.FilterSelection(8)}, "centred"),
    ):
        with pytest.raises(ValueError, match=message):
            layers.StableBlade(**{"selection": centred, **options})
    with pytest.raises(ValueError, match="multiple of 4"):
        layers.FilterSelection(6, centred=True)


@pytest.mark.parametrize("name", zoo.list_models("blade_stable.*"))
def test_a_thousand_steps_enlarge_nothing(name):
    """The norm never grows, the mean stays; nor does an inverse problem blow up."""
    u = data.camera()[60:91, 180:212][None, ..., None] / np.float32(255)
    norms = [np.linalg.norm(u)]
    after = u
    model = zoo.load(name, steps=100)
    for _ in range(10):
        after = np.asarray(model.predict_on_batch(after))
        norms.append(np.linalg.norm(after))
    assert all(b <= a * (1 + 1e-6) for a, b in itertools.pairwise(norms))
    assert after.mean(dtype=float) == pytest.approx(u.mean(dtype=float), abs=1e-5)


def test_an_inverse_problem_with_half_steps_does_not_blow_up():
    """η‖A‖² ≤ 1 and τ ≤ τ₀/2: ‖u⁺‖ ≤ ‖u‖ + η‖Aᵀf‖, here over a thousand steps."""
    f = data.camera()[60:92, 180:212] / np.float32(255)
    blur, half = layers.Blur(1.0), zoo.card("blade_stable.tv_flow").config["longest_step"] / 2
    weight = 1 / (half * blur.squared_norm)
    u = zoo.solve(
        f, blur, "blade_stable.tv_flow", weight=weight, time_step=half, steps=1000, value_range=(0, 1)
    )
    assert np.linalg.norm(u) < 1.2 * np.linalg.norm(f)
