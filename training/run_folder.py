"""The folder of a training run: what was asked for, what happened, what came out."""

import csv
import dataclasses
import json
import platform
from importlib.metadata import version
from pathlib import Path

from ..errors import InputError
from ..images.files import replacing
from ..pde.backend import keras


class RunFolder:
    """A folder with `recipe.json`, `log.csv`, a checkpoint, `curve.png` and the final weights.

    Attributes:
        path: The folder.
        log: CSV file with one row an epoch.
        curve: Picture of loss and validation PSNR against the epoch.
        weights: The final weights.
        best: Those of the best epoch, where they are kept.
        model: The final model, for `keras.saving.load_model`.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.log = self.path / "log.csv"
        self.curve = self.path / "curve.png"
        self.weights = self.path / "final.weights.h5"
        self.best = self.path / "best.weights.h5"
        self.model = self.path / "model.keras"

    @property
    def _record_file(self):
        return self.path / "recipe.json"

    @property
    def finished(self):
        """Whether the training came to its end."""
        return self.model.is_file()

    def record(self):
        """What `start` wrote: recipe, data and versions."""
        if not self._record_file.is_file():
            raise InputError(f"{str(self.path)!r} is not the folder of a training run.")
        return json.loads(self._record_file.read_text(encoding="utf-8"))

    def start(self, recipe, source, resume):
        """Begins a run in a new folder, or goes on with the same recipe and data.

        Raises:
            InputError: if the folder holds another run, or is there and `resume` was not asked for.
        """
        record = {
            # As JSON has it: a tuple is read back as a list.
            "recipe": json.loads(json.dumps(dataclasses.asdict(recipe))),
            "data": {"name": source.name, "pictures": len(source)},
            "made_by": versions(),
        }
        if not self.path.parent.is_dir():
            raise InputError(f"There is no folder {str(self.path.parent)!r}; make it first.")
        if self.path.exists():
            self._check_same(record, resume)
            return
        if resume:
            raise InputError(f"There is no run {str(self.path)!r} to resume.")
        self.path.mkdir()
        with replacing(self._record_file) as temporary:
            text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
            temporary.write_text(text, encoding="utf-8")

    def _check_same(self, record, resume):
        if not self._record_file.is_file():
            raise InputError(
                f"{str(self.path)!r} exists and is not the folder of a training run; choose another."
            )
        there = self.record()
        for what in ("recipe", "data"):
            if there[what] != record[what]:
                keys = sorted({*there[what], *record[what]})
                different = [k for k in keys if there[what].get(k) != record[what].get(k)]
                raise InputError(
                    f"{str(self.path)!r} holds a run of {there['recipe']['name']!r} with another "
                    f"{what} (it differs in {', '.join(different)}); choose another folder."
                )
        if not resume:
            raise InputError(
                f"{str(self.path)!r} already holds this run; resume it or choose another folder."
            )

    def checkpoint_file(self, epoch):
        """Where the checkpoint after so many epochs is kept."""
        return self.path / f"checkpoint-{epoch:04d}.weights.h5"

    def checkpoint(self):
        """The newest checkpoint, `None` if there is none."""
        return max(self.path.glob("checkpoint-*.weights.h5"), default=None)

    def epochs_done(self):
        """How many epochs the newest checkpoint holds."""
        newest = self.checkpoint()
        return int(newest.name[len("checkpoint-") :].partition(".")[0]) if newest else 0

    def rows(self):
        """The log, a list of dictionaries of numbers."""
        if not self.log.is_file():
            return []
        with self.log.open(newline="", encoding="utf-8") as file:
            return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def versions():
    """What makes a result: the versions of imagepde, Keras, its backend and Python."""
    backend = keras.backend.backend()
    return {
        "imagepde": version("imagepde"),
        "keras": keras.__version__,
        backend: __import__(backend).__version__,
        "python": platform.python_version(),
    }
