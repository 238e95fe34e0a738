"""Which models a test takes that costs too much for every one of the zoo.

`covering()` is a set of pretrained models in which every layer class of the zoo occurs, and
`smaller(name)` is the same model with few steps, filters and numbers, for what takes as long as the
graph is large, as exports do. Both come from the registry, so that a new model or layer is in them.
"""

import functools

import keras
import numpy as np
import pytest
from imagepde import zoo

FEWER = {
    "blocks": 2,
    "components": 12,
    "convolutions": 1,
    "estimator_channels": 4,
    "experts": 4,
    "features": 4,
    "filters": 8,
    "footprint": 3,
    "height": 16,
    "intensities": 1,
    "kernel_size": 3,
    "layers": 2,
    "levels": 2,
    "orientations": 4,
    "coherences": 1,
    "cycle": 2,
    "rho": 0.5,
    "pieces": 4,
    "stages": 2,
    "steps": 2,
    "strengths": 1,
    "width": 16,
}
"""What the options of architectures are in `smaller`, where they are more."""

SMALL_REGULARISER = {
    # Without convolutions: of those in a loop LiteRT loses the channels where a step is projected.
    "reconstruction": {"regulariser": "perona_malik.gauss15", "time_step": None},
    # After fewer steps a contour, which starts from almost nothing, may be on either side.
    "segmentation": {"regulariser": None, "steps": 200},
}


def one_of_each_kind():
    """One model of each architecture and of each set of options but for numbers."""
    chosen = {}
    for name in zoo.list_models():
        card = zoo.card(name)
        options = {k: v for k, v in card.config.items() if isinstance(v, bool | str | list)}
        chosen.setdefault((card.architecture, repr(options)), name)
    return sorted(chosen.values())


def layer_classes(model):
    """The names of the layer classes of imagepde in a model, those within other layers too."""
    found = {type(layer) for layer in model._flatten_layers()}
    return {kind.__name__ for kind in found if kind.__module__.startswith("imagepde.layers")}


@functools.cache
def covering():
    """Few models in which every layer class of the zoo occurs, and every kind of input and output.

    They cover that in their smaller form, too.
    """
    models = {name: smaller(name) for name in one_of_each_kind()}
    return cover({n: kinds(m) | more_kinds(m) | layer_classes(m) for n, m in models.items()}, models)


@functools.cache
def covering_kinds():
    """Few of those in which the kinds of input and output occur, but neither every layer class nor
    `more_kinds`, as the models that have them are large.

    And filters that are learned in a loop, where gradients of our own cannot be in a file.
    """
    models, repeated = {name: smaller(name) for name in covering()}, {"FieldsOfExperts"}
    return cover({n: kinds(m) | layer_classes(m) & repeated for n, m in models.items()}, models)


def kinds(model):
    """Of which kind the pictures are that a model takes and gives, and whether it can be trained."""
    traits = zoo.traits(model)
    return {
        f"gives {traits.gives}",
        f"colours {model.input_shape[-1] - traits.extra_channels}",
        f"coarsens {traits.alignment > 1}",
        f"one size {None not in model.input_shape[1:3]}",
        f"learns {bool(model.trainable_weights)}",
    }


def more_kinds(model):
    """What a model takes beside a picture, and whether it magnifies."""
    traits = zoo.traits(model)
    return {f"takes {traits.takes}", f"magnifies {traits.magnification > 1}"}


def cover(contents, models):
    """The names of few models, sorted, that together have all contents of all.

    The one first that has most of what is missing for its cost: the number of its layers, and ten times
    that if it sees the whole image, as the graph is large then.

    Args:
        contents: A set for each name.
        models: The models by name.
    """
    costs = {
        name: len(model._flatten_layers()) * (10 if zoo.traits(model).reach is None else 1)
        for name, model in models.items()
    }
    missing, chosen = set().union(*contents.values()), []
    while missing:
        best = max(contents, key=lambda name: len(contents[name] & missing) / costs[name])
        chosen.append(best)
        missing -= contents[best]
    # What came later can have all that was found in an earlier one.
    for name in sorted(chosen, key=costs.get, reverse=True):
        others = [contents[other] for other in chosen if other != name]
        if contents[name] <= set().union(*others):
            chosen.remove(name)
    return tuple(sorted(chosen))


