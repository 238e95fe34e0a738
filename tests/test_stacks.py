"""Stacks, units and pixel sizes through every command and function that takes a picture."""

import numpy as np
import pytest
import tifffile
from checks import pictures
from imagepde import images, zoo
from imagepde.images import open_picture
from PIL import Image

COMMANDS = {
    "deblur": ("--kernel", "1", "--steps", "2"),
    "upscale": ("--factor", "2", "--steps", "2"),
    "inpaint": ("--mask", "mask.png", "--steps", "2"),
    "segment": ("--steps", "20"),
    "warp": ("--shift", "0.5", "-0.25"),
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    about = {"axes": "ZYX", "PhysicalSizeX": 0.065, "PhysicalSizeXUnit": "µm"}
    about |= {"PhysicalSizeY": 0.065, "PhysicalSizeYUnit": "µm", "SignificantBits": 12}
    tifffile.imwrite("stack.ome.tif", pictures.stack(), ome=True, metadata=about)
    mask = np.random.default_rng(0).random((64, 80)) > 0.5
    Image.fromarray(mask.astype(np.uint8) * 255).save("mask.png")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_keeps_axes_and_pixel_size(imagepde, files, command):
    code, text = imagepde(command, "stack.ome.tif", "out.ome.tif", *COMMANDS[command])
    assert code == 0, text
    assert "4095" in text
    found, factor = open_picture("out.ome.tif"), 2 if command == "upscale" else 1
    assert (found.axes, found.shape) == ("zyx", (3, 64 * factor, 80 * factor))
    size, unit = found.spacing["x"]
    assert (size, unit) == (pytest.approx(0.065 / factor), "µm")
    assert found.dtype == (np.uint8 if command == "segment" else np.uint16)


@pytest.mark.parametrize(
    "function",
    [
        lambda given, **axes: zoo.deblur(given, 1.0, steps=2, **axes),
        lambda given, **axes: zoo.upscale(given, 2, **axes),
        lambda given, **axes: zoo.segment(given, steps=20, **axes),
        lambda given, **axes: zoo.warp(given, (0.5, 1.0), **axes),
    ],
    ids=["deblur", "upscale", "segment", "warp"],
)
def test_a_plane_of_a_stack_is_treated_as_it_is_alone(function):
    stack = pictures.stack("uint8")
    together = function(stack, axes="zyx")
    alone = np.stack([function(plane) for plane in stack])
    np.testing.assert_allclose(together.astype(int), alone.astype(int), atol=1)
    described = function(images.Picture(stack, "zyx", spacing={"z": (2.0, "µm")}))
    np.testing.assert_array_equal(described.values, together)
    assert described.spacing["z"] == (2.0, "µm")


def test_a_comparison_is_of_one_plane(imagepde, files):
    code, text = imagepde("deblur", "stack.ome.tif", "out.png", "--compare")
    assert code == 2
    assert "3 planes" in text
    assert not (files / "out.png").exists()


def test_unknown_pixels_are_filled_in_and_put_back(imagepde, files):
    picture = pictures.grey().astype(np.float32)
    picture[10:14, 20:30] = np.nan
    tifffile.imwrite("holes.tif", picture)
    code, text = imagepde("deblur", "holes.tif", "out.tif", "--steps", "2")
    assert code == 2
    assert "--nan" in text
    code, text = imagepde("deblur", "holes.tif", "out.tif", "--steps", "2", "--nan", "keep")
    assert code == 0, text
    np.testing.assert_array_equal(np.isnan(tifffile.imread("out.tif")), np.isnan(picture))


def test_what_has_no_data_is_unknown(imagepde, files):
    picture = pictures.stack()[0].astype(np.int16)
    picture[30:40, :12] = -9999
    tifffile.imwrite("dem.tif", picture, extratags=[(42113, "s", 0, "-9999", True)])
    code, text = imagepde("restore", "dem.tif", "out.tif", "--model", "perona_malik.gauss25")
    assert code == 2
    assert "without data" in text
    for nan in ("keep", "fill"):
        code, text = imagepde(
            "restore", "dem.tif", "out.tif", "--model", "perona_malik.gauss25", "--nan", nan
        )
        assert code == 0, text
        found = open_picture("out.tif")
        assert found.nodata == -9999
        hole = found.values[30:40, :12]
        assert (hole == -9999).all() if nan == "keep" else hole.min() >= 0
    # The pixels beside the hole saw nothing of it.
    assert found.values[:, 12:].min() >= 0
