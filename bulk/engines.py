"""What does the same to many items: a loop in this process, or workers of Ray Data."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..errors import InputError, reason

ENGINES = ("local", "ray")
"""Names of the engines: a loop in this process, and Ray Data, which has workers on all cores."""


class EngineError(RuntimeError):
    """An engine cannot be started, or none of its workers can."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of one item.

    Attributes:
        item: The item, as it was given.
        error: Why it failed, in one sentence; `None` if it was done.
        notes: What else there is to say of it.

    Example:
        >>> Outcome("a.png", error="'a.png' is no picture that can be read.").error is None
        False
    """

    item: Any
    error: str | None = None
    notes: tuple[str, ...] = ()


def run(
    work: Callable[[Any], Iterable[str] | None],
    items: Iterable[Any],
    engine: str = "local",
    processes: int | None = None,
) -> Iterator[Outcome]:
    """Calls a function for each item; an item that fails does not stop the others.

    With Ray the function and the items are pickled, and the workers see the same files. An item whose
    worker dies is tried once more, alone.

    Args:
        work: Function of an item. It may return notes. What it raises is the error of the item.
        items: What there is to do.
        engine: `"local"`, or `"ray"`, which needs `pip install 'imagepde[ray]'`. Ray is started
            and stopped, unless it runs already or the variable `RAY_ADDRESS` names a cluster.
        processes: Number of Ray's workers, a core each; one for every core when `None`.

    Returns:
        An iterator of an `Outcome` for each item, in the order in which they are done.

    Raises:
        InputError: for another engine, without Ray, or if `processes` is below 1 or given to the
            local engine.
        EngineError: if Ray or its workers cannot be started.

    Example:
        >>> def check(number):
        ...     if number < 0:
        ...         raise ValueError("negative")
        >>> [outcome.error for outcome in run(check, [1, -1])]
        [None, 'ValueError: negative']
    """
    check_engine(engine, processes)
    given = list(items)
    if engine == "local":
        return _here(work, given)
    from . import ray_engine

    return ray_engine.run(work, given, processes)


def check_engine(engine: str, processes: int | None) -> None:
    """Refuses an engine before any work is done.

    Args:
        engine: One of `ENGINES`.
        processes: Number of Ray's workers; `None` if nobody asked for a number.

    Raises:
        InputError: for another engine, without Ray, or for `processes` that cannot be.
    """
    if engine not in ENGINES:
        raise InputError(f"`engine` must be one of {', '.join(ENGINES)}. Received: {engine!r}.")
    if engine == "local" and processes is not None:
        raise InputError("`processes` goes with the engine 'ray'; the local engine is one process.")
    if processes is not None and processes < 1:
        raise InputError(f"`processes` must be at least 1. Received: {processes}.")
    if engine == "ray":
        from . import ray_engine

        ray_engine.check_ray()


def attempt(work: Callable[[Any], Iterable[str] | None], item: Any) -> Outcome:
    """The outcome of one call."""
    try:
        return Outcome(item, notes=tuple(work(item) or ()))
    except (InputError, OSError) as error:
        return Outcome(item, error=str(error))
    except Exception as error:
        # A picture may be more than a backend has memory for, or odd in a way that nobody foresaw.
        return Outcome(item, error=reason(error))


def _here(work: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Outcome]:
    for item in items:
        yield attempt(work, item)
