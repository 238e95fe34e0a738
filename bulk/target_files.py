"""Target sequences of surrogates, for many pictures."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from ..tasks import FlowTargets, TargetCache
from .engines import Outcome, run


@dataclasses.dataclass(frozen=True)
class _Sequences:
    """Computes what a cache lacks for one picture of a source, by its number."""

    folder: str
    targets: FlowTargets
    source: Any

    def __call__(self, number: int) -> None:
        TargetCache(self.folder, self.targets).sequence(next(iter(self.source.part([number]))))


def filled(
    cache: TargetCache, source: Any, engine: str = "local", processes: int | None = None
) -> Iterator[Outcome]:
    """Computes the target sequences that a cache lacks; a picture that fails does not stop the others.

    What is in the cache is not computed again. `TargetCache.fill` does the same in this process and in
    others of this machine, and stops at the first error.

    Args:
        cache: Where sequences are kept, in a folder that all workers see.
        source: Pictures, from `training.open_source`.
        engine: `"local"` or `"ray"`.
        processes: Number of Ray's workers, a core each; one for every core when `None`.

    Returns:
        An iterator of an `Outcome` for each picture, whose `item` is its number. Nothing is computed
        that is not asked for.

    Raises:
        InputError: as `run` does.

    Example:
        source = training.open_source("photographs")
        cache = tasks.TargetCache("targets", training.recipe("blade.tv_flow").task.targets)
        failed = [one for one in bulk.filled(cache, source, engine="ray") if one.error]
    """
    work = _Sequences(str(cache.folder.parent), cache.targets, source)
    return run(work, range(len(source)), engine, processes)
