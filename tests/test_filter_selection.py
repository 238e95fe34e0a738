"""Features of the structure tensor, their bins, and banks that turn with the image."""

import keras
import numpy as np
import pytest
from checks.blade_reference import blade, blade_flux, features, index
from imagepde import layers, pde
from imagepde.color import LUMA
from keras import ops


def ramp(angle, size=20, slope=0.02):
    """An image that rises into a direction, from the x axis towards the y axis."""
    y, x = np.indices((size, size)) - size / 2
    return (0.5 + slope * (np.cos(angle) * x + np.sin(angle) * y)).astype("float32")[None, ..., None]


@pytest.mark.parametrize("bins", [2, 8, 24])
def test_orientation_is_the_direction_of_the_gradient_modulo_half_a_turn(bins):
    for k in range(bins):
        for turn in (0, np.pi):
            u = ramp((k + 0.5) * np.pi / bins + turn)
            found = pde.orientation_index(pde.structure_at(u, 0.7), bins)
            assert (np.asarray(found)[0, 6:-6, 6:-6] == k).all()


def test_strength_and_coherence_of_a_ramp():
    strength, coherence = features(ramp(0.3, slope=0.02)[0], 0.7)[1:3]
    selection = layers.FilterSelection(rho=0.7)
    found = selection.features(ramp(0.3, slope=0.02))
    np.testing.assert_allclose(np.asarray(found["strengths"])[0, 6:-6, 6:-6], 0.02, rtol=1e-4)
    np.testing.assert_allclose(np.asarray(found["coherences"])[0, 6:-6, 6:-6], 1.0, atol=2e-3)
    np.testing.assert_allclose(np.asarray(found["strengths"])[0, ..., 0], strength, atol=1e-6)
    np.testing.assert_allclose(np.asarray(found["coherences"])[0, ..., 0], coherence, atol=2e-2)


@pytest.mark.parametrize("location", ["pixels", "rows", "columns"])
@pytest.mark.parametrize("channels", [1, 3])
def test_index_is_that_of_the_definitions(location, channels, rng):
    selection = layers.FilterSelection(8, (0.05, 0.15, 0.3), (0.2, 0.5), (0.5,), rho=0.7)
    u = rng.random((1, 24, 31, channels)).astype("float32")
    found = np.asarray(selection(u, location=location))[0, ..., 0]
    # Values that rounding puts on the other side of a threshold are few.
    assert (found == index(selection, u[0], location)).mean() > 0.999
    assert found.max() < selection.count == 8 * 4 * 3 * 2
    assert selection.compute_output_shape(u.shape, location)[1:3] == found.shape


