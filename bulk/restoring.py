"""Files in, restored files out."""

import dataclasses
import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..images.arrays import picture_of
from ..images.files import remove_leftovers
from ..images.picture_files import open_picture
from ..images.picture_output import check_output, write_picture
from ..images.samples import is_sample, read_sample
from ..pde.backend import keras
from ..zoo.opening import open_model
from ..zoo.restoration import restore
from .engines import Outcome, check_engine, run
from .layout import places


@dataclasses.dataclass(frozen=True)
class Restoration:
    """Restores one file, as work for an engine; a process opens its model once.

    Attributes:
        model: Name of a model, or a `.keras` file; `None` to measure the noise. The local engine also
            takes a `keras.Model`.
        opening: Arguments of `images.open_picture`.
        restoring: Arguments of `zoo.restore`.

    Example:
        >>> Restoration("trd.gauss25", opening={"axes": "zyx"}).opening
        {'axes': 'zyx'}
    """

    model: str | keras.Model | None = None
    opening: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    restoring: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __call__(self, pair: tuple[str | os.PathLike[str], str | os.PathLike[str]]) -> list[str]:
        """Reads the first file and writes the second, as a whole; returns notes on the first."""
        source, result = Path(pair[0]), Path(pair[1])
        result.parent.mkdir(parents=True, exist_ok=True)
        picture = _open(source, **self.opening)
        check_output(result, picture=picture)
        write_picture(result, restore(picture, self.opened, **self.restoring))
        return [f"{source}: {note}" for note in picture.notes]

    @property
    def opened(self) -> keras.Model | None:
        """The model."""
        return _opened(self.model) if isinstance(self.model, str) else self.model

    def each(
        self, pairs: Mapping[Path, Path], engine: str = "local", processes: int | None = None
    ) -> Iterator[Outcome]:
        """Restores files; see `engines.run`.

        Args:
            pairs: The files that results go to, by the files that they are made of.
            engine: `"local"` or `"ray"`.
            processes: Number of Ray's workers.

        Returns:
            An iterator of an `Outcome` for each pair.

        Raises:
            InputError: for a model that workers cannot open, and as `engines.run` does.
        """
        check_engine(engine, processes)
        if engine != "local" and isinstance(self.model, keras.Model):
            raise InputError(
                "Workers open a model by its name or `.keras` file; save yours with "
                f"`model.save` first. Received: model={self.model.name!r}."
            )
        outcomes = run(self, [(str(a), str(b)) for a, b in pairs.items()], engine, processes)
        return outcomes if engine == "local" else _without_leftovers(outcomes, pairs)


def _without_leftovers(outcomes, pairs):
    """A worker that was killed may leave a file that it had begun."""
    try:
        yield from outcomes
    finally:
        remove_leftovers(pairs.values())


def _open(source, axes=None, **opening):
    """The picture of a file, or one of scikit-image's."""
    if is_sample(str(source)):
        return picture_of(read_sample(str(source)), axes)
    return open_picture(source, axes=axes, **opening)


@functools.lru_cache(maxsize=2)
def _opened(name):
    return open_model(name)


def restore_files(
    sources: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    model: str | keras.Model | None = None,
    *,
    engine: str = "local",
    processes: int | None = None,
    resume: bool = False,
    progress: Callable[[Outcome], None] | None = None,
    axes: str | None = None,
    series: int | None = None,
    **options: Any,
) -> list[Outcome]:
    """Restores many files; one that cannot be read or written does not stop the others.

    Args:
        sources: Files, folders (searched with the folders in them) and patterns with wildcards.
        output: The folder of results. Each is written as a whole or not at all.
        model: As for `zoo.restore`, by its name or `.keras` file if the engine is not the local one.
        engine: `"local"`, or `"ray"` for workers on all cores or on a cluster; the files are the same.
        processes: Number of Ray's workers, a core each; one for every core when `None`.
        resume: Whether pictures whose results are there are left out.
        progress: Called with each `Outcome` as it comes.
        axes: The axes of files that do not name them.
        series: Number of the series in a TIFF that has several.
        **options: Further arguments of `zoo.restore`, as `noise` and `value_range`.

    Returns:
        An `Outcome` for each picture that was to be done; its `item` is the file and its result.

    Raises:
        InputError: before any work, for what `places` or `run` refuse, and for an unknown model.

    Example:
        from imagepde import bulk

        outcomes = bulk.restore_files(["in"], "out/", "trd.gauss25", engine="ray")
        failed = [(outcome.item[0], outcome.error) for outcome in outcomes if outcome.error]
    """
    pairs = left_of(places(sources, output), resume)
    work = Restoration(model, {"axes": axes, "series": series}, options)
    outcomes = work.each(pairs, engine, processes)
    _ = work.opened  # A name that nobody knows is refused at once.
    found = []
    for outcome in outcomes:
        if progress is not None:
            progress(outcome)
        found.append(outcome)
    return found


def left_of(pairs: Mapping[Path, Path], resume: bool) -> dict[Path, Path]:
    """The pairs that are to be done, without those whose results are there if a run goes on."""
    if not resume:
        return dict(pairs)
    remove_leftovers(pairs.values())
    return {source: result for source, result in pairs.items() if not result.exists()}
