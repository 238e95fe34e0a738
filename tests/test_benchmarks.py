"""What the benchmarks count and compare; no times."""

import csv
import subprocess
import sys
from pathlib import Path

import compare
import numpy as np
import profile_families
import pytest
import tensorflow as tf
from imagepde import zoo
from imagepde.training.flops import count_flops, flops_without_loops
from memory import PeakMemory


def write(file, rows):
    with open(file, "w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, profile_families.FIELDS)
        writer.writeheader()
        for layer, ms, product, copy in rows:
            row = {"model": "m", "layer": layer, "side": 8, "ms": ms}
            writer.writerow({**row, "product_ms": product, "copy_ms": copy})
    return file


def test_slower_is_what_takes_more_of_both_units(tmp_path):
    before = write(tmp_path / "before.csv", [("a", 1, 10, 1), ("b", 1, 10, 1), ("c", 1, 10, 1)])
    # A slower machine, a layer that is slower in both units, and one that is in one of them only.
    rows = [("a", 3, 30, 3), ("b", 3.6, 30, 3), ("c", 3.6, 30, 3.6)]
    after = write(tmp_path / "after.csv", rows)
    found = compare.slower(compare.units(before), compare.units(after), 15)
    assert {key[1]: round(change, 3) for key, change in found.items()} == {"b": 1.2}
    done = subprocess.run(
        [sys.executable, Path(compare.__file__), before, after], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "1 of 3 rows" in done.stdout
    assert "| m | b | 8 | 1.20 |" in done.stdout


def test_layers_of_a_model_are_found_with_their_inputs():
    model, image = zoo.create("foe_s", experts=4, steps=2), tf.zeros((1, 16, 16, 1))
    found = profile_families.layers_with_inputs(model, image)
    paths = [path for path, _, _ in found]
    assert paths[:3] == ["evolution", "evolution/step", "evolution/step/diffusivity"]
    for _, layer, tensors in found:
        assert np.isfinite(layer(*tensors)[0]).all()


@pytest.mark.parametrize("steps", [1, 3])
def test_passes_of_a_loop_count(steps):
    model, shape = zoo.create("foe_s", experts=4, steps=steps), (1, 16, 16, 1)
    step = model.get_layer("evolution").step
    for count in (flops_without_loops, profile_families.bytes_without_loops):
        once = count(step, [shape])
        assert once > 0
        assert profile_families.of_all_passes(count, model, [shape]) == steps * once
    assert count_flops(model, 16) == steps * flops_without_loops(step, [shape])


def test_the_peak_of_a_call_is_seen():
    with PeakMemory() as memory:
        _kept = [np.ones(2**24) for _ in range(3)]
    assert memory.beyond > 300 * 2**20
