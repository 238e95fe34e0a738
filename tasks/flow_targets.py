"""What a surrogate learns: solutions at a fine resolution, averaged to a coarse one."""

import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..errors import InputError
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..images.files import replacing
from ..pde import FLOWS
from ..pde.backend import ops
from ..pde.flows import Flow


@dataclasses.dataclass(frozen=True)
class FlowTargets:
    """How sequences of target frames are made (BLADE, section 2.3 and figure 6).

    The reference scheme runs on the grey picture as it is, with a fine time step; every so many steps a
    frame is averaged over squares of `coarsening`² pixels. Times and lengths are those of the coarse
    grid, whose pixels have side 1: the fine ones have side 1/coarsening.

    Attributes:
        flow: Name of the equation in `pde.FLOWS`.
        parameters: Its parameters.
        time_step: Time between two frames.
        steps: Steps of the reference between two frames.
        frames: Frames after the first, which is the averaged picture itself.
        coarsening: Fine pixels along the side of a coarse one.

    Raises:
        InputError: for a flow that is not in `pde.FLOWS`.

    Example:
        >>> targets = FlowTargets("tv_flow", {}, time_step=0.1, steps=2, frames=2)
        >>> targets.coarsen(targets.prepare(np.zeros((33, 50), "uint8"))).shape
        (8, 12)
    """

    flow: str
    parameters: dict[str, Any]
    time_step: float
    steps: int
    frames: int
    coarsening: int = 4

    def __post_init__(self):
        if self.flow not in FLOWS:
            raise InputError(f"`flow` must be one of {', '.join(FLOWS)}. Received: {self.flow!r}.")

    @property
    def equation(self) -> Flow:
        """The `pde.Flow`."""
        return FLOWS[self.flow](**self.parameters)

    def finer(self, factor: int = 2) -> Self:
        """The same with more steps of the reference, to see whether it is converged."""
        return dataclasses.replace(self, steps=self.steps * factor)

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """Grey values in [0, 1], float32, with sides that are multiples of the coarsening.

        Raises:
            InputError: if fewer than 8 coarse pixels would be left along a side.
        """
        grey = to_unit_range(luma(picture)).astype(np.float32)
        height, width = (side // self.coarsening * self.coarsening for side in grey.shape)
        if min(height, width) < 8 * self.coarsening:
            raise InputError(
                f"Pictures must have at least {8 * self.coarsening} pixels along each side. "
                f"Received: {grey.shape[0]}×{grey.shape[1]}."
            )
        return grey[:height, :width]

    def coarsen(self, image: np.ndarray) -> np.ndarray:
        """The means of squares of `coarsening`² pixels; array `(height, width)`."""
        height, width = (side // self.coarsening for side in image.shape)
        squares = image.reshape(height, self.coarsening, width, self.coarsening)
        return squares.mean((1, 3), dtype=np.float64).astype(np.float32)

    def sequence(self, picture: np.ndarray) -> np.ndarray:
        """The coarse frames of a picture, float32 `(frames + 1, height, width)`."""
        image = self.prepare(picture)
        frames, state = [self.coarsen(image)], image[None, ..., None]
        for _ in range(self.frames):
            state = self._advance(state)
            frames.append(self.coarsen(state[0, ..., 0]))
        return np.stack(frames)

    def _advance(self, state):
        return _compiled(json.dumps(dataclasses.asdict(self), sort_keys=True))(state)


@functools.cache
def _compiled(settings):
    """The reference from one frame to the next, compiled once a process and size of picture."""
    import tensorflow as tf

    targets = FlowTargets(**json.loads(settings))

    @tf.function(jit_compile=targets.equation.compile_whole, autograph=False)
    def advance(state):
        return targets.equation.advance(
            ops.convert_to_tensor(state), targets.time_step, targets.steps, 1 / targets.coarsening
        )

    return lambda state: advance(tf.constant(state)).numpy()


class TargetCache:
    """Target sequences on disk, one file a picture; what is there is not computed again.

    A file with more frames than are wanted is cut, one with fewer is computed anew.

    Args:
        folder: Where they are kept; made if it is missing. Sequences of other settings have other
            folders in it.
        targets: A `FlowTargets`.

    Raises:
        InputError: if the folder in which `folder` is to be made does not exist.

    Example:
        >>> import tempfile
        >>> targets = FlowTargets("tv_flow", {}, time_step=0.1, steps=2, frames=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     TargetCache(folder, targets).has(np.zeros((32, 48), "float32"))
        False
    """

    def __init__(self, folder: str | Path, targets: FlowTargets) -> None:
        self.targets = targets
        settings = {k: v for k, v in dataclasses.asdict(targets).items() if k != "frames"}
        text = json.dumps(settings, indent=2, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        self.folder = Path(folder) / f"{targets.flow}-{digest}"
        if not Path(folder).parent.is_dir():
            raise InputError(f"There is no folder {str(Path(folder).parent)!r}; make it first.")
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(self.folder / "settings.json") as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")

    def file(self, picture: np.ndarray) -> Path:
        """Where the sequence of a picture is kept: its name is a checksum of the grey values."""
        digest = hashlib.sha256(self.targets.prepare(picture).tobytes()).hexdigest()[:16]
        return self.folder / f"{digest}.npy"

    def has(self, picture: np.ndarray) -> bool:
        """Whether the frames of a picture are kept."""
        file = self.file(picture)
        return file.is_file() and len(np.load(file, mmap_mode="r")) > self.targets.frames

    def sequence(self, picture: np.ndarray) -> np.ndarray:
        """The frames of a picture, from the file or computed and kept."""
        file = self.file(picture)
        if not self.has(picture):
            with replacing(file) as temporary, temporary.open("wb") as stream:
                np.save(stream, self.targets.sequence(picture))
        return np.load(file)[: self.targets.frames + 1]

    def fill(
        self,
        source: Any,
        processes: int = 1,
        progress: Callable[[Any, int], Iterable[Any]] = lambda jobs, total: jobs,
    ) -> None:
        """Computes what is missing for the pictures of a source, in several processes.

        Interrupted, it loses the pictures that were being computed and no others.

        Args:
            source: Pictures, from `open_source`.
            processes: How many; each uses one core.
            progress: Function around an iterable, and of its length, that shows progress.
        """
        if processes < 1:
            raise InputError(f"`processes` must be at least 1. Received: {processes}.")
        missing = [k for k, picture in enumerate(source) if not self.has(picture)]
        if processes == 1 or len(missing) < 2:
            for k in progress(missing, len(missing)):
                self.sequence(next(iter(source.part([k]))))
            return
        # Processes are started anew: a fork of one that runs TensorFlow hangs.
        context = multiprocessing.get_context("spawn")
        arguments = (str(self.folder.parent), self.targets)
        with concurrent.futures.ProcessPoolExecutor(
            processes, context, initializer=_one_thread
        ) as pool:
            jobs = [pool.submit(_compute, *arguments, source.part([k])) for k in missing]
            try:
                for job in progress(concurrent.futures.as_completed(jobs), len(jobs)):
                    job.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _one_thread():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _compute(folder, targets, source):
    TargetCache(folder, targets).sequence(next(iter(source)))


def convergence(
    source: Iterable[np.ndarray], cache: TargetCache, finer: TargetCache
) -> list[dict[str, float]]:
    """How far target sequences agree with those of a finer time step: is the reference converged?

    Args:
        source: Pictures, from `open_source`.
        cache: A `TargetCache`.
        finer: Another, of `targets.finer()`.

    Returns:
        For every tenth frame a dictionary with the mean and the smallest PSNR over the pictures.

    Example:
        source = training.open_source("photographs", first=8)
        cache, finer = (tasks.TargetCache("cache", t) for t in (targets, targets.finer()))
        rows = tasks.convergence(source, cache, finer)
    """
    pairs = [(cache.sequence(picture), finer.sequence(picture)) for picture in source]
    rows = []
    for frame in range(10, cache.targets.frames + 1, 10):
        errors = [np.mean(np.square(a[frame] - b[frame], dtype=float)) for a, b in pairs]
        psnrs = -10 * np.log10(np.maximum(errors, 1e-30))
        rows.append(
            {
                "frame": frame,
                "time": frame * cache.targets.time_step,
                "psnr": float(psnrs.mean()),
                "smallest": float(psnrs.min()),
            }
        )
    return rows
