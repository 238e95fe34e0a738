"""Where training and test pictures come from: a folder, or a TFDS data set."""

import dataclasses
import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import tensorflow as tf
from PIL import Image

from ..errors import InputError, reason
from ..images.arrays import to_unit_range
from ..images.color import luma
from ..images.picture_files import read_picture
from .synthetic import Disks, recorded

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".ppm", ".pgm")
"""Files of a folder that are taken for pictures."""

_SPLITS = ("train", "val", "validation", "test")
"""Names of folders that say nothing without the name of the folder above."""


@dataclasses.dataclass(frozen=True)
class Folder:
    """The picture files in a folder and the folders in it, sorted by name.

    Attributes:
        name: What results are filed under.
        paths: The files.
        first: If only so many from the start were taken.
        dtype: What `dataset` makes of them: `"uint16"`, or `"float32"` where one of the files has
            floating-point numbers.
        left_out: Names of files that cannot be used and were left out.
    """

    name: str
    paths: tuple[Path, ...]
    first: int | None = None
    dtype: str = "uint16"
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[np.ndarray]:
        return map(read_picture, self.paths)

    @property
    def record(self) -> dict[str, Any]:
        """How cards call these pictures."""
        record = recorded(self.name, self.first)
        return {**record, "left_out": list(self.left_out)} if self.left_out else record

    def part(self, indices: Iterable[int]) -> Self:
        """The same source with some of its pictures only."""
        return dataclasses.replace(self, paths=tuple(self.paths[i] for i in indices))

    def dataset(self, channels: int) -> tf.data.Dataset:
        """A `tf.data.Dataset` of pictures `(height, width, channels)`, decoded in parallel.

        They are uint16, which holds 8 and 16 bits exactly, or float32 in [0, 1] if there are
        floating-point pictures.
        """
        convert = as_uint16 if self.dtype == "uint16" else as_float32

        def read(path):
            return convert(read_picture(path.decode()), channels)

        def load(path):
            picture = tf.numpy_function(read, [path], self.dtype, stateful=False)
            return tf.ensure_shape(picture, (None, None, channels))

        paths = tf.data.Dataset.from_tensor_slices([str(path) for path in self.paths])
        return paths.map(load, num_parallel_calls=tf.data.AUTOTUNE)


@dataclasses.dataclass(frozen=True)
class TensorFlowDataset:
    """One feature of a TFDS data set, `image` as a rule; the same interface as `Folder`."""

    name: str
    builder: object
    split: str
    indices: tuple[int, ...]
    first: int | None = None
    feature: str = "image"

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def record(self) -> dict[str, Any]:
        """How cards call these pictures."""
        return recorded(self.name, self.first)

    def _images(self):
        # Sorted shards, one reader: the order is the same each time, so an index means a picture.
        images = self.builder.as_dataset(split=self.split, shuffle_files=False)
        chosen = tf.constant(self.indices, tf.int64)
        last = max(self.indices) + 1
        return (
            images.take(last)
            .enumerate()
            .filter(lambda i, _: tf.reduce_any(chosen == i))
            .map(lambda _, example: example[self.feature])
        )

    def __iter__(self) -> Iterator[np.ndarray]:
        return self._images().as_numpy_iterator()

    def part(self, indices: Iterable[int]) -> Self:
        """The same source with some of its pictures only."""
        return dataclasses.replace(self, indices=tuple(self.indices[i] for i in indices))

    def dataset(self, channels: int) -> tf.data.Dataset:
        """A `tf.data.Dataset` of uint16 pictures `(height, width, channels)`."""

        def convert(image):
            picture = tf.numpy_function(
                lambda array: as_uint16(array, channels), [image], tf.uint16, stateful=False
            )
            return tf.ensure_shape(picture, (None, None, channels))

        return self._images().map(convert, num_parallel_calls=tf.data.AUTOTUNE)


def as_uint16(picture: np.ndarray, channels: int) -> np.ndarray:
    """A picture as uint16 `(height, width, channels)`: 8 and 16 bits are both held exactly."""
    picture = _with_channels(picture, channels)
    if picture.dtype == np.uint8:
        return picture.astype(np.uint16) * 257
    if picture.dtype.kind == "f":
        return np.rint(np.clip(picture, 0, 1) * 65535).astype(np.uint16)
    return picture


def as_float32(picture: np.ndarray, channels: int) -> np.ndarray:
    """A picture as float32 `(height, width, channels)` in [0, 1]; floating-point numbers are kept."""
    return to_unit_range(_with_channels(picture, channels))


def _with_channels(picture, channels):
    if channels == 1:
        return luma(picture)[..., None]
    if picture.ndim == 2 or picture.shape[-1] == 1:
        picture = np.repeat(picture.reshape((*picture.shape[:2], 1)), channels, axis=-1)
    return picture[..., :channels]


