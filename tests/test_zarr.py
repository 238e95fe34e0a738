"""OME-Zarr, in both versions, and plain Zarr arrays."""

import json
import os

import numpy as np
import pytest
from checks import pictures
from imagepde import images, zoo
from imagepde.errors import InputError

zarr = pytest.importorskip("zarr")

SPACING = {"z": (0.3, "µm"), "y": (0.1, "µm"), "x": (0.1, "µm")}
FAST = "perona_malik.gauss25"


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_what_is_written_is_read_again(tmp_path, version):
    path = tmp_path / "a.ome.zarr"
    given = images.Picture(
        pictures.stack(), "zyx", bits=12, spacing=SPACING, kept={"zarr_version": version}
    )
    images.write_picture(path, given)
    found = images.open_picture(path)
    np.testing.assert_array_equal(found.values, given.values)
    assert (found.axes, found.spacing, found.bits) == ("zyx", SPACING, 12)
    attributes = zarr.open(str(path), mode="r").attrs
    about = attributes["ome"] if version == "0.5" else attributes
    (scale,) = about["multiscales"]
    assert [axis["name"] for axis in scale["axes"]] == ["z", "y", "x"]
    assert scale["axes"][2] == {"name": "x", "type": "space", "unit": "micrometer"}
    assert [kept for kept in os.listdir(tmp_path) if kept.startswith(".")] == []


def test_coarser_levels_are_means_and_color_stays_color(tmp_path):
    color = np.random.default_rng(0).integers(0, 256, (1030, 1041, 3), dtype=np.uint8)
    images.write_picture(tmp_path / "c.zarr", images.Picture(color, "yxs", "RGB"))
    found = images.open_picture(tmp_path / "c.zarr")
    assert (found.samples, found.axes) == ("RGB", "syx")
    np.testing.assert_array_equal(found.values.transpose(1, 2, 0), color)
    group = zarr.open(str(tmp_path / "c.zarr"), mode="r")
    assert group["1"].shape == (3, 515, 520)
    block = color[:2, :2].astype(float).mean((0, 1))
    np.testing.assert_allclose(group["1"][:, 0, 0], block, atol=0.5)
    step = group.attrs["ome"]["multiscales"][0]["datasets"][1]["coordinateTransformations"][0]["scale"]
    assert step == [1, 2, 2]


def test_the_command_takes_and_replaces_a_folder_of_this_kind(imagepde, tmp_path):
    source, result = tmp_path / "in" / "a.ome.zarr", tmp_path / "b.ome.zarr"
    source.parent.mkdir()
    given = images.Picture(pictures.stack(), "zyx", spacing=SPACING)
    images.write_picture(source, given)
    for _ in range(2):
        code, text = imagepde("restore", source, result, "--model", FAST)
        assert code == 0, text
    found = images.open_picture(result)
    np.testing.assert_array_equal(found.values, zoo.restore(given, FAST).values)
    assert found.spacing == SPACING
    # A folder of pictures has it as one picture.
    code, text = imagepde("restore", source.parent, tmp_path / "out", "--model", FAST)
    assert code == 0, text
    assert os.listdir(tmp_path / "out") == ["a.ome.zarr"]


def test_a_plain_array_and_what_is_no_picture(tmp_path):
    zarr.save(str(tmp_path / "plain.zarr"), pictures.stack())
    assert images.open_picture(tmp_path / "plain.zarr", axes="zyx").axes == "zyx"
    with pytest.raises(InputError, match="axes"):
        images.open_picture(tmp_path / "plain.zarr")
    zarr.open_group(str(tmp_path / "group.zarr"), mode="w")
    with pytest.raises(InputError, match="multiscales"):
        images.open_picture(tmp_path / "group.zarr")
    marks = tmp_path / "group.zarr" / "zarr.json"
    marks.write_text(json.dumps({"zarr_format": 3, "node_type": "group", "attributes": {"ome": 7}}))
    with pytest.raises(InputError):
        images.open_picture(tmp_path / "group.zarr")
    odd = images.Picture(pictures.stack(), "qyx")
    with pytest.raises(InputError, match="t, c, z, y, x"):
        images.write_picture(tmp_path / "odd.zarr", odd)


def test_a_size_that_is_only_declared_is_refused(tmp_path):
    zarr.create_array(
        str(tmp_path / "bomb.zarr"), shape=(10**6, 10**6), chunks=(1000, 1000), dtype="uint8"
    )
    with pytest.raises(InputError, match="max-pixels"):
        images.open_picture(tmp_path / "bomb.zarr")
