"""Fine-tuning on noisy pictures alone, on pairs, and on two shots of a scene."""

import dataclasses

import numpy as np
import pytest
from imagepde import images, training, zoo
from imagepde.errors import InputError
from imagepde.images import PoissonGaussian
from imagepde.training import Example, finetuning
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


def test_the_two_noises_of_a_recorrupted_pair_are_independent():
    example = Example(noisy(0), noise=NOISE)
    prepared = finetuning._Prepared(example, None, small())
    rng, products = np.random.default_rng(0), []
    for seed in range(20):
        prepared.noisy = finetuning.Stabilised(NOISE, example.noisy[..., None]).forward(noisy(seed + 9))
        given, target = prepared.pair(np.s_[:, :], rng, True, None)
        products.append((given[..., 0], target[..., 0]))
    given, target = (np.stack(x) for x in zip(*products, strict=True))
    clean = np.mean(target, 0)
    covariance = np.mean((given - given.mean(0)) * (target - clean)) * 20 / 19
    assert abs(covariance) < 0.1 * np.mean(np.var(given, 0))


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
