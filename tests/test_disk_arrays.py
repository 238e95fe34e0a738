"""Large pictures are kept in temporary files: the same results from there."""

import errno
import os

import numpy as np
import pytest
import tifffile
from imagepde import zoo
from imagepde.images import disk_arrays, open_picture, write_picture
from imagepde.images.disk_arrays import is_on_disk


@pytest.fixture
def small_is_large(monkeypatch):
    """Every picture is as if it were large."""
    monkeypatch.setattr(disk_arrays, "ON_DISK", 1)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"byteorder": ">"},
        {"tile": (16, 16), "compression": "zlib"},
        {"byteorder": ">", "compression": "lzw", "rowsperstrip": 5},
        {"photometric": "miniswhite"},
    ],
)
def test_pixels_are_those_of_a_small_picture(options, tmp_path, rng, monkeypatch):
    stack = rng.integers(0, 4096, (3, 40, 50)).astype(options.get("byteorder", "=") + "u2")
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, stack, **{"photometric": "minisblack", **options}, metadata={"axes": "ZYX"})
    small = open_picture(path)
    assert not is_on_disk(small.values)
    monkeypatch.setattr(disk_arrays, "ON_DISK", 1)
    large = open_picture(path)
    assert is_on_disk(large.values)
    np.testing.assert_array_equal(large.values, small.values)
    assert (large.axes, large.dtype) == (small.axes, small.dtype)


def test_a_result_is_on_the_disk_too_and_is_written_from_there(tmp_path, rng, monkeypatch):
    path, result = tmp_path / "in.tif", tmp_path / "out.tif"
    tifffile.imwrite(path, rng.integers(0, 256, (64, 80, 3), np.uint8), tile=(16, 16))
    expected = zoo.restore(open_picture(path), "perona_malik.gauss25")
    monkeypatch.setattr(disk_arrays, "ON_DISK", 1)
    restored = zoo.restore(open_picture(path), "perona_malik.gauss25")
    assert is_on_disk(restored.values)
    write_picture(result, restored)
    np.testing.assert_array_equal(tifffile.imread(result), expected.values)


@pytest.mark.usefixtures("small_is_large")
def test_zarr_in_blocks(tmp_path, rng):
    zarr = pytest.importorskip("zarr")
    values = rng.integers(0, 4096, (2, 3, 1050, 1029), np.uint16)
    tifffile.imwrite(tmp_path / "in.ome.tif", values, metadata={"axes": "CZYX"}, ome=True)
    write_picture(tmp_path / "out.zarr", open_picture(tmp_path / "in.ome.tif"))
    again = open_picture(tmp_path / "out.zarr")
    assert is_on_disk(again.values)
    np.testing.assert_array_equal(again.values, values)
    coarser = zarr.open(str(tmp_path / "out.zarr"), mode="r")["1"][...]
    even = values[..., :1028].reshape(2, 3, 525, 2, 514, 2)
    np.testing.assert_array_equal(coarser, np.rint(even.mean((3, 5))))


@pytest.mark.usefixtures("small_is_large")
def test_without_place_on_the_disk_the_memory_is_taken(tmp_path, rng, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    values = rng.integers(0, 256, (40, 50), np.uint8)
    tifffile.imwrite(tmp_path / "in.tif", values)
    monkeypatch.setattr(os, "posix_fallocate", full)
    opened = open_picture(tmp_path / "in.tif")
    assert not is_on_disk(opened.values)
    np.testing.assert_array_equal(opened.values, values)


@pytest.mark.usefixtures("small_is_large")
def test_no_file_stays(tmp_path, rng, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tifffile.imwrite(tmp_path / "in.tif", rng.integers(0, 256, (40, 50), np.uint8))
    opened = open_picture(tmp_path / "in.tif")
    assert is_on_disk(opened.values)
    assert [one.name for one in tmp_path.iterdir()] == ["in.tif"]
