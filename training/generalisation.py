"""How good a model is after so many training pictures (DiffNet, section 6.1 and Fig. 10)."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..images.files import replacing, write_csv
from ..pde.backend import keras
from ..tasks import data_words, evaluate
from .crops import Crops
from .loop import train
from .recipes import recipe as find_recipe
from .run_folder import RunFolder

ALL = "all"
"""As a count: random crops of all pictures instead of fixed ones."""

CROP = 96
"""Side of a training picture in px, after it was shrunk."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """One training of the study: a network, a task and a number of training pictures.

    Attributes:
        task: The tag of the recipe, as `"gauss25"`.
        network: The architecture of the recipe, as `"foe_s"`.
        count: Number of training pictures, or `ALL`.

    Example:
        >>> Cell("gauss25", "foe_s", 16).folder("study").parts
        ('study', 'gauss25', 'foe_s', '16')
    """

    task: str
    network: str
    count: int | str

    def folder(self, study: str | Path) -> Path:
        """Where its run is kept."""
        return Path(study) / self.task / self.network / str(self.count)


def study_generalisation(
    study: str | Path,
    cells: list[Cell],
    source: Any,
    test: Any,
    epochs: int,
    steps_per_epoch: int | None = None,
    seed: int = 1,
    console: Any = None,
) -> list[dict[str, Any]]:
    """Trains and tests every cell that is not done yet; goes on where it was interrupted.

    Each cell is trained by the recipe of `network.task` but for the number of epochs and the pictures:
    `count` fixed crops of 96² px. After each epoch there is a validation on the pictures that the
    recipe holds back, and the weights of the best epoch are tested, as the paper stops a training
    that begins to overfit. The results of all cells are kept in `generalisation.csv`, their plot in
    `generalisation.png`. Several processes may work on cells of their own in the same folder.

    Args:
        study: Path of a folder, made if it is not there.
        cells: List of `Cell`.
        source: Pictures for training and validation.
        test: Pictures for the test.
        epochs: Epochs of each training.
        steps_per_epoch: Instead of the recipe's.
        seed: Of the choice of crops, and of each training.
        console: A `rich.console.Console` for the progress.

    Returns:
        The rows of the CSV file, a list of dictionaries.

    Raises:
        InputError: for a cell without a recipe, too few pictures, or trainings of another length.

    Example:
        cells = [training.Cell("gauss25", "foe_s", count) for count in (1, 16, training.ALL)]
        source, test = training.open_source("photographs"), training.open_source("test")
        rows = training.study_generalisation("study", cells, source, test, epochs=100)
    """
    recipes = {cell: _recipe(cell, epochs, steps_per_epoch, seed) for cell in cells}
    for cell, recipe in recipes.items():
        if len(source) <= recipe.validation:
            raise InputError(
                f"The study needs more than {recipe.validation} pictures, since so many are held back "
                f"for validation. Received: {len(source)}."
            )
        if cell.count != ALL and cell.count < 1:
            raise InputError(f"A training needs at least one picture. Received: {cell.count}.")
        _check_same_training(cell, recipe, study)
    Path(study).mkdir(parents=True, exist_ok=True)
    for cell, recipe in recipes.items():
        folder = cell.folder(study)
        if not (folder / "result.json").is_file():
            folder.parent.mkdir(parents=True, exist_ok=True)
            result = _train_and_test(cell, recipe, source, test, folder, console)
            with replacing(folder / "result.json") as temporary:
                temporary.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
            keras.backend.clear_session()
        rows = _collect(study)
        write_csv(Path(study) / "generalisation.csv", rows)
        draw_generalisation(rows, Path(study) / "generalisation.png")
    return rows


def _recipe(cell, epochs, steps_per_epoch, seed):
    changes = {"epochs": epochs, "steps_per_epoch": steps_per_epoch, "seed": seed}
    changes = {key: value for key, value in changes.items() if value is not None}
    return find_recipe(f"{cell.network}.{cell.task}", **changes)


def _check_same_training(cell, recipe, study):
    """A study compares trainings that are as long; what is done already must be so too."""
    file = cell.folder(study) / "result.json"
    steps = recipe.epochs * recipe.steps_per_epoch
    if file.is_file() and json.loads(file.read_text("utf-8"))["steps"] != steps:
        raise InputError(
            f"The study in {str(study)!r} has trainings of another length; choose another folder. "
            f"Received: {steps} steps for {cell.network}.{cell.task}."
        )


def _train_and_test(cell, recipe, source, test, folder, console):
    held_back = recipe.held_back(len(source))
    kept = source.part([i for i in range(len(source)) if i not in held_back])
    pictures = kept
    if cell.count != ALL:
        size = round(CROP / recipe.task.preparation.scale)
        pictures = Crops(kept, tuple(range(cell.count)), size, recipe.seed)
    model = train(
        recipe,
        pictures,
        folder,
        resume=folder.exists(),
        console=console,
        validation=source.part(held_back),
        keep_best=True,
    )
    result, _ = evaluate(model, test, recipe.task)
    log = RunFolder(folder).rows()
    return {
        **dataclasses.asdict(cell),
        "test": data_words(result["data"]),
        "input_psnr": result["input_psnr"],
        "psnr": result["psnr"],
        "validation_psnr": max(row["val_psnr"] for row in log),
        "epochs": recipe.epochs,
        "steps": recipe.epochs * recipe.steps_per_epoch,
        "seconds": round(log[-1]["seconds"]),
    }


def _collect(study):
    """The results of all cells that are done, sorted."""
    rows = [json.loads(file.read_text("utf-8")) for file in Path(study).glob("*/*/*/result.json")]
    return sorted(rows, key=lambda row: (row["task"], row["network"], _position(row["count"])))


def _position(count):
    return float("inf") if count == ALL else count


def draw_generalisation(rows: list[dict[str, Any]], path: str | Path) -> None:
    """Draws test PSNR against the number of training pictures, a panel for each task.

    Args:
        rows: As `study_generalisation` returns them.
        path: File to write.
    """
    from matplotlib.figure import Figure

    tasks = sorted({row["task"] for row in rows})
    counts = sorted({row["count"] for row in rows}, key=_position)
    figure = Figure(figsize=(3.4 * len(tasks), 3.2), layout="constrained")
    axes = figure.subplots(1, len(tasks), squeeze=False)[0]
    for axis, task in zip(axes, tasks, strict=True):
        of_task = [row for row in rows if row["task"] == task]
        for network in sorted({row["network"] for row in of_task}):
            line = [row for row in of_task if row["network"] == network]
            places = [counts.index(row["count"]) for row in line]
            axis.plot(places, [row["psnr"] for row in line], marker="o", label=network)
        before = of_task[0]["input_psnr"]
        axis.axhline(before, color="gray", linestyle=":", linewidth=1, label="before")
        axis.set_title(task, fontsize=9)
        axis.set_xticks(range(len(counts)), [str(count) for count in counts])
        axis.legend(fontsize=7)
    figure.supxlabel("training pictures", fontsize=9)
    figure.supylabel("test PSNR, dB", fontsize=9)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
