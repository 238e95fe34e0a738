"""Restoration in Apache Beam: a handler of our models for `RunInference`, and a transform of files.

Beam's own handler for TensorFlow does not load these models. This module needs
`pip install 'imagepde[beam]'`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

try:
    import apache_beam  # pyright: ignore[reportMissingImports]
    from apache_beam.ml.inference import base  # pyright: ignore[reportMissingImports]
except ImportError as error:
    raise ImportError(
        f"Beam needs an extra: pip install 'imagepde[beam]'. Received: {error}."
    ) from error

from ..errors import InputError
from ..zoo.restoration import restore
from .engines import attempt
from .restoring import Restoration


class RestorationHandler(base.ModelHandler):
    """Restores pictures one by one, arrays or `images.Picture`: a model handler for `RunInference`.

    A `PredictionResult` has the picture as its `example` and the restored one as its `inference`. What
    cannot be restored is an error; `RunInference(handler).with_exception_handling()` sets it aside.

    Args:
        model: Name of a model, or a `.keras` file; `None` to measure the noise.
        **options: Further arguments of `zoo.restore`.

    Raises:
        InputError: if `model` is neither a name nor `None`.

    Example:
        from apache_beam.ml.inference.base import RunInference
        from imagepde.bulk.beam import RestorationHandler

        restored = pictures | RunInference(RestorationHandler("trd.gauss25"))
    """

    def __init__(self, model: str | None = None, **options: Any) -> None:
        super().__init__()
        if not isinstance(model, str | None):
            raise InputError("Workers open a model by its name or `.keras` file; save yours first.")
        self.work = Restoration(model, restoring=options)

    def load_model(self) -> Callable[[Any], Any]:
        """A function of a picture; the model is opened once a process."""
        model, options = self.work.opened, self.work.restoring
        return lambda picture: restore(picture, model, **options)

    def run_inference(
        self,
        batch: Sequence[Any],
        model: Callable[[Any], Any],
        inference_args: dict[str, Any] | None = None,
    ) -> Iterable[base.PredictionResult]:
        """The restored pictures."""
        return [base.PredictionResult(picture, model(picture)) for picture in batch]

    def batch_elements_kwargs(self) -> Mapping[str, Any]:
        """Pictures have sizes of their own, and one that fails is to fail alone."""
        return {"max_batch_size": 1}


class _FileHandler(RestorationHandler):
    """The same for files: examples are pairs of paths, and predictions are outcomes."""

    def __init__(self, model, opening, **options):
        super().__init__(model, **options)
        self.work = Restoration(model, opening, options)

    def load_model(self):
        _ = self.work.opened
        return self.work

    def run_inference(self, batch, model, inference_args=None):
        return [attempt(model, pair) for pair in batch]


class RestoreFiles(apache_beam.PTransform):
    """Restores files: from pairs of paths, source and result, to a `bulk.Outcome` for each.

    A file that cannot be read or written does not stop the others: its outcome has an `error`. All
    workers must see the same folders.

    Args:
        model: Name of a model, or a `.keras` file; `None` to measure the noise.
        opening: Arguments of `images.open_picture`, as `axes`.
        **options: Further arguments of `zoo.restore`.

    Example:
        import apache_beam as beam
        from imagepde import bulk
        from imagepde.bulk.beam import RestoreFiles

        pairs = bulk.places(["in"], "out/")
        with beam.Pipeline() as pipeline:
            outcomes = pipeline | beam.Create(pairs.items()) | RestoreFiles("trd.gauss25")
            outcomes | beam.Filter(lambda outcome: outcome.error) | beam.Map(print)
    """

    def __init__(
        self, model: str | None = None, opening: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        super().__init__()
        self.handler = _FileHandler(model, dict(opening or {}), **options)

    def expand(self, pairs: Any) -> Any:
        """Outcomes of pairs of paths."""
        return pairs | base.RunInference(self.handler)
