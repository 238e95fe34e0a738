"""How far what a file computes is from its model, and how far it may be."""

import contextlib
import dataclasses
import functools
from typing import Any

import numpy as np

from ..pde.tracing import PORTABLE, tracing_for
from ..zoo import traits
from .tracing import traced

TOLERANCE = 1e-6
"""Largest difference that is accepted, for images in [0, 1] and float32 arithmetic."""

LOSS = 0.1
"""Largest loss of PSNR that is accepted of other arithmetic, in dB."""

SIZES = ((64, 64), (47, 81), (90, 72))
"""Heights and widths on which model and file are compared, unless the file is for one size alone."""

LAST_BIT = 2.0**-23
"""The relative distance of two neighbouring float32 numbers."""

_SHARE, _TRIALS = 0.01, 16


class ExportError(RuntimeError):
    """A file was written but does not compute what the model computes; it was deleted again.

    Example:
        try:
            export.export(model, "model.tflite", to="litert", precision="int8")
        except export.ExportError as error:
            print(error)  # says what differs, and by how much
    """


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One image on which a file was compared with its model.

    Attributes:
        image: What it is, with its size.
        difference: The largest absolute difference, see `deviation`.
        allowed: How large it may be; `None` where the loss of PSNR decides.
        rounded: Whether grey levels are compared, not the numbers that the model computes.

    Example:
        >>> Comparison("a photograph, 128×128", difference=2e-7, allowed=1e-6).agrees
        True
    """

    image: str
    difference: float
    allowed: float | None
    rounded: bool = False

    @property
    def agrees(self):
        """Whether the difference is small enough."""
        return self.allowed is None or bool(self.difference <= self.allowed)


@dataclasses.dataclass(frozen=True)
class Report:
    """The proof that a file computes what its model computes.

    Attributes:
        form: `"saved_model"`, `"litert"` or `"onnx"`.
        precision: As `export` has it.
        size: Height and width, if the file is for one size alone.
        comparisons: A `Comparison` for each image.
        task: On what the loss of PSNR was measured; `None` in float32.
        psnr: PSNR of the model on this task, in dB.
        psnr_loss: How much less that of the file is, in dB.
        bytes: Size of what was written.
        contradictions: What the file says of itself that is not so, each in words.

    Example:
        >>> found = Comparison("a photograph, 128×128", difference=2e-3, allowed=1e-6)
        >>> Report("onnx", "float32", None, (found,)).complaint
        'it differs by 0.002 on a photograph, 128×128, more than 1e-06'
    """

    form: str
    precision: str
    size: tuple[int, int] | None
    comparisons: tuple[Comparison, ...]
    task: str | None = None
    psnr: float | None = None
    psnr_loss: float | None = None
    bytes: int = 0
    contradictions: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """The largest difference of all comparisons of what the model computes."""
        return float(np.max([c.difference for c in self.comparisons if not c.rounded]))

    @property
    def agrees(self) -> bool:
        """Whether the file may stay."""
        return not self.complaint

    @property
    def complaint(self) -> str:
        """In words, what does not agree; empty if all does."""
        parts = [
            f"it differs by {c.difference:.2g} on {c.image}, more than {c.allowed:.2g}"
            for c in self.comparisons
            if not c.agrees
        ]
        if self.psnr_loss is not None and not self.psnr_loss <= LOSS:
            parts.append(
                f"it loses {self.psnr_loss:.2f} dB of {self.psnr:.2f} dB on {self.task}, more than "
                f"{LOSS:g} dB"
            )
        return "; ".join([*parts, *self.contradictions])

    def as_dict(self) -> dict[str, Any]:
        """What is filed in the metadata."""
        found = {
            "images": [dataclasses.asdict(c) for c in self.comparisons],
            "task": self.task,
            "psnr": self.psnr,
            "psnr_loss": self.psnr_loss,
        }
        return {key: value for key, value in found.items() if value is not None}

    def __str__(self):
        size = "any size" if self.size is None else f"{self.size[0]}×{self.size[1]} pixels"
        lines = [f"{self.form}, {self.precision}, {size}, {self.bytes / 1000:.0f} kB"]
        for c in self.comparisons:
            limit = "" if c.allowed is None else f" (allowed {c.allowed:.1e})"
            lines.append(f"  {c.image}: largest difference {c.difference:.1e}{limit}")
        if self.psnr_loss is not None:
            lines.append(
                f"  {self.task}: {self.psnr:.2f} dB, loss {self.psnr_loss:.3f} dB (allowed {LOSS:g})"
            )
        return "\n".join(lines)


def compare(model, run, size=None, exact=True):
    """Compares a model with a file on noise with edges and on a photograph, in several sizes.

    Args:
        model: The `keras.Model`.
        run: Function that applies the file to an array `(1, height, width, channels)`.
        size: Height and width, if the file is for one size alone.
        exact: Whether the difference decides.

    Returns:
        Tuple of `Comparison`.
    """
    found = []
    for what, image in images_to_compare(model, size):
        expected = plain(model, image)
        # Twice: LiteRT has lost weights from the second image of a size on.
        difference = max(_distance(model, expected, run(image)) for _ in range(2))
        decided = exact or traits(model).gives == "region"
        allowed = _allowed(model, image, difference) if decided else None
        found.append(Comparison(what, difference, allowed))
    return tuple(found)


def images_to_compare(model, size=None):
    """Pairs of words and an array `(1, height, width, channels)` that a model takes."""
    from skimage import data

    rng = np.random.default_rng(0)
    *own, channels = model.input_shape[1:]
    sizes = [size] * 2 if size else SIZES if None in own else [tuple(own)] * 2
    least = traits(model).smallest_side
    for number, sides in enumerate(sizes):
        height, width = (max(least, n) for n in sides)
        photograph = number == len(sizes) - 1
        if photograph:
            picture = data.astronaut().astype("float32")[None] / 255
            repeats = (1, -(-height // 512), -(-width // 512), -(-channels // 3))
            image = np.tile(picture, repeats)[:, :height, :width, :channels].copy()
        else:
            edges = np.indices((height, width)).sum(0)[None, ..., None] // 8 % 2
            image = 0.5 * edges + 0.5 * rng.random((1, height, width, channels))
        if traits(model).takes == "mask":
            image[..., -1] = rng.random((height, width)) < 0.3
        if traits(model).takes == "noise":
            image[..., -1] = rng.uniform(0.0, 0.3, (height, width))
        if traits(model).takes == "displacement":
            image[..., -2:] = rng.uniform(-1.5, 1.5, (height, width, 2))
        name = "a photograph" if photograph else "noise with edges"
        yield f"{name}, {height}×{width}", image.astype("float32")


def deviation(model, image, exported):
    """How far what a file computed is from its model, and how far it may be.

    Of a model that decides between two regions it is the share of the pixels that are in another
    region, and at most a hundredth, or what `tolerance` says: where the contour starts from almost
    nothing, and stops when it hardly moves, no digit of a result is certain.

    Args:
        model: The `keras.Model`.
        image: Array `(batch, height, width, channels)`.
        exported: What the file computed of it.

    Returns:
        Two numbers: the largest absolute difference, relative to the largest value where that is above
        one, as it may far from what a model was trained for; and what is allowed, see `tolerance`.
    """
    difference = _distance(model, plain(model, image), exported)
    return difference, _allowed(model, image, difference)


def _allowed(model, image, difference):
    """How far a file may be from its model, see `deviation`; found only if it is in question."""
    least = _SHARE if traits(model).gives == "region" else TOLERANCE
    return least if difference <= least else max(least, tolerance(model, image))


def _distance(model, expected, found):
    """How far two results of a model are from each other, see `deviation`."""
    # No comparison with NaN is true, and it is no maximum.
    if expected.shape != found.shape or not np.isfinite(found).all():
        return float("inf")
    if traits(model).gives == "region":
        other = float(np.mean((found > 0.5) != (expected > 0.5)))
        # Which of the two regions is called the first may be decided by a last bit, too.
        return min(other, 1.0 - other)
    scale = max(1.0, float(np.abs(expected).max()))
    return float(np.abs(found - expected).max()) / scale


def plain(model, image):
    """What a model computes by the same operations one by one as they are in a file.

    Compiled ones round in another way, and where a filter is selected the last bit can decide. The
    operations are put into one function of TensorFlow, which leaves them as they are: from Python, a
    model of hundreds of steps takes minutes.
    """
    import tensorflow as tf

    with tracing_for(PORTABLE), _as_written():
        function, _ = _function_of(model)
        return np.asarray(function(tf.constant(image, tf.float32)))


@functools.lru_cache(maxsize=2)
def _function_of(model):
    """A model as a function, and the module that holds its variables."""
    module = traced(model, model.input_shape)
    return module.serve.get_concrete_function(), module


@contextlib.contextmanager
def _as_written():
    """Keeps TensorFlow from replacing operations by others that round in another way."""
    import tensorflow as tf

    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        after = {"disable_meta_optimizer": before.get("disable_meta_optimizer", False)}
        tf.config.optimizer.set_experimental_options(after)


def tolerance(model, image):
    """How much a file may differ from its model on an image, relative to the largest value.

    It is 1e-6, or twice what the model itself changes by if the image changes in its last bits: a
    filter that is selected, or a contour that starts from almost nothing, can make much of that.

    Args:
        model: The `keras.Model`.
        image: Array `(batch, height, width, channels)`.

    Returns:
        A number.
    """
    rng = np.random.default_rng(1)
    expected = plain(model, image)
    changes = []
    for _ in range(_TRIALS):
        signs = rng.choice([-2 * LAST_BIT, 2 * LAST_BIT], image.shape)
        # What must be exact, as a mask, stays above or below its threshold.
        changed = plain(model, (image * (1 + signs)).astype("float32"))
        changes.append(_distance(model, expected, changed))
    largest = max(changes)
    return max(TOLERANCE, 2.0 * largest) if np.isfinite(largest) else TOLERANCE
