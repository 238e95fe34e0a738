"""Fine-tuning on noisy pictures alone, on pairs, and on two shots of a scene."""

import dataclasses

import numpy as np
import pytest
from imagepde import images, training, zoo
from imagepde.errors import InputError
from imagepde.images import PoissonGaussian
from imagepde.training import Example, noisy_examples
from skimage import data

NOISE = PoissonGaussian(1 / 20, 3 / 255)
CLEAN = data.camera()[100:228, 100:196].astype(np.float64) / 255
SMALL = {"epochs": 2, "steps_per_epoch": 2, "patch": 32, "batch": 2}


def noisy(seed):
    return NOISE.draw(CLEAN, np.random.default_rng(seed)).astype(np.float32)


def small():
    """A model that is quickly compiled, with the card of one that is told the noise."""
    config = {"stages": 2, "components": 4, "filters": 8, "told": True}
    model = zoo.create("trd", **config)
    card = zoo.card("trd.any")
    model.card = dataclasses.replace(card, config={**card.config, **config})
    return model


MODES = {
    "none": lambda: Example(noisy(0)),
    "clean": lambda: Example(noisy(0), CLEAN.astype(np.float32)),
    "second shots": lambda: Example(noisy(0), noisy(1), clean=False),
}


@pytest.mark.parametrize("mode", MODES)
def test_what_is_kept_is_the_best_and_its_card_says_what_it_is(mode, tmp_path):
    errors = []
    tuned = training.finetune(
        small(),
        [MODES[mode]()],
        output=tmp_path / "tuned.keras",
        progress=lambda epoch, error, seconds: errors.append(error),
        **SMALL,
    )
    kept = zoo.open_model(str(tmp_path / "tuned.keras"))
    for one, other in zip(tuned.get_weights(), kept.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(errors) == 3
    about = kept.card.training["finetuned"]
    assert about == {"from": "trd.any", "pictures": 1, "targets": mode}
    assert kept.card.results == []
    # The file is a model like any other.
    assert zoo.restore(noisy(0), kept, value_range=(0, 1)).shape == CLEAN.shape


def pairs_of_noisy_pictures(noise, count=10):
    """What the model would be given, and what it should return, for a picture taken many times."""
    found = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        noisy = noise.draw(CLEAN, rng).astype(np.float32)
        prepared = noisy_examples.Prepared(Example(noisy, noise=noise), 25.0, small())
        given, target = prepared.pair(np.s_[:, :], rng, True, None)
        # In the units of its noise, from black on: what is the darkest value differs.
        found.append([(x[..., 0] - np.median(x)) / given[0, 0, 1] for x in (given[..., :1], target)])
    return np.moveaxis(found, 1, 0)


@pytest.mark.parametrize(
    "noise",
    [PoissonGaussian(1 / 3, 0.0), PoissonGaussian(1 / 20, 3 / 255), PoissonGaussian(1 / 200, 10 / 255)],
    ids=["three photons", "twenty photons", "mostly read noise"],
)
def test_the_two_noises_of_a_pair_are_independent(noise):
    """With three photons, noise that is added and subtracted would not be."""
    given, target = pairs_of_noisy_pictures(noise)
    rest = [x - x.mean(0) for x in (given, target)]
    spread = [np.mean(x**2) for x in rest]
    assert abs(np.mean(rest[0] * rest[1])) < 0.05 * np.sqrt(spread[0] * spread[1])
    # Neither do the squares have to do with each other, as they would for numbers that are discrete.
    squares = [x**2 - np.mean(x**2, 0) for x in rest]
    deviation = np.sqrt(np.mean(squares[0] ** 2) * np.mean(squares[1] ** 2))
    assert abs(np.mean(squares[0] * squares[1])) < 0.1 * deviation


def test_an_interruption_loses_nothing(tmp_path):
    def stop(epoch, error, seconds):
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.finetune(
            small(), [MODES["none"]()], output=tmp_path / "a.keras", progress=stop, **SMALL
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.keras"]
    training.finetune(zoo.open_model(str(tmp_path / "a.keras")), [MODES["none"]()], **SMALL)


@pytest.mark.parametrize(
    ("model", "example", "words"),
    [
        ("eed.color", lambda: Example(noisy(0)), "grey models"),
        ("diffnet.pm_inverse", lambda: Example(noisy(0)), "grey models"),
        (small, lambda: Example(noisy(0)[:40]), "pixels high"),
        (small, lambda: Example(noisy(0), CLEAN[:-1]), "same size"),
        (small, lambda: Example(np.zeros((128, 96), np.float32)), "no noise"),
    ],
)
def test_what_cannot_be_is_refused(model, example, words):
    with pytest.raises(InputError, match=words):
        training.finetune(model() if callable(model) else model, [example()], **SMALL)


def test_there_must_be_a_picture():
    with pytest.raises(InputError, match="at least one"):
        training.finetune(small(), [], **SMALL)


def test_the_command_takes_folders(imagepde, tmp_path):
    for folder in ("noisy", "clean"):
        (tmp_path / folder).mkdir()
    large = np.kron(CLEAN, np.ones((2, 2)))
    drawn = NOISE.draw(large, np.random.default_rng(0))
    bits = np.clip(np.rint(drawn * 3000 + 100), 0, 4095).astype(np.uint16)
    images.write_picture(tmp_path / "noisy" / "a.tif", bits)
    images.write_picture(tmp_path / "clean" / "a.tif", np.rint(large * 3000 + 100).astype(np.uint16))
    small().save(tmp_path / "small.keras")
    tuned = tmp_path / "tuned.keras"
    common = (
        "finetune",
        tmp_path / "small.keras",
        tuned,
        "--data",
        tmp_path / "noisy",
        "--minutes",
        "0.02",
    )
    code, text = imagepde(*common)
    assert code == 0, text
    assert "1 pictures" in text or "1 picture" in text
    code, text = imagepde("restore", tmp_path / "noisy" / "a.tif", tmp_path / "b.tif", "--model", tuned)
    assert code == 0, text
    code, text = imagepde(*common, "--clean", tmp_path / "clean", "--range", "0:4095")
    assert code == 0, text
    code, text = imagepde(*common, "--clean", tmp_path / "nothing")
    assert code == 2
    assert "a.tif" in text