def smaller(name):
    """A model like a pretrained one, with fewer steps, filters and layers and random weights."""
    card = zoo.card(name)
    defaults = zoo.find_architecture(card.architecture).defaults()
    config = {key: _fewer(key, value) for key, value in {**defaults, **card.config}.items()}
    if card.architecture in SMALL_REGULARISER:
        # It is a pretrained model, which has its size.
        config |= SMALL_REGULARISER[card.architecture]
    if config.get("factor", 1) > 1:
        # Blur is in the loop of conjugate gradients, which is in the loop of the steps.
        config["blur"] = None
    model = zoo.create(card.architecture, **config)
    rng = np.random.default_rng(4)
    for weight in model.weights:
        # Filters of surrogates are zero at first: then they would do nothing.
        weight.assign(np.asarray(weight) + 0.05 * rng.standard_normal(weight.shape))
    return model


def _fewer(key, value):
    least = FEWER.get(key)
    if isinstance(value, list | tuple) and key == "filters":
        return tuple(least // 2 << level for level in range(min(2, len(value))))
    if least is None or value is None or isinstance(value, bool):
        return value
    return min(least, value)


def first_of(*patterns):
    """Parameters for a test: the first model of each pattern, and with `--every-model` the others."""
    names = [found for found in map(zoo.list_models, patterns) if found]
    others = [pytest.param(n, marks=pytest.mark.every_model) for group in names for n in group[1:]]
    return [group[0] for group in names] + others


def fitting(model, shape):
    """The shape of a batch of images that a model takes, as near to this one as possible."""
    batch, *sides, _ = shape
    *size, channels = model.input_shape[1:]
    smallest = zoo.traits(model).smallest_side
    return (batch, *(max(smallest, n) for n in (sides if None in size else size)), channels)


def restore(model, picture):
    """What a model makes of grey pictures: three equal colours for a colour model, a mask if wanted."""
    mask = None
    if zoo.traits(model).gives == "region":
        return model.predict_on_batch(picture[None, ..., None])[0, ..., 0]
    if zoo.traits(model).takes == "displacement":
        return zoo.warp(picture, (0.3, -0.4), model)
    if zoo.traits(model).takes == "mask":
        mask = np.random.default_rng(0).random(picture.shape) < 0.2
    elif model.output_shape[-1] == 3:
        return zoo.restore(np.stack([picture] * 3, -1), model)[..., 0]
    return zoo.restore(picture, model, mask=mask)


def changes_for_tests(name):
    """Fewer steps where a model of many is the same loop."""
    # After fewer steps a contour, which starts from almost nothing, may be on either side.
    steps = {"inpainting": 2, "reconstruction": 2, "segmentation": 200}
    architecture = zoo.card(name).architecture
    return {"steps": steps[architecture]} if architecture in steps else {}


def quick(name):
    """A model of the zoo that does not take long."""
    return zoo.load(name, **changes_for_tests(name))


def answers(names, like=None):
    """What smaller models make of noise, and weights after a step of training.

    Args:
        names: Of pretrained models.
        like: What this function returned on another backend, whose weights the models get.

    Returns:
        A dictionary of arrays.
    """
    found = {}
    for name in map(str, names):
        model = smaller(name)
        if like is not None:
            model.set_weights([like[f"{name} {k}"] for k in range(len(model.weights))])
        found |= {f"{name} {k}": np.asarray(w) for k, w in enumerate(model.get_weights())}
        u = np.random.default_rng(6).random(fitting(model, (1, 24, 31, 1))).astype("float32")
        # Without a compiler JAX makes a program of each operation, TensorFlow a graph for one picture.
        made = model(u) if keras.backend.backend() == "tensorflow" else model.predict_on_batch(u)
        found[name] = np.asarray(keras.ops.convert_to_numpy(made))
        if name.startswith("foe_s"):
            model.compile(keras.optimizers.SGD(0.1), "mse")
            model.fit(u, np.roll(u, 1, 1), verbose=0)
            found |= {f"{name} tuned {k}": w for k, w in enumerate(model.get_weights())}
    return found
