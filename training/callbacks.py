"""What a training run shows and writes while it goes on."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ..images.files import write_csv
from ..pde.backend import keras
from .run_folder import RunFolder


@contextlib.contextmanager
def averaged(model: Any) -> Iterator[None]:
    """The moving averages of the weights in their place, where the optimiser keeps them (`use_ema`)."""
    kept = [weight.numpy() for weight in model.trainable_weights]
    model.optimizer.finalize_variable_values(model.trainable_weights)
    try:
        yield
    finally:
        for weight, value in zip(model.trainable_weights, kept, strict=True):
            weight.assign(value)


class ValidateAverages(keras.callbacks.Callback):
    """Validates the moving averages of the weights, since they are what a training ends with."""

    def on_test_begin(self, logs: Any = None) -> None:
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(averaged(self.model))

    def on_test_end(self, logs: Any = None) -> None:
        self._stack.close()


class LogEpochs(keras.callbacks.Callback):
    """Writes one row an epoch to the run's log, also across interruptions.

    It stands before the checkpoint in the list of callbacks: a row without a checkpoint is dropped
    when the run resumes, a checkpoint without a row cannot be.
    """

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run = run

    def on_train_begin(self, logs: Any = None) -> None:
        done = self.run.epochs_done()
        self._rows = [row for row in self.run.rows() if row["epoch"] <= done]
        self._before = self._rows[-1]["seconds"] if self._rows else 0.0
        self._start = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        seconds = self._before + time.monotonic() - self._start
        row = {"epoch": epoch + 1, "seconds": seconds, **{k: float(v) for k, v in logs.items()}}
        self._rows.append(row)
        write_csv(self.run.log, self._rows)


class KeepBest(keras.callbacks.Callback):
    """Keeps the weights of the epoch with the best validation so far; it stands after the log."""

    def __init__(self, run: RunFolder, metric: str = "psnr") -> None:
        super().__init__()
        self.run, self.metric = run, metric

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        reached = [row[f"val_{self.metric}"] for row in self.run.rows()]
        if reached[-1] == max(reached):
            with averaged(self.model):
                self.run.save_weights(self.model, self.run.best)


class SaveCheckpoint(keras.callbacks.Callback):
    """Saves weights and the state of the optimiser after every epoch.

    The state holds moving averages and gradients that are being added up, too. A checkpoint is one
    file whose name tells the epoch. It is written under a temporary name and
    renamed, and the one before it is deleted after that: whenever the process is killed, a whole
    checkpoint is there, and what it holds is what its name says.
    """

    def __init__(self, run: RunFolder) -> None:
        super().__init__()
        self.run = run

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        before = self.run.checkpoint()
        self.run.save_weights(self.model, self.run.checkpoint_file(epoch + 1))
        if before:
            before.unlink()


class ShowProgress(keras.callbacks.Callback):
    """A progress bar over the whole run: loss, validation and time left.

    Where the output is no terminal, it prints a line an epoch instead.
    """

    def __init__(
        self, console: Console, epochs: int, steps_per_epoch: int, metric: str = "psnr"
    ) -> None:
        super().__init__()
        self.metric = metric
        self.console, self.epochs, self.steps_per_epoch = console, epochs, steps_per_epoch
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=console,
            disable=not console.is_terminal,
            speed_estimate_period=300,
        )
        self._task = self._progress.add_task(
            "epoch", total=epochs * steps_per_epoch, numbers="", start=False
        )
        self._validation = ""

    def on_train_begin(self, logs: Any = None) -> None:
        self._progress.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch
        if not self._progress.tasks[0].started:
            # Epochs done before an interruption count as done, not as fast.
            self._progress.update(self._task, completed=epoch * self.steps_per_epoch)
            self._progress.start_task(self._task)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._progress.update(
            self._task,
            completed=self._epoch * self.steps_per_epoch + batch + 1,
            description=f"epoch {self._epoch + 1}/{self.epochs}",
            numbers=f"loss {float(logs['loss']):.3e}{self._validation}",
        )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        reached = logs.get(f"val_{self.metric}")
        if reached is not None:
            decibels = self.metric == "psnr"
            unit = f"{reached:.2f} dB" if decibels else f"{self.metric.upper()} {reached:.4f}"
            self._validation = f", validation {unit}"
        if not self.console.is_terminal:
            self.console.print(
                f"epoch {epoch + 1}/{self.epochs}: loss {logs['loss']:.3e}{self._validation}"
            )

    def on_train_end(self, logs: Any = None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the display, also after an error."""
        self._progress.stop()
