"""The same for many items on Ray Data: workers that stay, and blocks of items that they are sent."""

import contextlib
import importlib
import json
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import InputError, reason
from ..pde.backend import keras
from .engines import EngineError, Outcome, attempt

_LARGEST_BLOCK = 32
"""Items that are sent to a worker at once, at most."""

_BLOCKS_EACH = 32
"""So many blocks each worker gets, or more, so that none waits long for the last ones at the end."""

_DIED = "The worker that had it died each time; there may be too little memory for it."


def check_ray() -> Any:
    """The package `ray`.

    Raises:
        InputError: without it.
    """
    try:
        return importlib.import_module("ray.data") and importlib.import_module("ray")
    except ImportError as error:
        raise InputError(
            f"The engine 'ray' needs an extra: pip install 'imagepde[ray]'. Received: {error}."
        ) from error


def run(work: Callable[[Any], Any], items: Sequence[Any], processes: int | None) -> Iterator[Outcome]:
    """The outcomes of a function of each item, as they come in; see `engines.run`."""
    ray = check_ray()
    started = _start(ray)
    left = dict(enumerate(items))
    try:
        largest, before = _LARGEST_BLOCK, len(left) + 1
        while 0 < len(left) < before:
            before = len(left)
            for number, outcome in _once(ray, work, left, processes, largest):
                del left[number]
                yield outcome
            # What is missing was with a worker that died, maybe of another item: each alone now.
            largest = 1
        for item in left.values():
            yield Outcome(item, error=_DIED)
    except ray.exceptions.RayError as error:
        raise EngineError(
            "A worker of Ray cannot start; it needs imagepde, and the same files. "
            f"Received: {str(error).strip().splitlines()[-1]}"
        ) from error
    finally:
        if started:
            ray.shutdown()


def _start(ray):
    """Starts Ray unless it runs, and says whether it did."""
    if ray.is_initialized():
        return False
    # Nobody asked for a message to the makers of Ray.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    options = {"log_to_driver": False, "logging_level": logging.ERROR}
    if not os.environ.get("RAY_ADDRESS"):
        # Workers read and write files by themselves: only names and outcomes are sent.
        own = {"address": "local", "include_dashboard": False, "object_store_memory": 100 << 20}
        options |= own
    try:
        with _silent():
            ray.init(**options)
    except Exception as error:
        # What can be wrong with a cluster, a port or a disk is one sentence.
        raise EngineError(f"Ray cannot be started. Received: {reason(error)}") from error
    return True


@contextlib.contextmanager
def _silent():
    """No messages from C++, which says on stderr how much it is going to say there."""
    with tempfile.TemporaryFile() as nowhere:
        sys.stderr.flush()
        stderr = os.dup(2)
        try:
            os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _once(ray, work, left, processes, largest):
    """Numbers and outcomes of the items that are left; those of a worker that dies are missing."""
    workers = processes or int(ray.cluster_resources().get("CPU", 1))
    workers = min(workers, len(left))
    size = min(max(len(left) // (workers * _BLOCKS_EACH), 1), largest)
    dumps = ray.cloudpickle.dumps
    waiting = 1 if largest == 1 else 2
    rows = [{"number": k, "item": dumps(item)} for k, item in left.items()]
    _quiet(ray)
    blocks = ray.data.from_items(rows, override_num_blocks=-(-len(rows) // size))
    with warnings.catch_warnings():
        # No other parameter says that a block whose worker died is not to be tried without end.
        warnings.filterwarnings("ignore", "`ray_remote_args` is deprecated")
        outcomes = blocks.map(
            _Worker,
            fn_constructor_args=(dumps(work),),
            compute=ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=waiting),
            num_cpus=1,
            runtime_env={"env_vars": _environment()},
            max_task_retries=0,
        )
    for row in outcomes.iter_rows():
        number = int(row["number"])
        yield number, Outcome(left[number], row["error"] or None, tuple(json.loads(row["notes"])))


def _environment():
    """Variables with which a worker computes the same as this process."""
    # TensorFlow adds up in another order, which changes the last bits, if it has other threads.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "KERAS_BACKEND": keras.backend.backend(),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTRAOP_THREADS": os.environ.get("TF_NUM_INTRAOP_THREADS", str(cores)),
    }


def _quiet(ray):
    """No output of Ray's own, and blocks that are lost do not end the run."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


class _Worker:
    """A process of Ray that does the work, with what it needs opened once."""

    def __init__(self, work: bytes):
        self.loads = check_ray().cloudpickle.loads
        self.work = self.loads(work)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        outcome = attempt(self.work, self.loads(row["item"]))
        return {
            "number": row["number"],
            "error": outcome.error or "",
            "notes": json.dumps(outcome.notes),
        }
