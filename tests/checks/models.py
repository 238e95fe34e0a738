"""Which pretrained models a slow test takes: those that differ in more than their numbers."""

import numpy as np
from imagepde import zoo


def one_of_each_kind():
    """One model of each architecture and of each set of options but for the number of steps."""
    chosen = {}
    for name in zoo.list_models():
        card = zoo.card(name)
        options = {k: v for k, v in card.config.items() if isinstance(v, bool | str | list)}
        chosen.setdefault((card.architecture, repr(options)), name)
    return sorted(chosen.values())


def one_of_each_architecture():
    """One model of each architecture."""
    chosen = {}
    for name in one_of_each_kind():
        # Of two segmentations the one that is written faster.
        if name != "segmentation.blade":
            chosen.setdefault(zoo.card(name).architecture, name)
    return sorted(chosen.values())


def some_for_one_size():
    """Those of `one_of_each_architecture` without reconstructions, which are made of the others."""
    return [name for name in one_of_each_architecture() if not name.startswith("reconstruction")]


def fitting(model, shape):
    """The shape of a batch of images that a model takes, as near to this one as possible."""
    batch, *sides, _ = shape
    *size, channels = model.input_shape[1:]
    smallest = zoo.traits(model).smallest_side
    return (batch, *(max(smallest, n) for n in (sides if None in size else size)), channels)


def restore(model, picture):
    """What a model makes of grey pictures: three equal colours for a colour model, a mask if wanted."""
    mask = None
    if zoo.traits(model).takes == "displacement":
        return zoo.warp(picture, (0.3, -0.4), model)
    if zoo.traits(model).takes == "mask":
        mask = np.random.default_rng(0).random(picture.shape) < 0.2
    elif model.input_shape[-1] == 3:
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
