"""The examples in CONTRIBUTING.md are run, and pass the checks of layers, models and tasks."""

import re
from pathlib import Path

import numpy as np
import pytest
from checks.layers import check_keras_file, check_layer
from imagepde import tasks, zoo
from imagepde.tasks import task as task_module
from imagepde.zoo import registry


@pytest.fixture
def example(monkeypatch):
    """What the blocks define; what they register is forgotten again."""
    monkeypatch.setattr(registry, "_ARCHITECTURES", dict(registry._registered()))
    monkeypatch.setattr(task_module, "_KINDS", dict(task_module._KINDS))
    text = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    names = {"__name__": "contributing"}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)
    return names


def test_the_examples_of_contributing(example, tmp_path, rng):
    check_layer(example["HeatStep"](0.2), (2, 9, 8, 3), example["heat_reference"])
    model = zoo.create("heat", steps=2)
    image = rng.random((2, 12, 13, 1)).astype("float32")
    check_keras_file(model, image, tmp_path / "heat.keras")
    changed = image.copy()
    changed[:, 6, 6] += 0.5
    rows, columns = np.nonzero((np.asarray(model(changed)) != np.asarray(model(image)))[0, ..., 0])
    assert max(abs(rows - 6).max(), abs(columns - 6).max()) == zoo.traits(model).reach
    assert tasks.from_dict(example["task"].to_dict()) == example["task"]
