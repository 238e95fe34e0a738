"""Registry, cards and weights: every pretrained model is tested by being registered."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from checks import golden
from checks.models import (
    answers,
    covering,
    first_of,
    fitting,
    layer_classes,
    one_of_each_kind,
    quick,
    smaller,
)
from imagepde import layers, zoo
from imagepde.errors import InputError
from imagepde.zoo import registry
from imagepde.zoo.kinds import KINDS, kind_of
from imagepde.zoo.untrained import UNTRAINED

MODELS = zoo.list_models()


@pytest.fixture(scope="module", params=MODELS)
def pretrained(request):
    return request.param, zoo.load(request.param)


def test_the_models_of_this_version_are_there():
    families = ("perona_malik", "ka", "foe_s", "foe_d", "foe_m", "foe_rb", "unet_diffusivity")
    expected = {f"{family}.gauss{sigma}" for family in families for sigma in (15, 25, 50)}
    tasks = ("forward", "inverse", "inverse_noise01", "inverse_noise1", "inverse_blind")
    expected |= {f"diffnet.pm_{task}" for task in tasks} | {f"unet.pm_{task}" for task in tasks[:-1]}
    expected |= {"diffnet.deconvolution", "linear_diffusion.heat"}
    expected |= {f"delta_resnet.gauss{sigma}" for sigma in (15, 25, 50)} | set(UNTRAINED)
    families = ("trd", "trd_color", "trd_certified")
    expected |= {f"{family}.gauss{sigma}" for family in families for sigma in (15, 25, 50)}
    expected |= {f"trd.jpeg{quality}" for quality in (10, 20, 30)}
    expected |= {
        "trd.blind",
        "trd.any",
        "trd_color.any",
        "trd_small.gauss25",
        "trd_certified.gauss25_contractive",
    }
    assert expected | {"foe_s.blind"} <= set(MODELS)
    assert zoo.list_models("perona_malik.*") == [
        "perona_malik.gauss15",
        "perona_malik.gauss25",
        "perona_malik.gauss50",
    ]


def test_card_is_complete(pretrained):
    name, model = pretrained
    card = zoo.card(name)
    assert card.name == name == f"{card.architecture}.{name.partition('.')[2]}"
    assert card.parameters == sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert card.config == {**zoo.find_architecture(card.architecture).defaults(), **card.config}
    for text in (card.task, card.paper, card.equation, card.licence):
        assert text
    assert zoo.ModelCard.from_json(card.to_json()) == card
    assert card.guarantees == list(zoo.certificate(model).promises), "run `imagepde publish NAME`"
    assert name in zoo.list_models(task=kind_of(card))
    if name in UNTRAINED:
        assert card.weights is None
        assert {**UNTRAINED[name][0], **card.config} == card.config, "run `imagepde publish NAME`"
        return
    assert card.results, "run `imagepde evaluate NAME --data DIR --write-card`"


def test_models_are_found_by_what_they_are_for():
    kinds = {kind: zoo.list_models(task=kind) for kind in KINDS}
    assert all(kinds.values())
    assert sorted(name for names in kinds.values() for name in names) == MODELS
    assert kinds["deblock"] == ["trd.jpeg10", "trd.jpeg20", "trd.jpeg30"]
    assert kinds["deblur"] == ["reconstruction.deblur", "reconstruction.deblur_ced"]
    assert kinds["upscale"] == ["reconstruction.upscale2", "reconstruction.upscale4"]
    assert kinds["inpaint"] == ["inpainting.eed", "inpainting.homogeneous", "reconstruction.inpaint"]
    assert "diffnet.pm_forward" in kinds["diffuse"]
    assert "diffnet.pm_inverse" in kinds["invert"]
    assert "foe_s.blind" in kinds["denoise"]
    assert zoo.list_models("e*", channels=3) == ["eed.color"]
    assert zoo.list_models(guarantee="distance") == ["trd_certified.gauss25_contractive"]
    assert "trd.gauss25" not in zoo.list_models(task="denoise", guarantee="norm")
    for wrong in ({"task": "denoising"}, {"guarantee": "convexity"}):
        with pytest.raises(InputError, match="must be one of"):
            zoo.list_models(**wrong)


@pytest.mark.parametrize("name", first_of(*(f"{name}.*" for name in zoo.list_architectures())))
def test_output_is_the_golden_one(name, noisy_photograph, golden_file):
    """A few pixels of a restored crop; `make golden` writes them anew after a new training.

    One model of each architecture; the weights of the others are those of their cards, by their hash.
    """
    model = zoo.load(name)
    wanted = json.loads(golden_file.read_text(encoding="utf-8"))[name]
    # Where a model answers with more than one, it is the relative difference that counts.
    atol = 2e-5 * max(1, *map(abs, wanted))
    np.testing.assert_allclose(golden.pixels(model, noisy_photograph), wanted, rtol=0, atol=atol)


def test_the_covering_set_has_every_layer_class():
    whole = {kind for name in one_of_each_kind() for kind in layer_classes(zoo.load(name))}
    for make in (zoo.load, smaller):
        assert {kind for name in covering() for kind in layer_classes(make(name))} == whole
    # What no model of the zoo has.
    rest = {"AnisotropicResNetBlock", "FoldedDeconvolution", "ImageLayer"}
    classes = {name for name in layers.__all__ if isinstance(getattr(layers, name), type)}
    assert {n for n in classes if issubclass(getattr(layers, n), keras.Layer)} == whole | rest


def test_image_sizes_mean_and_range(covering_name, rng, every_model):
    model = quick(covering_name) if every_model else smaller(covering_name)
    certificate = zoo.certificate(model)
    shapes = ((1, 8, 8, 1), (2, 33, 47, 1), (1, 18, 20, 1))
    # A contour moves until it rests: one picture is enough for it.
    for shape in shapes[:1] if zoo.traits(model).gives == "region" else shapes:
        u = rng.random(fitting(model, shape)).astype("float32")
        after = np.asarray(model(u))
        sides = [side * zoo.traits(model).magnification for side in u.shape[1:3]]
        assert after.shape == (len(u), *sides, model.output_shape[-1])
        assert np.isfinite(after).all()
        kept = all(side % certificate.multiple == 0 for side in u.shape[1:3])
        promises = certificate.promises if kept else {}
        if "mean" in promises:
            # The last channel may be a map of the noise.
            picture = u[..., : model.output_shape[-1]]
            np.testing.assert_allclose(after.mean((1, 2, 3)), picture.mean((1, 2, 3)), atol=1e-5)
        if "norm" in promises:
            assert np.linalg.norm(after) <= np.linalg.norm(u) * (1 + 1e-6)
        if "range" in promises:
            assert after.min() >= u.min() - 1e-6
            assert after.max() <= u.max() + 1e-6


def test_fine_tuning_changes_every_weight(kind_name, rng, tmp_path, every_model):
    """Of one model of each kind of input and output; each layer alone does so in `test_layers`."""
    model = quick(kind_name) if every_model else smaller(kind_name)
    if not model.trainable_weights:
        pytest.skip("has no weights")
    before = [np.copy(keras.ops.convert_to_numpy(w)) for w in model.trainable_weights]
    # Large and from below, so that a time step on its bound moves too.
    model.compile(keras.optimizers.SGD(1.0), "mse", jit_compile=False)
    u = rng.random(fitting(model, (2, 16, 16, 1))).astype("float32")
    target = np.roll(np.asarray(model(u)), 1, 1)
    model.fit(u, target, epochs=1, verbose=0)
    after = [keras.ops.convert_to_numpy(w) for w in model.trainable_weights]
    moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    # Scalars may rest on a bound, and the range of a function that is nearly a line decides little.
    resting = [len(w.shape) == 0 or w.name == "log_range" for w in model.trainable_weights]
    stuck = [
        w.path
        for w, m, r in zip(model.trainable_weights, moved, resting, strict=True)
        if not m and not r
    ]
    assert not stuck
    model.save(tmp_path / "tuned.keras")
    loaded = keras.saving.load_model(tmp_path / "tuned.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(loaded(u)), np.asarray(model(u)))


ON_ANOTHER_BACKEND = """
import sys, keras, numpy as np
_, folder, backend, tests = sys.argv
sys.path.insert(0, tests)
from checks.models import answers
assert keras.backend.backend() == backend
given = dict(np.load(folder + "/tensorflow.npz"))
np.savez(f"{folder}/{backend}.npz", **answers(given["names"], given))
"""


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="compares with TensorFlow")
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_restore_and_train_alike(backend, tmp_path, every_model):
    """Models with every layer class of the zoo, and one step of training, in a process of their own."""
    pytest.importorskip(backend)
    names = MODELS if every_model else covering()
    ours = answers(names)
    np.savez(tmp_path / "tensorflow.npz", names=names, **ours)
    command = [sys.executable, "-c", ON_ANOTHER_BACKEND, str(tmp_path), backend]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    subprocess.run([*command, str(Path(__file__).parent)], check=True, env=environment)
    theirs = np.load(tmp_path / f"{backend}.npz")
    assert set(ours) == set(theirs.files)
    for key in ours:
        atol = 1e-5 * max(1, abs(ours[key]).max(initial=0))
        np.testing.assert_allclose(theirs[key], ours[key], atol=atol, err_msg=key)


def test_one_changed_byte_in_the_weights_is_noticed(tmp_path, monkeypatch):
    name = "foe_s.gauss25"
    file = registry.WEIGHTS.joinpath(zoo.card(name).weights)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / file.name).write_bytes(content)
    monkeypatch.setattr(registry, "WEIGHTS", tmp_path)
    with pytest.raises(InputError, match="damaged"):
        zoo.load(name)
    (tmp_path / file.name).unlink()
    with pytest.raises(InputError, match="missing"):
        zoo.load(name)


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"foe_s\.gauss25"):
        zoo.load("foe_s.gaus25")
    with pytest.raises(InputError, match="foe_s"):
        zoo.create("foe-s")
    with pytest.raises(InputError, match="experts"):
        zoo.create("foe_s", expert=4)
    with pytest.raises(InputError, match="time_step"):
        zoo.create("foe_s", time_step=0.3)


def test_create_passes_its_arguments_on():
    model = zoo.create("foe_s", experts=4, kernel_size=3, steps=2, channels=3)
    assert model.input_shape == (None, None, None, 3)
    assert model.get_layer("evolution").steps == 2
    assert zoo.create("foe_s").count_params() == 900 + 600 + 30 + 1


def test_a_newer_result_replaces_the_older_one():
    card = zoo.card("foe_s.gauss25")
    result = {**card.results[0], "psnr": 99.0}
    updated = card.with_result(result)
    assert len(updated.results) == len(card.results)
    assert result in updated.results


def test_the_pages_made_from_the_cards_are_up_to_date():
    """`make docs` writes it."""
    from pages.blade import surrogates_page
    from pages.diffnet import diffnet_page
    from pages.learned_diffusion import learned_diffusion_page
    from pages.models import models_page
    from pages.problems import problems_page
    from pages.reaction_diffusion import reaction_diffusion_page

    docs = Path(__file__).parents[1] / "docs"
    pages = {
        "models.md": models_page,
        "diffnet_results.md": diffnet_page,
        "learned_diffusion_results.md": learned_diffusion_page,
        "reaction_diffusion_results.md": lambda: reaction_diffusion_page(docs),
        "blade_results.md": lambda: surrogates_page(docs),
        "problem_results.md": lambda: problems_page(docs),
    }
    from pages.cards import families, family_page

    pages |= {f"cards/{name}.md": lambda name=name: family_page(name) for name in families()}
    for file, page in pages.items():
        assert (docs / file).read_text(encoding="utf-8") == page() + "\n", file
    assert {path.stem for path in (docs / "cards").iterdir()} == set(families())
