"""The op of BLADE and its gradient: against plain loops, finite differences and derived gradients."""

import keras
import numpy as np
import pytest
from imagepde import pde
from keras import ops


def blade_reference(images, filters, index):
    """Eq. 2.1 pixel by pixel."""
    _, rows, columns = filters.shape
    margins = ((0, 0), (rows // 2, rows // 2), (columns // 2, columns // 2), (0, 0))
    padded = np.pad(images, margins, mode="edge")
    index = np.broadcast_to(index, images.shape)
    result = np.empty_like(images)
    for b, i, j, c in np.ndindex(*images.shape):
        patch = padded[b, i : i + rows, j : j + columns, c]
        result[b, i, j, c] = (patch * filters[index[b, i, j, c]]).sum()
    return result


def problem(rng, rows, columns, index_channels=1, shape=(2, 6, 7, 3), count=5):
    images = rng.random(shape)
    filters = rng.normal(size=(count, rows, columns))
    index = rng.integers(0, count, (*shape[:3], index_channels)).astype("int32")
    return images, filters, index


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 3), (1, 7)])
@pytest.mark.parametrize("index_channels", [1, 3])
def test_value_is_that_of_the_plain_loops(rows, columns, index_channels, rng):
    images, filters, index = problem(rng, rows, columns, index_channels)
    result = pde.blade_filter(images.astype("float32"), filters.astype("float32"), index)
    np.testing.assert_allclose(result, blade_reference(images, filters, index), atol=1e-5)


def test_a_constant_index_is_a_correlation(rng):
    from scipy.ndimage import correlate

    images, filters, index = problem(rng, 5, 3)
    result = pde.blade_filter(images, filters, 0 * index + 2)
    expected = correlate(images, filters[2][None, ..., None], mode="nearest")
    np.testing.assert_allclose(result, expected, atol=1e-6)


def gradients(function, *points):
    """Gradient of Σ (function · cosines) on TensorFlow."""
    import tensorflow as tf

    points = [tf.constant(point) for point in points]
    with tf.GradientTape() as tape:
        tape.watch(points)
        result = function(*points)
        weights = tf.reshape(tf.cos(tf.range(float(tf.size(result)), dtype=result.dtype)), result.shape)
        value = tf.reduce_sum(result * weights)
    return tape.gradient(value, points), weights


def gathered(images, filters, index):
    """The same op as a user would write it: patches and gathered filters, derived gradients."""
    _, rows, columns = filters.shape
    padded = pde.replicate(images, (rows // 2, columns // 2))
    height, width = images.shape[1:3]
    patches = ops.stack(
        [padded[:, i : i + height, j : j + width] for i in range(rows) for j in range(columns)], -1
    )
    chosen = ops.take(ops.reshape(filters, (-1, rows * columns)), index, axis=0)
    return ops.sum(patches * chosen, axis=-1)


tensorflow_only = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="uses a gradient tape"
)


@tensorflow_only
@pytest.mark.parametrize(("rows", "columns"), [(5, 3), (1, 5)])
@pytest.mark.parametrize("index_channels", [1, 3])
def test_gradient_is_that_of_automatic_differentiation(rows, columns, index_channels, rng):
    images, filters, index = problem(rng, rows, columns, index_channels)
    own, _ = gradients(lambda z, h: pde.blade_filter(z, h, index), images, filters)
    derived, _ = gradients(lambda z, h: gathered(z, h, index), images, filters)
    np.testing.assert_allclose(own[0], derived[0], rtol=1e-10)
    # The sums a bucket are made in float32 on TensorFlow.
    np.testing.assert_allclose(own[1], derived[1], atol=2e-5)


@tensorflow_only
def test_gradient_is_that_of_finite_differences(rng):
    images, filters, index = problem(rng, 3, 1, shape=(1, 5, 4, 1))
    (by_image, by_filters), weights = gradients(
        lambda z, h: pde.blade_filter(z, h, index), images, filters
    )
    for which, found, limit in ((0, by_image, 1e-8), (1, by_filters, 2e-5)):
        for place in np.ndindex(*found.shape):
            ends = []
            for sign in (1, -1):
                points = [images.copy(), filters.copy()]
                points[which][place] += sign * 1e-5
                ends.append((blade_reference(*points, index) * weights.numpy()).sum())
            assert float(found[place]) == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=limit)


@tensorflow_only
def test_gradient_passes_through_a_selection_as_if_it_were_fixed(rng):
    """Eq. 2.9: the index has no gradient, whatever it was computed from."""
    images, filters, _ = problem(rng, 3, 1, shape=(1, 5, 4, 1))

    def index(z):
        return ops.cast(z > 0.5, "int32")

    own, _ = gradients(lambda z, h: pde.blade_filter(z, h, index(z)), images, filters)
    fixed, _ = gradients(lambda z, h: pde.blade_filter(z, h, index(images)), images, filters)
    np.testing.assert_allclose(own[0], fixed[0])


@tensorflow_only
def test_the_gradient_survives_a_saved_model(tmp_path, rng):
    """As long as it is in no loop; `imagepde export` writes derived gradients for those."""
    import tensorflow as tf

    images, filters, index = problem(rng, 3, 1)
    module = tf.Module()
    module.filters = tf.Variable(filters)
    module.serve = tf.function(
        lambda z, s: pde.blade_filter(z, module.filters, s),
        input_signature=[
            tf.TensorSpec((None, None, None, 3), tf.float64),
            tf.TensorSpec(index.shape, tf.int32),
        ],
    )
    tf.saved_model.save(module, tmp_path / "model")
    loaded = tf.saved_model.load(tmp_path / "model")
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(loaded.serve(images, index) ** 2)
    with tf.GradientTape() as other:
        expected = tf.reduce_sum(pde.blade_filter(images, module.filters, index) ** 2)
    np.testing.assert_allclose(
        tape.gradient(value, loaded.filters), other.gradient(expected, module.filters), rtol=1e-5
    )


@pytest.mark.parametrize(
    ("filters", "index", "message"),
    [
        ((4, 2, 3), (1, 8, 8, 1), "odd"),
        ((4, 9), (1, 8, 8, 1), "odd"),
        ((4, 3, 3), (1, 8, 8, 2), "index"),
        ((4, 3, 3), (8, 8), "index"),
    ],
)
def test_what_does_not_fit_is_refused(filters, index, message):
    with pytest.raises(pde.InputError, match=message):
        pde.blade_filter(np.zeros((1, 8, 8, 3)), np.zeros(filters), np.zeros(index, "int32"))