def test_a_quarter_turn_moves_orientations_by_half_of_the_bins(rng):
    u = rng.random((1, 20, 20, 1)).astype("float32")
    selection = layers.FilterSelection(24, 3, 3)
    here = np.asarray(selection(u))[0, ..., 0]
    turned = np.asarray(selection(np.rot90(u, axes=(1, 2)).copy()))[0, ..., 0]
    back = np.rot90(turned, -1)
    np.testing.assert_array_equal(here // 24, back // 24)
    np.testing.assert_array_equal((here + 12) % 24, back % 24)


def test_grey_and_colour_agree(rng):
    u = rng.random((2, 16, 16, 1)).astype("float32")
    for colour in ("joint", "luma"):
        grey = layers.FilterSelection(colour=colour)(u)
        rgb = layers.FilterSelection(colour=colour)(np.repeat(u, 3, -1))
        assert (np.asarray(grey) == np.asarray(rgb)).mean() > 0.99


def test_luma_sees_other_edges_than_all_channels_together():
    u = np.zeros((1, 16, 16, 3), "float32")
    u[:, :, 8:, 0], u[:, :, 8:, 1] = 1.0, -LUMA[0] / LUMA[1]
    strengths = {
        colour: np.asarray(layers.FilterSelection(colour=colour).features(u)["strengths"]).max()
        for colour in ("joint", "luma")
    }
    assert strengths["luma"] < 1e-3 < 0.1 < strengths["joint"]


def test_adapt_fills_the_bins_evenly(rng):
    images = rng.random((4, 40, 40, 1)).astype("float32")
    selection = layers.FilterSelection(1, 4, 1, 1)
    selection.adapt(images)
    counts = np.bincount(np.ravel(selection(images)), minlength=4)
    np.testing.assert_allclose(counts / counts.sum(), 0.25, atol=0.01)
    by_hand = layers.FilterSelection(1, (0.1, 0.2), 1, 1)
    by_hand.adapt([images])
    assert [w.shape for w in by_hand.weights] == [(2,), (0,), (0,)]
    np.testing.assert_allclose(by_hand.weights[0], [0.1, 0.2])


@pytest.mark.parametrize("make", [blade, blade_flux])
def test_rates_of_symmetric_banks_turn_and_mirror_with_the_image(make, rng):
    """Exactly, but for the order of the sums: bins of the turned image are the turned bins."""
    rate, u = make(), rng.random((1, 18, 18, 1)).astype("float32")
    expected = np.asarray(rate(u))
    for turn in (lambda v: np.rot90(v, axes=(1, 2)), lambda v: v[:, ::-1], lambda v: v.swapaxes(1, 2)):
        found = np.asarray(rate(turn(u).copy()))
        np.testing.assert_allclose(found, turn(expected), atol=2e-5)


@pytest.mark.parametrize("make", [blade, blade_flux])
@pytest.mark.parametrize("symmetric", [True, False])
def test_flat_images_stay_flat(make, symmetric):
    rate = make(symmetric=symmetric)
    assert np.abs(np.asarray(rate(np.full((1, 12, 9, 1), 0.7, "float32")))).max() < 1e-5


@pytest.mark.parametrize("symmetric", [True, False])
def test_fluxes_keep_the_mean_over_a_thousand_steps_whatever_the_filters(symmetric, rng):
    """Tame ones: what explodes keeps its mean only to the rounding of the large numbers."""
    rate = blade_flux(symmetric=symmetric)
    for weight in rate.trainable_weights:
        weight.assign(0.05 * weight)
    u = rng.random((2, 24, 20, 1)).astype("float32")
    # A plain diffusion is added, so that the state stays in its range.
    step = layers.TimeStep(rate, 0.01)
    image = keras.Input(u.shape[1:])
    after = keras.Model(image, layers.Evolution(step, 1000)(image)).predict_on_batch(u)
    assert np.abs(after).max() < 100
    np.testing.assert_allclose(
        after.mean((1, 2)), u.mean((1, 2)), atol=1e-6 * max(1, np.abs(after).max())
    )


def test_a_symmetric_bank_is_its_own_projection(rng):
    from imagepde.layers.filter_symmetry import symmetric_bank, symmetric_flux_bank

    bank = rng.normal(size=(1, 2, 3, 8, 5, 5))
    for project in (symmetric_bank, symmetric_flux_bank):
        once = np.asarray(project(ops.convert_to_tensor(bank)))
        np.testing.assert_allclose(np.asarray(project(ops.convert_to_tensor(once))), once, atol=1e-12)
    # The bound filters have an eighth of the numbers.
    images = [
        symmetric_bank(ops.convert_to_tensor(e)) for e in np.eye(8 * 9).reshape(-1, 1, 1, 1, 8, 3, 3)
    ]
    rank = np.linalg.matrix_rank(np.stack([np.ravel(i) for i in images]))
    assert rank < 8 * 9 / 4


@pytest.mark.parametrize("make", [blade, blade_flux])
def test_reach_is_the_domain_of_dependence(make, rng):
    step = layers.TimeStep(make(), 0.1, "midpoint")
    u = rng.random((1, 41, 41, 1)).astype("float32")
    changed = u.copy()
    changed[0, 20, 20] += 0.5
    difference = np.abs(np.asarray(step(changed)) - np.asarray(step(u))) > 1e-6
    distance = np.abs(np.argwhere(difference[0, ..., 0]) - 20).max()
    # The index seldom changes at the very end of what it sees.
    assert 3 <= distance <= step.traits.reach


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.FilterSelection(7), "orientations"),
        (lambda: layers.FilterSelection(strengths=(0.2, 0.1)), "rise"),
        (lambda: layers.FilterSelection(coherences=0), "coherences"),
        (lambda: layers.FilterSelection(colour="hue"), "colour"),
        (lambda: layers.Blade(layers.FilterSelection(), footprint=4), "footprint"),
        (lambda: layers.Blade(layers.FilterSelection(6)), "multiple of 4"),
        (lambda: layers.BladeFlux("structure"), "selection"),
        (lambda: layers.TimeStep(blade(), 0.0), "time_step"),
        (lambda: layers.TimeStep(blade(), 0.1, "heun"), "scheme"),
        (lambda: pde.orientation_index(pde.structure_at(np.ones((1, 8, 8, 1)), 1.0), 5), "even"),
    ],
)
def test_bad_arguments_are_refused(make, message):
    with pytest.raises(pde.InputError, match=message):
        make()
