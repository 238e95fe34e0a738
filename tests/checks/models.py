"""Which pretrained models a slow test takes: those that differ in more than their numbers."""

from imagepde import layers, zoo


def one_of_each_kind():
    """One model of each architecture and of each set of options but for the number of steps."""
    chosen = {}
    for name in zoo.list_models():
        card = zoo.card(name)
        options = {k: v for k, v in card.config.items() if isinstance(v, bool | str | list)}
        chosen.setdefault((card.architecture, repr(options)), name)
    return sorted(chosen.values())


def fitting(model, shape):
    """The shape of a batch of images, or the same with the only size that a model is for."""
    size = model.input_shape[1:3]
    return tuple(shape) if None in size else (shape[0], *size, shape[-1])


def keeps_mean_and_range(model):
    """Whether a model promises it: those that diffuse do, those that filter freely do not."""
    return not any(isinstance(layer, layers.FilteringStep | layers.UNet) for layer in model.layers)
