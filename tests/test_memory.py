"""Memory: it is known before the work, and large pictures are inpainted step by step."""

import numpy as np
import pytest
from imagepde import zoo
from imagepde.errors import InputError
from imagepde.zoo import memory, planes, stepwise


@pytest.fixture
def small_windows(monkeypatch):
    """Pictures of a hundred pixels a side count as large."""
    for module in (planes, stepwise, memory):
        monkeypatch.setattr(module, "WINDOW", 64)
    monkeypatch.setattr(stepwise, "SIDES", (64, 96))


@pytest.fixture
def little_memory(monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 2**28)


def whole_and_in_steps(monkeypatch, model, picture, known):
    found = [zoo.restore(picture, model, mask=known)]
    with monkeypatch.context() as context:
        context.setattr(planes, "WINDOW", 1024)
        found.append(zoo.restore(picture, model, mask=known))
    return found


@pytest.mark.parametrize("shape", [(150, 131), (150, 131, 3)])
@pytest.mark.parametrize("tensor", ["edge_enhancing", "homogeneous"])
def test_steps_in_windows_are_those_of_the_whole(shape, tensor, rng, small_windows, monkeypatch):
    picture = rng.random(shape, dtype="float32")
    known = rng.random(shape[:2]) < 0.2
    known[40:100, 30:100] = False  # wider than anything that a step sees
    picture[~known] = np.nan
    model = zoo.create("inpainting", steps=4, cycle=3, tensor=tensor)
    steps = stepwise.stepwise(model)
    assert steps is stepwise.stepwise(model)
    assert all(len(windows) > 1 for windows in steps.windows(*shape[:2]))
    parts, whole = whole_and_in_steps(monkeypatch, model, picture, known)
    np.testing.assert_allclose(parts, whole, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(parts[known], picture[known])


def test_learned_steps_in_windows_are_those_of_the_whole(rng, small_windows, monkeypatch):
    """But for pixels where rounding decides which filter is taken."""
    picture = (255 * rng.random((131, 150))).astype("uint8")
    known = rng.random(picture.shape) < 0.2
    model = zoo.load("reconstruction.inpaint", steps=2)
    parts, whole = whole_and_in_steps(monkeypatch, model, picture / np.float32(255), known)
    assert np.mean(np.abs(parts - whole) > 1e-6) < 0.01
    assert np.abs(parts - whole).max() < 0.05
    parts, whole = whole_and_in_steps(monkeypatch, model, picture, known)
    assert parts.dtype == np.uint8
    np.testing.assert_array_equal(parts[known], picture[known])


def test_only_what_can_be_taken_apart_is():
    assert stepwise.stepwise(zoo.load("reconstruction.upscale2")) is None
    assert stepwise.stepwise(zoo.load("foe_s.gauss25")) is None


def test_memory_grows_with_the_picture_and_less_in_steps():
    small, large = (zoo.memory_needed("ka.gauss25", side, side) for side in (1000, 4000))
    assert large - small == memory.OTHERS * (4000**2 - 1000**2)
    assert zoo.memory_needed("inpainting.eed", 3000, 4000, 3) < 2**30
    # Too narrow for windows, so it is computed whole.
    assert zoo.memory_needed("reconstruction.inpaint", 20, 10**6) > 2**33
    one, three = (zoo.memory_needed("ka.gauss25", 500, 500, colors) for colors in (1, 3))
    assert three - one == 2 * memory.OTHERS * 500**2
    assert zoo.memory_needed("reconstruction.upscale4", 100, 100) > zoo.memory_needed(
        "reconstruction.upscale2", 100, 100
    )


def test_a_picture_that_needs_more_memory_than_there_is_is_refused(little_memory, monkeypatch):
    model = zoo.load("ka.gauss25")
    monkeypatch.setattr(type(model), "predict_on_batch", lambda *_: pytest.fail("work has begun"))
    with pytest.raises(InputError, match=r"windows.*1100×1200 pixels.*0\.5 GiB; 0\.25 GiB"):
        zoo.restore(np.zeros((1100, 1200), "uint8"), model)


def test_other_pictures_are_not_refused(little_memory, monkeypatch, noisy_photograph):
    assert zoo.restore(noisy_photograph, "ka.gauss25").shape == noisy_photograph.shape
    assert not planes.given_whole(zoo.method.method_of(zoo.load("foe_s.gauss25")), (4000, 4000), False)
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    memory.check_memory(zoo.method.method_of(zoo.load("ka.gauss25")), (10**5, 10**5), 1)


def test_nothing_is_known_of_functions():
    from imagepde.layers import Traits

    method = zoo.method.method_of(lambda images: images, Traits(reach=None))
    assert zoo.memory_needed(method, 10**5, 10**5) == 0


def test_limits_of_containers(tmp_path):
    assert memory._of_container(tmp_path) is None
    old = tmp_path / "memory"
    old.mkdir()
    (old / "memory.limit_in_bytes").write_text("1000\n")
    (old / "memory.usage_in_bytes").write_text("700\n")
    (old / "memory.stat").write_text("cache 1\ntotal_inactive_file 50\n")
    assert memory._of_container(tmp_path) == 350
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 100\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._of_container(tmp_path) == 350
    (tmp_path / "memory.max").write_text("2000\n")
    assert memory._of_container(tmp_path) == 1400
    assert memory.available_memory() is None or memory.available_memory() > 0
