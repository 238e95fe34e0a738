"""Which pretrained models a slow test takes: those that differ in more than their numbers."""

from imagepde import zoo


def one_of_each_kind():
    """One model of each architecture and of each set of options but for the number of steps."""
    chosen = {}
    for name in zoo.list_models():
        card = zoo.card(name)
        options = {k: v for k, v in card.config.items() if isinstance(v, bool | str | list)}
        chosen.setdefault((card.architecture, repr(options)), name)
    return sorted(chosen.values())
