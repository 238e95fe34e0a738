"""The folder of a training run: what was asked for, what happened, what came out."""

import contextlib
import csv
import errno
import io
import json
import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import DiskError, InputError
from ..images.files import remove_temporary, replacing
from ..pde.backend import keras
from .recipe_record import Recipe

try:
    import fcntl
except ImportError:  # Windows has no such locks.
    fcntl = None

_BYTES_A_PARAMETER, _BYTES_BESIDE = 40, 4 << 20
"""Room for two checkpoints of weights and both moments of Adam, since a new one is written before the
old one is deleted, for final weights, best weights and the model; and for the small files."""

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO)


class _Memory(io.BytesIO):
    """A file in memory, with a name as Keras demands it of files with weights."""

    def __str__(self) -> str:
        return "memory.weights.h5"


class RunFolder:
    """A folder with `recipe.json`, `log.csv`, a checkpoint, `curve.png` and the final weights.

    Attributes:
        path: The folder.
        log: CSV file with one row an epoch.
        curve: Picture of loss and validation metric against the epoch.
        weights: The final weights.
        best: Those of the best epoch, where they are kept.
        model: The final model, for `keras.saving.load_model`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.log = self.path / "log.csv"
        self.curve = self.path / "curve.png"
        self.weights = self.path / "final.weights.h5"
        self.best = self.path / "best.weights.h5"
        self.model = self.path / "model.keras"

    @property
    def _record_file(self) -> Path:
        return self.path / "recipe.json"

    @property
    def is_run(self) -> bool:
        """Whether this is the folder of a run at all."""
        return self._record_file.is_file()

    @property
    def finished(self) -> bool:
        """Whether the training came to its end."""
        return self.model.is_file()

    def check_finished(self) -> None:
        """Refuses a folder that is no run, or whose training is not finished.

        Raises:
            InputError: which of the two.
        """
        if not self.is_run:
            raise InputError(f"{str(self.path)!r} is not the folder of a training run.")
        if not self.finished:
            raise InputError(f"The training in {str(self.path)!r} is not finished; resume it first.")

    def record(self) -> dict[str, Any]:
        """What was written at the start: recipe, data and versions.

        Raises:
            InputError: if the folder is no run, or its record is damaged or of another version.
        """
        if not self._record_file.is_file():
            raise InputError(f"{str(self.path)!r} is not the folder of a training run.")
        file = str(self._record_file)
        try:
            record = json.loads(self._record_file.read_text(encoding="utf-8"))
            parts = [record[key] for key in ("recipe", "data", "made_by")]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{file!r} is damaged, so this run cannot go on; choose another folder. "
                f"Received: {type(error).__name__}: {error}."
            ) from error
        if not all(isinstance(part, dict) for part in parts):
            raise InputError(f"{file!r} is damaged, so this run cannot go on; choose another folder.")
        try:
            Recipe.from_dict(record["recipe"])
        except InputError as error:
            raise InputError(
                f"{file!r} is damaged, or of another version of imagepde; choose another folder. "
                f"Received: {error}"
            ) from error
        return record

    @contextlib.contextmanager
    def started(
        self,
        recipe: Recipe,
        data: dict[str, Any],
        resume: bool,
        parameters: int = 0,
        writes: bool = True,
    ) -> Iterator[None]:
        """Begins a run in a new or empty folder, or goes on with the same recipe and data.

        While it lasts, no other process can work in the folder.

        Args:
            recipe: The `Recipe`.
            data: What the pictures are, see `data_record`.
            resume: Whether to go on with a run that is there. In an empty folder it begins.
            parameters: Number of weights of the model, by which the space on the disk is checked.
            writes: Whether this process begins the run, and not another one that it trains with.

        Raises:
            InputError: if the folder holds another run, is there and `resume` was not asked for, is in
                use, or cannot be written to.
            DiskError: if something cannot be written later, as on a disk that has become full.
        """
        if not writes:
            yield
            return
        record = run_record(recipe, data)
        if not self.path.parent.is_dir():
            raise InputError(f"There is no folder {str(self.path.parent)!r}; make it first.")
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{str(self.path)!r} is a file; choose a folder for the run.")
        # Whatever begins with a dot was left by a process that was killed before its first file.
        there = self.path.exists() and any(f.name[0] != "." for f in self.path.iterdir())
        if there:
            self._check_same(record, resume)
        elif resume and not self.path.exists():
            raise InputError(f"There is no run {str(self.path)!r} to resume.")
        with contextlib.ExitStack() as stack:
            with self._writing(InputError, "choose another disk or folder"):
                stack.enter_context(self._locked())
                remove_temporary(self.path)
                if not self.finished:
                    self._check_space(parameters)
                if not there:
                    with replacing(self._record_file) as temporary:
                        text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
                        temporary.write_text(text, encoding="utf-8")
            with self._writing(DiskError, "make room, then resume it: its last checkpoint is whole"):
                yield

    @contextlib.contextmanager
    def _writing(self, raised: type[Exception], remedy: str) -> Iterator[None]:
        """An error of the file system below the folder as one of ours, with what can be done."""
        try:
            yield
        except OSError as error:
            # HDF5 has no number for it.
            if error.errno not in _DISK and os.strerror(errno.ENOSPC) not in str(error):
                raise
            raise raised(
                f"The run {str(self.path)!r} cannot be written; {remedy}. Received: {error}."
            ) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keeps other processes out of the folder, which is made if it is not there."""
        self.path.mkdir(exist_ok=True)
        if fcntl is None:
            yield
            return
        # The system ends the lock with the process, however it ends.
        lock = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(
                    f"Another process is training in {str(self.path)!r}; wait for it or choose another "
                    "folder."
                ) from None
            yield
        finally:
            os.close(lock)

    def _check_space(self, parameters: int) -> None:
        """Whether files can be written, and there is room for all that a training writes."""
        with replacing(self.path / "trial") as temporary:
            temporary.write_bytes(b"\0" * 4096)
        (self.path / "trial").unlink()
        needed, free = (
            _BYTES_BESIDE + _BYTES_A_PARAMETER * parameters,
            shutil.disk_usage(self.path).free,
        )
        if free < needed:
            raise InputError(
                f"This training needs {needed / 1e6:.0f} MB in {str(self.path)!r}; make room or choose "
                f"another disk. Received: {free / 1e6:.1f} MB."
            )

    def _check_same(self, record: dict[str, Any], resume: bool) -> None:
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

    def checkpoint_file(self, epoch: int) -> Path:
        """Where the checkpoint after so many epochs is kept."""
        return self.path / f"checkpoint-{epoch:04d}.weights.h5"

    def checkpoint(self) -> Path | None:
        """The newest checkpoint, `None` if there is none."""
        return max(self.path.glob("checkpoint-*.weights.h5"), default=None)

    def load_checkpoint(self, model: Any) -> None:
        """Loads the newest checkpoint into a model with an optimiser.

        Raises:
            InputError: if it is truncated or otherwise damaged.
        """
        file = self.checkpoint()
        try:
            model.load_weights(file)
        except Exception as error:
            # HDF5 and Keras raise errors of many classes.
            raise InputError(
                f"The checkpoint {str(file)!r} is damaged; delete it to begin this run anew. "
                f"Received: {type(error).__name__}."
            ) from error

    def epochs_done(self) -> int:
        """How many epochs the newest checkpoint holds."""
        newest = self.checkpoint()
        return int(newest.name[len("checkpoint-") :].partition(".")[0]) if newest else 0

    def save_weights(self, model: Any, file: Path) -> None:
        """Writes the weights of a model, with the state of its optimiser if it has one.

        They are put together in memory first: on a full disk HDF5 ends the process, a plain file is an
        error that can be told.
        """
        memory = _Memory()
        model.save_weights(memory)
        with replacing(file) as temporary:
            temporary.write_bytes(memory.getbuffer())

    def rows(self) -> list[dict[str, float]]:
        """The log, a list of dictionaries of numbers."""
        if not self.log.is_file():
            return []
        with self.log.open(newline="", encoding="utf-8") as file:
            return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def data_record(source: Any, validation: Any = None) -> dict[str, Any]:
    """What the pictures of a run are, as its folder and the card of its model hold it.

    Args:
        source: The pictures to train on, with those that are held back.
        validation: Pictures of their own for validation, if there are any.
    """
    record = {**source.record, "pictures": len(source)}
    if validation is None:
        return record
    return {**record, "validation": {**validation.record, "pictures": len(validation)}}


def run_record(recipe: Recipe, data: dict[str, Any]) -> dict[str, Any]:
    """What decides about a run: recipe, data and versions."""
    return {"recipe": recipe.to_dict(), "data": data, "made_by": versions()}


def versions() -> dict[str, str]:
    """What makes a result: the versions of imagepde, Keras, its backend and Python."""
    backend = keras.backend.backend()
    return {
        "imagepde": version("imagepde"),
        "keras": keras.__version__,
        backend: __import__(backend).__version__,
        "python": platform.python_version(),
    }