def open_source(
    spec: str | Path,
    listing: str | Path | None = None,
    first: int | None = None,
    without: str | Path | None = None,
    lenient: bool = False,
) -> Folder | TensorFlowDataset | Disks:
    """Opens `DIR`, `tfds:NAME[:SPLIT]` or `synthetic:disks[:SEED]`, and checks it before any work.

    Args:
        spec: A folder of pictures, or a TFDS data set with a feature `image` or pairs of images, of
            which the second is taken; SPLIT is `train` unless given.
        listing: A text file with the names of the pictures to take, relative to the folder.
        first: Take only so many pictures from the start.
        without: A text file with names of pictures to leave out, for instance those that a model was
            trained on; a name stands for every file whose path ends with it.
        lenient: Whether files that are no pictures are let through, for `usable_pictures` to leave out.

    Returns:
        A `Folder`, `TensorFlowDataset` or `Disks`: an iterable of NumPy pictures with a length and a
        `record`, whose `part` is a source too.

    Raises:
        InputError: if there is no such folder, it has no pictures, a listed one is missing, or one
            is no picture.

    Example:
        >>> disks = open_source("synthetic:disks", first=3)
        >>> len(disks), next(iter(disks)).shape
        (3, (64, 64))
    """
    if first is not None and first < 1:
        raise InputError(f"`first` must be at least 1. Received: first={first}.")
    if str(spec).startswith("synthetic:"):
        return _open_synthetic(str(spec), listing or without, first)
    if str(spec).startswith("tfds:"):
        if listing or without:
            raise InputError("A list of files goes with a folder, not with a TFDS data set.")
        return _open_tfds(str(spec), first)
    return _open_folder(Path(spec), listing, first, without, lenient)


def _open_folder(folder, listing, first, without, lenient):
    if not folder.is_dir():
        raise InputError(f"There is no folder {str(folder)!r}; `--data` takes one, or tfds:NAME.")
    if listing:
        paths = [folder / name for name in _names(listing)]
    else:
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if without:
        left_out = {tuple(Path(name).parts) for name in _names(without)}
        lengths = {len(parts) for parts in left_out}
        absolute = [(path, path.resolve().parts) for path in paths]
        paths = [
            path
            for path, parts in absolute
            if not any(parts[-length:] in left_out for length in lengths)
        ]
    paths = paths[:first]
    if not paths:
        raise InputError(
            f"There are no pictures in {str(folder)!r}; expected files ending with "
            f"{', '.join(SUFFIXES)}."
        )
    floats = [_is_floating(path, lenient) for path in paths]
    name = folder.resolve().name
    if name in _SPLITS:
        name = f"{folder.resolve().parent.name}/{name}"
    return Folder(name, tuple(paths), first, "float32" if any(floats) else "uint16")


def _is_floating(path, lenient):
    """Whether a picture has floating-point numbers; what is no picture is refused, or let through."""
    try:
        with Image.open(path) as file:
            return file.mode == "F"
    except FileNotFoundError:
        raise InputError(f"{str(path)!r} is listed but does not exist.") from None
    except OSError:
        try:
            # Pillow does not know it; another reader may, or says what is wrong.
            return read_picture(path).dtype.kind == "f"
        except InputError:
            if not lenient:
                raise
            return False


def _open_synthetic(spec, listing, first):
    if listing:
        raise InputError("A list of files goes with a folder, not with computed pictures.")
    name, _, seed = spec.removeprefix("synthetic:").partition(":")
    if name != "disks" or not (seed or "0").isdecimal():
        raise InputError(
            "Computed pictures are 'synthetic:disks', or 'synthetic:disks:SEED' for others. "
            f"Received: {spec!r}."
        )
    disks = Disks(seed=int(seed or 0), name=f"disks:{seed}" if seed else "disks")
    return dataclasses.replace(disks.part(range(first)), first=first) if first else disks


def _names(file):
    if not Path(file).is_file():
        raise InputError(f"There is no file {str(file)!r} with the names of pictures.")
    return Path(file).read_text(encoding="utf-8").split()


def _open_tfds(spec, first):
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise InputError(
            f"TFDS data sets need an extra: pip install 'imagepde[train]'. Received: {error}."
        ) from error
    # To import them makes our own data sets known to TFDS.
    importlib.import_module(".datasets", __package__)
    name, _, split = spec.removeprefix("tfds:").partition(":")
    split = split or "train"
    try:
        builder = tfds.builder(name)
        builder.download_and_prepare()
        splits = builder.info.splits
    except Exception as error:
        # TFDS raises errors of its own, of the network and of the file system alike.
        raise InputError(
            f"The TFDS data set {spec!r} cannot be opened. Received: {reason(error)}"
        ) from error
    if split not in splits:
        raise InputError(
            f"The TFDS data set {name!r} has the splits {', '.join(splits)}. Received: {split!r}."
        )
    feature, count = _feature(name, builder.info), splits[split].num_examples
    count = min(count, first or count)
    indices = tuple(range(count))
    return TensorFlowDataset(f"{name}/{split}", builder, split, indices, first, feature)


def _feature(name, info):
    """The pictures of a data set: `image`, or in pairs what should become of the others."""
    target = (info.supervised_keys or ("", ""))[-1]
    for feature in ("image", target):
        shape = info.features[feature].shape if feature in info.features else ()
        if len(shape) == 3:
            return feature
    raise InputError(f"The TFDS data set {name!r} has no feature `image`, and no pairs of images.")
