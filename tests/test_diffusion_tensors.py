"""Diffusion tensors: eigenvalues, eigenvectors, and what the filters made of them do."""

import keras
import numpy as np
import pytest
from imagepde import layers, pde, zoo
from imagepde.errors import InputError
from keras import ops

TENSORS = {
    "edge-enhancing": lambda: layers.EdgeEnhancingTensor(0.1),
    "edge-enhancing, integrated": lambda: layers.EdgeEnhancingTensor(0.1, 0.5, 1.0),
    "coherence-enhancing": lambda: layers.CoherenceEnhancingTensor(0.1, 0.5, 2.0),
    "isotropic": lambda: layers.IsotropicTensor(0.1),
    "estimated": lambda: layers.EstimatedTensor(8),
    "homogeneous": lambda: layers.HomogeneousTensor(),
}


def as_matrices(entries):
    a, b, c = (np.asarray(e, np.float64)[..., 0] for e in entries)
    return np.stack([a, b, b, c], -1).reshape(*a.shape, 2, 2)


@pytest.mark.parametrize("name", TENSORS)
@pytest.mark.parametrize("size", [1.0, 1e-6, 1e3])
def test_eigenvalues_are_those_that_are_promised(name, size, rng):
    """Also with hostile weights and pictures far out of range."""
    layer = TENSORS[name]()
    images = (size * rng.standard_normal((2, 23, 31, 3))).astype("float32")
    layer.build(images.shape)
    for weight in layer.trainable_weights:
        weight.assign(rng.standard_normal(weight.shape) * size)
    values = np.linalg.eigvalsh(as_matrices(layer(images)))
    assert values.shape == (2, 24, 32, 2)
    assert values.min() >= -1e-6
    assert values.max() <= layer.largest[0] + 1e-6
    if name == "estimated":
        assert values.sum(-1).max() <= sum(layer.largest) + 1e-6


def test_tensors_turn_with_the_image(rng):
    image = rng.random((1, 24, 24, 1)).astype("float32")
    for layer in (layers.EdgeEnhancingTensor(0.1), layers.CoherenceEnhancingTensor(0.1, 0.5, 1.0)):
        a, b, c = (np.asarray(e)[0, ..., 0] for e in layer(image))
        turned = [np.asarray(e)[0, ..., 0] for e in layer(np.rot90(image, axes=(1, 2)).copy())]
        for theirs, ours in zip(turned, (c, -b, a), strict=True):
            np.testing.assert_allclose(theirs, np.rot90(ours), atol=1e-5)


def test_eigenvalues_of_the_structure_tensor(rng):
    entries = [rng.standard_normal((4, 5)) for _ in range(3)]
    tensors = [ops.convert_to_tensor(e[None, ..., None]) for e in entries]
    largest, smallest = (np.asarray(e)[..., 0] for e in pde.eigenvalues(tensors))
    exact = np.linalg.eigvalsh(as_matrices(tensors))
    np.testing.assert_allclose(smallest, exact[..., 0], atol=1e-5)
    np.testing.assert_allclose(largest, exact[..., 1], atol=1e-5)


def test_diffusion_goes_along_an_edge_and_not_across():
    """Noise on a slanted edge disappears, the edge stays; isotropic diffusion keeps both."""
    y, x = np.indices((64, 64))
    clean = (x + y / 2 > 48).astype("float32")
    noisy = clean + 0.05 * np.random.default_rng(0).standard_normal(clean.shape).astype("float32")
    near = abs(x + y / 2 - 48) < 3
    left = {}
    for name in ("eed", "isotropic"):
        model = zoo.create(name, contrast=0.08, sigma=1.0, steps=20)
        result, noiseless = zoo.restore(noisy, model), zoo.restore(clean, model)
        left[name] = np.std((result - noiseless)[near]) / np.std((noisy - clean)[near])
        assert result[near].max() > 0.9
        assert result[near].min() < 0.1
    assert left["eed"] < 0.8 * left["isotropic"]


def test_colours_share_their_tensor(rng):
    """A grey picture with three equal channels is diffused as a grey one is, with a larger contrast."""
    picture = rng.random((20, 24)).astype("float32")
    grey = zoo.restore(picture, zoo.create("eed", contrast=0.05))
    colour = zoo.create("eed", contrast=0.05 * 3**0.5, channels=3)
    together = zoo.restore(np.stack([picture] * 3, -1), colour)
    for channel in range(3):
        np.testing.assert_allclose(together[..., channel], grey, atol=1e-5)


def test_both_forms_of_the_step_agree(rng):
    image = rng.random((1, 40, 37, 3)).astype("float32")
    for options in ({"alpha": 0.3, "gamma": -0.4}, {"cycle": 4}, {"time_step": 0.2}):
        stencil, resnet = (
            zoo.create("ced", form=form, channels=3, steps=2, rho=1.0, **options)
            for form in ("stencil", "resnet")
        )
        np.testing.assert_allclose(np.asarray(resnet(image)), np.asarray(stencil(image)), atol=2e-6)


@pytest.mark.parametrize("options", [{}, {"sigma": 0.5, "cycle": 6}, {"rho": 1.0, "cycle": 3}])
def test_nothing_beyond_the_reach_matters(options, rng):
    """So that windows of a large picture give what the whole gives."""
    model = zoo.create("eed", **{"contrast": 0.5, "steps": 1, "sigma": 1.0, **options})
    image = rng.random((1, 16, 120, 1)).astype("float32")
    other = image.copy()
    other[:, :, 60 + zoo.traits(model).reach + 1 :] = 1e3  # Far out of range, to be seen if at all.
    before, after = (np.asarray(model(u))[:, :, :61] for u in (image, other))
    np.testing.assert_allclose(after, before, atol=1e-7)


def test_parameters_out_of_range_are_refused():
    for make in (
        lambda: layers.EdgeEnhancingTensor(0.1, form="cubic"),
        lambda: layers.EdgeEnhancingTensor(-1.0),
        lambda: layers.CoherenceEnhancingTensor(least=0.0),
        lambda: zoo.create("eed", form="fast"),
        lambda: zoo.create("eed", alpha=0.7),
        lambda: zoo.create("eed", time_step=0.6),
        lambda: zoo.create("inpainting", tensor="magic"),
    ):
        with pytest.raises(InputError, match="Received"):
            make()


def test_learned_scales_and_time_step_stay_in_their_range(rng):
    """Whatever the optimiser does: the step stays stable, and the scales stay scales."""
    model = zoo.create("eed", contrast=0.1, learn=True, steps=2)
    step = model.get_layer("evolution").step
    image = rng.random((1, 16, 16, 1)).astype("float32")
    # As a program it would take ten times as long, most of it to build the gradient.
    model.compile(keras.optimizers.SGD(1e3), "mse", run_eagerly=True)
    for target in (image, 1 - image, 0 * image):
        model.fit(image, target, verbose=0)
        assert 0 < float(step.time_step_weight.numpy()) <= step.largest_time_step + 1e-7
        assert 0.1 <= float(step.tensor.scales[0].numpy()) <= 2.0
        assert np.linalg.norm(np.asarray(model(image))) <= np.linalg.norm(image) * (1 + 1e-6)
