"""What DiffNet explains of itself is what it computes."""

import keras
import numpy as np
import pytest
from imagepde import explain, layers, training, zoo
from imagepde.errors import InputError
from imagepde.explain.effective_kernels import telling_pixels
from imagepde.tasks import KnownDiffusion


@pytest.fixture
def image():
    from skimage import data

    return data.camera()[60:90, 200:240].astype("float32") / 255


@pytest.fixture
def diffnet():
    keras.utils.set_random_seed(3)
    return zoo.create("diffnet", blocks=2, layers=2, estimator_channels=4)


def test_states_end_with_the_result(diffnet, image):
    states, filters, time_steps = explain.filtering_states(diffnet, image)
    assert states.shape == (3, 30, 40)
    assert filters.shape == (2, 30, 40, 5)
    assert time_steps == pytest.approx([0.2, 0.2])
    np.testing.assert_array_equal(states[0], image)
    np.testing.assert_allclose(np.maximum(states[-1], 0), zoo.restore(image, diffnet), atol=1e-6)
    excess = filters[..., 0] + filters[..., 1] + filters[..., 2] + filters[..., 3] - filters[..., 4]
    np.testing.assert_allclose(
        explain.smoothing_levels(filters), np.abs(excess).mean((1, 2)), rtol=1e-5
    )


@pytest.mark.parametrize("pixel", [(0, 0), (15, 20), (29, 7)])
def test_the_effective_kernel_times_the_image_is_the_result(diffnet, image, pixel):
    kernel = explain.effective_kernel(diffnet, image, pixel)
    state = explain.filtering_states(diffnet, image)[0][-1]
    assert (kernel * image).sum() == pytest.approx(state[pixel], abs=1e-6)
    reached = np.abs(np.indices(image.shape) - np.reshape(pixel, (2, 1, 1))).sum(0) <= 2
    assert not kernel[~reached].any()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis needs TensorFlow")
def test_saliency_is_the_gradient(diffnet, image):
    pytest.importorskip("tf_keras_vis")
    pixel, other = (12, 20), (13, 21)
    gradient = explain.saliency(diffnet, image, pixel)
    step = np.zeros_like(image)
    step[other] = 1e-2
    ahead, behind = (explain.filtering_states(diffnet, image + s)[0][-1] for s in (step, -step))
    assert gradient[other] == pytest.approx((ahead - behind)[pixel] / 2e-2, abs=1e-3)
    smooth = [explain.saliency(diffnet, image, pixel, samples=3, seed=s) for s in (1, 1, 2)]
    np.testing.assert_array_equal(smooth[0], smooth[1])
    assert not np.array_equal(smooth[0], smooth[2])


def test_telling_pixels_lie_inside_and_apart(rng):
    for shape in ((8, 8), (60, 90)):
        pixels = telling_pixels(rng.random(shape))
        assert len(pixels) == 3
        assert all(0 <= y < shape[0] and 0 <= x < shape[1] for y, x in pixels)
    assert len(set(pixels)) == 3


def test_learned_diffusivities_are_those_of_the_layers(rng):
    model = zoo.create("linear_diffusion", height=6, width=5, blocks=2, time_step=0.1)
    gamma = rng.random((5, 5, 1)).astype("float32"), rng.random((6, 4, 1)).astype("float32")
    steps = [layer for layer in model.layers if isinstance(layer, layers.LinearDiffusionStep)]
    for step in steps:
        step.between_rows.assign(gamma[0])
        step.between_columns.assign(gamma[1])
    for learned in explain.learned_diffusivities(model):
        for a, b in zip(learned, gamma, strict=True):
            np.testing.assert_allclose(a, 0.1 * b[..., 0], rtol=1e-6)
    true = tuple(0.2 * g[..., 0] for g in gamma)
    assert explain.relative_error(learned, true) == pytest.approx(0.5)


def test_a_layer_with_the_known_diffusivity_does_the_task(rng):
    """The diffusivity that the task knows is the one that a layer would have to learn."""
    task = KnownDiffusion(steps=2)
    model = zoo.create("linear_diffusion", blocks=2, time_step=task.time_step)
    for layer in model.layers[1:]:
        layer.between_rows.assign(task.diffusivity[0][..., None])
        layer.between_columns.assign(task.diffusivity[1][..., None])
    given, wanted = task.pair(rng.random((64, 64)).astype("float32"), 0)
    np.testing.assert_allclose(np.asarray(model(given[None, ..., None]))[0, ..., 0], wanted, atol=1e-6)
    with pytest.raises(InputError, match="64×64"):
        task.pair(given[:32], 0)


def test_figures_are_drawn(diffnet, image):
    pytest.importorskip("matplotlib")
    figures = [
        explain.draw_states(diffnet, image, "title"),
        explain.draw_smoothing([0.01, 0.1], np.ones((2, 3, 2))),
        explain.draw_linear_diffusion(
            zoo.create("linear_diffusion", blocks=1), KnownDiffusion().diffusivity
        ),
    ]
    assert [len(figure.axes) for figure in figures] == [3 * 8, 2, 4 + 2]


def test_other_models_are_refused(image):
    with pytest.raises(InputError, match="filtering steps"):
        explain.filtering_states(zoo.create("perona_malik"), image)
    with pytest.raises(InputError, match="filtering steps"):
        explain.filtering_states(zoo.create("diffnet", blocks=1, channels=3), image)
    with pytest.raises(InputError, match="linear diffusion"):
        explain.learned_diffusivities(zoo.create("perona_malik"))
    with pytest.raises(InputError, match="must lie in the picture"):
        explain.effective_kernel(zoo.create("diffnet", blocks=1), image, (30, 0))
    task = training.recipe("diffnet.deconvolution").task
    with pytest.raises(InputError, match="Perona–Malik"):
        explain.smoothing_of_noise(zoo.create("diffnet"), task, [image])


def test_smoothing_is_measured_on_what_the_model_is_given(diffnet):
    from skimage import data

    task = training.recipe("diffnet.pm_inverse_blind").task.prepared(crop=24)
    sigmas, levels = explain.smoothing_of_noise(
        diffnet, task, [data.camera(), data.coins()], sigmas=(0.255, 25.5)
    )
    assert sigmas == (0.255, 25.5)
    assert levels.shape == (2, 2, 2)
    assert np.all(levels > 0)
