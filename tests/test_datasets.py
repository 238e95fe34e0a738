"""The data sets for TFDS, by its own tests, and their way through the pipeline of a training."""

import dataclasses
import functools
from pathlib import Path

import numpy as np
import pytest
from imagepde import tasks, training
from imagepde.errors import InputError
from imagepde.images import read_picture, write_picture

pytest.importorskip("dill")
tfds = pytest.importorskip("tensorflow_datasets")
datasets = pytest.importorskip("imagepde.training.datasets")

ROOT = Path(__file__).parents[1] / "training" / "datasets"
FILES = {
    "bsd68": ["bsd68/test001.png", "bsd68/test002.png"],
    "bsds500": [f"bsds500/{name}.jpg" for name in ("train/a", "train/b", "val/c", "test/d")],
    "kodak": ["kodak/kodim01.png", "kodak/kodim02.png"],
    "set12": ["set12/01.png", "set12/02.png"],
}
SPLITS = {name: {"test": 2} for name in FILES}
SPLITS |= {"bsds500": {"train": 2, "val": 1, "test": 1}, "image_pairs": {"train": 2, "test": 1}}
BUILDERS = {name: getattr(datasets, f"{name}_dataset_builder").Builder for name in SPLITS}

# TFDS opens files that it leaves to the garbage collector, and asks NumPy for what is deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def case(name):
    """TFDS's test of a builder: registered, tags, checksums, splits, types, and what it reads."""
    attributes = {
        "DATASET_CLASS": BUILDERS[name],
        "SPLITS": SPLITS[name],
        "EXAMPLE_DIR": str(ROOT / name / "dummy_data"),
        "DL_DOWNLOAD_RESULT": {file: file for file in FILES.get(name, ())} or None,
        "__module__": __name__,
    }
    return type(f"Test{name.title()}", (tfds.testing.DatasetBuilderTestCase,), attributes)


TestBsd68, TestBsds500, TestKodak, TestSet12 = map(case, ("bsd68", "bsds500", "kodak", "set12"))
TestImagePairs = case("image_pairs")


@pytest.mark.parametrize("name", SPLITS)
def test_a_data_set_says_what_it_is(name):
    for file in ("README.md", "CITATIONS.bib", "TAGS.txt"):
        assert (ROOT / name / file).read_text(encoding="utf-8").strip()
    assert BUILDERS[name].get_metadata().description
    if name in FILES:
        count = {"bsd68": 68, "bsds500": 500, "kodak": 24, "set12": 12}[name]
        assert len(BUILDERS[name].url_infos) == count


@pytest.fixture(autouse=True)
def data_dir(tmp_path, monkeypatch):
    """Data sets are kept in the folder of the test, whatever the environment says."""
    monkeypatch.setattr(tfds, "builder", functools.partial(tfds.builder, data_dir=tmp_path))


def prepared(name, manual):
    """Prepares a data set from a folder for manual downloads."""
    builder = tfds.builder(name)
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(manual_dir=manual))
    return builder


@pytest.mark.parametrize("config", ["grey", "color"])
def test_pairs_keep_sixteen_bits_and_train(config):
    manual = ROOT / "image_pairs" / "dummy_data"
    builder, folder = prepared(f"image_pairs/{config}", manual), manual / "image_pairs" / "train"
    for number, example in enumerate(tfds.as_numpy(builder.as_dataset(split="train"))):
        for kind in ("given", "clean"):
            expected = read_picture(folder / kind / f"{number}.png")
            np.testing.assert_array_equal(example[kind][..., 0], expected)
    source = training.open_source(f"tfds:image_pairs/{config}")
    assert [picture.dtype for picture in source] == [np.uint16] * 2
    np.testing.assert_array_equal(next(iter(source))[..., 0], read_picture(folder / "clean" / "0.png"))


def test_a_data_set_gives_what_its_folder_gives(monkeypatch):
    """The same pictures in the same order: so a training of either is the same."""
    checksums, folder = tfds.core.download.checksums, ROOT / "bsds500" / "dummy_data"
    listed = {}
    for file in FILES["bsds500"]:
        found = checksums.compute_url_info(folder / file)
        listed[f"https://example.org/{file}"] = dataclasses.replace(found, filename=file)
    monkeypatch.setattr(BUILDERS["bsds500"], "url_infos", listed)
    prepared("bsds500", folder)
    sources = training.open_source(folder / "bsds500" / "train"), training.open_source("tfds:bsds500")
    assert [source.record["name"] for source in sources] == ["bsds500/train"] * 2
    pairs = [
        next(iter(training.training_pairs(source, tasks.GaussianNoise(25), 1, 8, 4, seed=0)))
        for source in sources
    ]
    for first, second in zip(*pairs, strict=True):
        np.testing.assert_array_equal(first, second)
    with pytest.raises(InputError, match="has the splits"):
        training.open_source("tfds:bsds500:validation")


def write_stl10(folder, rng):
    """Two pictures a split, in the files of STL-10."""
    below = folder / "stl10_binary"
    below.mkdir(parents=True)
    (below / "class_names.txt").write_text("".join(f"kind{k}\n" for k in range(10)))
    for split in ("train", "test", "unlabeled"):
        rng.integers(0, 256, (2, 3, 96, 96), np.uint8).tofile(below / f"{split}_X.bin")
        np.ones(2, np.uint8).tofile(below / f"{split}_y.bin")
    return folder


def write_div2k(folder, rng):
    """A picture a split, and the same on a fourth of the pixels along each side."""
    for split in ("train", "valid"):
        for kind, side, name in (("HR", 64, "0001.png"), ("LR", 16, "0001x4.png")):
            below = folder / f"{kind}_{split}" / (f"DIV2K_{split}_HR" if kind == "HR" else "")
            below.mkdir(parents=True)
            write_picture(below / name, rng.integers(0, 256, (side, side, 3), np.uint8))
    return {
        f"{split}_{kind.lower()}_url": str(folder / f"{kind}_{split}")
        for split in ("train", "valid")
        for kind in ("HR", "LR")
    }


@pytest.mark.parametrize(
    ("name", "write", "side"),
    [("stl10:unlabelled", write_stl10, 96), ("div2k/bicubic_x4", write_div2k, 64)],
)
def test_data_sets_of_tfds_go_through_the_same_pipeline(name, write, side, tmp_path, monkeypatch, rng):
    """What they would fetch is replaced by noise."""
    found = write(tmp_path / "fetched", rng)
    manager = tfds.download.DownloadManager
    monkeypatch.setattr(manager, "download_and_extract", lambda self, urls: found)
    source = training.open_source(f"tfds:{name}", first=2)
    assert {picture.shape for picture in source} == {(side, side, 3)}
    pairs = training.training_pairs(source, tasks.GaussianNoise(25), 3, 32, 2, seed=0)
    assert {part.shape for part in next(iter(pairs))} == {(2, 32, 32, 3)}
