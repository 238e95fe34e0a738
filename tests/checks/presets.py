"""What the tests of presets share: the files of one, and how another is refused."""

import pytest
from imagepde import zoo
from imagepde.errors import InputError

FILES = ["README.md", "card.json", "config.json", "metadata.json", "model.weights.h5"]


def refused(name, message):
    for opens in (zoo.load, zoo.open_model, zoo.card, zoo.ZooModel.from_preset):
        with pytest.raises(InputError, match=message) as caught:
            opens(name)
        assert "\n" not in str(caught.value)
        assert name in str(caught.value)
