"""The study of generalisation: which crops it takes, that it goes on, what it writes."""

import csv
import shutil

import numpy as np
import pytest
from imagepde import tasks, training
from imagepde.errors import InputError
from imagepde.training import generalisation
from imagepde.training.crops import Crops
from imagepde.training.run_folder import RunFolder
from rich.console import Console


@pytest.fixture
def source(photograph_folder):
    return training.open_source(photograph_folder)


def test_a_smaller_set_of_crops_is_the_start_of_a_larger_one(source):
    few, many = (Crops(source, tuple(range(count)), 40) for count in (3, 9))
    assert (len(few), len(many)) == (3, 9)
    for a, b in zip(few, many, strict=False):
        assert a.shape[:2] == (40, 40)
        np.testing.assert_array_equal(a, b)
    (seventh,) = many.part([7])
    np.testing.assert_array_equal(seventh, list(many)[7])
    shapes = {crop.shape for crop in many.dataset(1).as_numpy_iterator()}
    assert shapes == {(40, 40, 1)}
    with pytest.raises(InputError, match="larger pictures"):
        list(Crops(source, (0,), 4000))


@pytest.mark.slow
@pytest.mark.every_model
def test_a_study_is_written_and_goes_on(source, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(generalisation, "CROP", 40)
    original = generalisation.find_recipe

    def smaller(name, **changes):
        task = original(name).task.prepared(crop=40)
        config = {"width": 4, "levels": 1, "convolutions": 1}
        small = {"config": config, "task": task, "validation": 1, "patch": 24, "batch": 2}
        return original(name, **small, **changes)

    monkeypatch.setattr(generalisation, "find_recipe", smaller)
    cells = [training.Cell("pm_inverse", "unet", count) for count in (2, training.ALL)]
    study = tmp_path / "study"

    def run(cells, epochs=1):
        return training.study_generalisation(
            study,
            cells,
            source,
            source.part([0]),
            epochs,
            steps_per_epoch=2,
            console=Console(quiet=True),
        )

    first = run(cells[:1])
    assert [row["count"] for row in first] == [2]
    trained = cells[0].folder(study) / "model.keras"
    before = trained.stat().st_mtime_ns
    both = run(cells)
    assert [row["count"] for row in both] == [2, "all"]
    assert both[0] == first[0]
    assert trained.stat().st_mtime_ns == before, "what is done is not done again"
    with (study / "generalisation.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["count"] for row in written] == ["2", "all"]
    assert float(written[0]["psnr"]) == pytest.approx(both[0]["psnr"], abs=1e-3)
    assert (study / "generalisation.png").stat().st_size > 5000
    with pytest.raises(InputError, match="another length"):
        run(cells, epochs=2)
    shutil.rmtree(study)
    with pytest.raises(InputError, match="at least one"):
        run([training.Cell("pm_inverse", "unet", 0)])
    assert not study.exists()


@pytest.mark.slow
def test_the_best_epoch_is_kept(source, tmp_path):
    task = training.recipe("unet.pm_inverse").task.prepared(crop=40)
    recipe = training.recipe(
        "unet.pm_inverse",
        config={"width": 4, "levels": 1, "convolutions": 1},
        task=task,
        epochs=3,
        steps_per_epoch=2,
        batch=2,
        patch=24,
        # So large that the first epoch is the best one.
        learning_rate=0.1,
        final_learning_rate=0.1,
    )
    console = Console(quiet=True)
    kept = training.train(
        recipe, source, tmp_path / "run", console=console, validation=source.part([0]), keep_best=True
    )
    rows = RunFolder(tmp_path / "run").rows()
    reached = [row["val_psnr"] for row in rows]
    assert len(reached) == 3
    assert reached[-1] < max(reached) - 1, "the last epoch is not the best one"
    pairs = training.validation_pairs(source.part([0]), recipe.task, 1, 40)
    kept.compile(loss="mse", metrics=[tasks.PSNR()])
    measured = kept.evaluate(pairs, return_dict=True, verbose=0)["psnr"]
    assert measured == pytest.approx(max(reached), abs=1e-3)
