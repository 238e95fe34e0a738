"""What is proven about `EnergyStep`: its energy never grows, and the mean is kept."""

import keras
import numpy as np
import pytest
from imagepde import layers, pde, zoo
from skimage import data

PHOTO = (data.camera()[::8, ::8][:61] / 255).astype("float32")[None, ..., None]


def built(time_step=0.4, **options):
    step = layers.EnergyStep(time_step, **options)
    step.build((None, None, None, 1))
    return step


def disturbed(step, rng, size=1.0):
    for weight in step.trainable_weights:
        weight.assign(np.asarray(weight) + size * rng.standard_normal(weight.shape))
    return step


@pytest.mark.parametrize("shape", [(16, 16), (17, 20)])
def test_no_energy_grows_whatever_weights_images_and_time_steps_are(shape, rng):
    for _ in range(8):
        step = disturbed(built(10 ** rng.uniform(-1, 2)), rng)
        u = rng.normal(0.5, 10 ** rng.uniform(-1, 1), (1, *shape, 1)).astype("float32")
        energy = float(step.energy(u)[0])
        for _ in range(4):
            after = np.asarray(step(u))
            lower = float(step.energy(after)[0])
            assert lower <= energy + 1e-5 * max(1, abs(energy))
            assert after.mean(dtype=float) == pytest.approx(
                u.mean(dtype=float), abs=1e-6 * float(np.abs(u).max())
            )
            u, energy = after, lower


def test_the_force_is_the_gradient_of_the_energy(rng):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("uses a gradient tape")
    import tensorflow as tf

    step = disturbed(built(), rng, 0.3)
    u = tf.constant(PHOTO)
    with tf.GradientTape() as tape:
        tape.watch(u)
        energy = tf.reduce_sum(step.energy(u))
    _, stiffness = step.spectra(*PHOTO.shape[1:3])
    # A tiny step goes down the gradient: (u⁺ − u)/τ → −M ∇E, M = −Δ here.
    gradient = np.asarray(tape.gradient(energy, u))
    step.log_mobility.assign(np.zeros(step.log_mobility.shape))
    slow = built(1e-3)
    slow.set_weights(step.get_weights())
    change = (np.asarray(slow(u)) - PHOTO) / 1e-3
    wanted = np.asarray(pde.diffusion_rate(gradient, (1.0, 1.0)))
    np.testing.assert_allclose(change, wanted, atol=0.03 * np.abs(wanted).max())
    assert float(np.min(stiffness)) >= 0


def test_it_starts_as_the_equation_of_cahn_and_hilliard():
    """With no other kernels, and steps so small that the damping does nothing."""
    step = built(2e-3, kernels=0, damping=6.0, pieces=600)
    u = PHOTO
    for _ in range(50):
        u = np.asarray(step(u))
    flow = np.asarray(pde.cahn_hilliard_steps(PHOTO, 50, 2e-3, 0.25))
    assert np.abs(u - flow).max() < 0.05 * np.abs(flow - PHOTO).max()


def test_what_is_promised():
    promises = zoo.certificate(zoo.create("phase_field")).promises
    assert set(promises) == {"mean", "energy"}
    assert "S = 1" in promises["energy"][0]


def test_a_turned_image_has_the_turned_result(rng):
    step = disturbed(built(), rng, 0.3)
    for symmetry in (lambda u: u[:, ::-1], lambda u: u[:, :, ::-1], lambda u: u.swapaxes(1, 2)):
        turned = np.asarray(step(np.ascontiguousarray(symmetry(PHOTO))))
        np.testing.assert_allclose(turned, symmetry(np.asarray(step(PHOTO))), atol=2e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"kernels": 4}, "multiple of 8"), ({"time_step": 0}, "positive"), ({"footprint": 4}, "odd")],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        layers.EnergyStep(**options)
