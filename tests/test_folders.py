"""The command with stacks, folders and the units of cameras: what `docs/files.md` shows."""

import shlex
from pathlib import Path

import numpy as np
import pytest
import tifffile
from checks import pictures
from imagepde import zoo
from imagepde.images import open_picture
from PIL import Image
from skimage import data

ROOT = Path(__file__).resolve().parents[1]
FAST = ("--model", "perona_malik.gauss25")


@pytest.mark.parametrize("name", ["imagej.tif", "hyperstack.tif", "stack.ome.tif", "channels.tif"])
def test_every_plane_of_a_file_is_restored_and_the_file_is_of_its_kind(imagepde, tmp_path, name):
    source, result = tmp_path / name, tmp_path / f"clean_{name}"
    pictures.KINDS[name](source)
    code, text = imagepde("restore", source, result, *FAST, "--range", "0:4095")
    assert code == 0, text
    before, after = open_picture(source), open_picture(result)
    assert (after.axes, after.samples, after.format) == (before.axes, before.samples, before.format)
    assert after.dtype == before.dtype
    assert set(after.spacing) == set(before.spacing)
    for letter, (size, unit) in before.spacing.items():
        assert after.spacing[letter] == (pytest.approx(size), unit)
    planes = before.values.reshape(-1, 64, 80) if "s" not in before.axes else before.values.T
    found = after.values.reshape(-1, 64, 80) if "s" not in after.axes else after.values.T
    for one, restored in zip(planes, found, strict=True):
        expected = zoo.restore(one, FAST[1], value_range=(0, 4095))
        np.testing.assert_allclose(restored.astype(int), expected.astype(int), atol=1)
        assert (restored != one).any()


def test_a_camera_of_twelve_bits_is_restored_on_its_scale(imagepde, tmp_path):
    clean = data.camera()[100:228, 100:228] / 255
    noisy = np.clip(clean + np.random.default_rng(0).normal(0, 25 / 255, clean.shape), 0, 1)
    tifffile.imwrite(tmp_path / "a.tif", np.rint(noisy * 4095).astype("u2"))
    Image.fromarray(np.rint(noisy * 255).astype("u1")).save(tmp_path / "a.png")
    for name in ("a.tif", "a.png"):
        code, text = imagepde("restore", tmp_path / name, tmp_path / f"out_{name}", *FAST)
        assert code == 0, text
        assert ("0 to 4095 (the bits of the camera)" in text) == (name == "a.tif")
    deep = open_picture(tmp_path / "out_a.tif").values / 4095
    flat = open_picture(tmp_path / "out_a.png").values / 255
    np.testing.assert_allclose(deep, flat, atol=0.004)


def test_a_folder_goes_on_after_a_bad_file_and_resumes(imagepde, tmp_path):
    source, result = tmp_path / "in", tmp_path / "out"
    (source / "below").mkdir(parents=True)
    for k, name in enumerate(("a.png", "b.tif", "below/c.png")):
        zoo.write_picture(source / name, pictures.grey()[: 40 + k])
    (source / "bad.png").write_text("no picture")
    code, text = imagepde("restore", source, result, *FAST)
    assert code == 1
    assert "Wrote 3 pictures" in text
    assert "bad.png" in text.split("1 failed:")[1]
    written = sorted(str(p.relative_to(result)) for p in result.rglob("*") if p.is_file())
    assert written == ["a.png", "b.tif", "below/c.png"]
    (result / "a.png").unlink()
    code, text = imagepde("restore", source, result, *FAST, "--resume")
    assert "2 of 4 pictures are there already" in text
    assert "Wrote 1 pictures" in text
    code, text = imagepde("restore", source / "*.png", f"{tmp_path / 'more'}/", *FAST)
    assert "Wrote 1 pictures" in text
    code, text = imagepde("restore", source / "a.png", source / "b.tif", tmp_path / "two", *FAST)
    assert code == 0
    assert len(list((tmp_path / "two").iterdir())) == 2
    for sources, output, message in [
        ([source / "*.gif"], f"{tmp_path}/x/", "no picture in"),
        ([source / "a.png", source / "below"], f"{source}/", "would be replaced"),
    ]:
        code, text = imagepde("restore", *sources, output, *FAST)
        assert code == 2, text
        assert message in text


def test_a_mask_says_how_much_it_knows(imagepde, tmp_path):
    damaged, hole = pictures.grey(), np.zeros((64, 80), bool)
    hole[20:40, 20:50] = True
    damaged[hole] = 255
    zoo.write_picture(tmp_path / "a.png", damaged)
    Image.fromarray(np.where(hole, 0, 255).astype("u1")).save(tmp_path / "m.jpg", quality=90)
    Image.fromarray(np.where(hole, 255, 0).astype("u1")).save(tmp_path / "inverted.png")
    options = ("--model", "inpainting.homogeneous")
    code, text = imagepde(
        "restore", tmp_path / "a.png", tmp_path / "o.png", *options, "--mask", tmp_path / "m.jpg"
    )
    assert code == 0, text
    assert f"Known: {(~hole).mean():.1%}" in text
    assert "inverted" not in text
    assert open_picture(tmp_path / "o.png").values[hole].mean() < 250
    code, text = imagepde(
        "inpaint", tmp_path / "a.png", tmp_path / "o.png", *options, "--mask", tmp_path / "inverted.png"
    )
    assert "is it inverted?" in text


def test_ranges_and_unknown_values_are_options(imagepde, tmp_path):
    values = pictures.grey() * 10.0 + 100
    values[10:12, 10:12] = np.nan
    np.save(tmp_path / "a.npy", values)
    for options, message in [
        ((), "--nan fill"),
        (("--nan", "x"), "must be one of"),
        (("--range", "5"), "two numbers"),
        (("--range", "5:1"), "smaller"),
        (("--axes", "zyx"), "axes"),
    ]:
        code, text = imagepde("restore", tmp_path / "a.npy", tmp_path / "o.npy", *FAST, *options)
        assert code == 2, text
        assert message in text
    code, text = imagepde("restore", tmp_path / "a.npy", tmp_path / "o.npy", *FAST, "--nan", "keep")
    assert code == 0, text
    assert np.isnan(np.load(tmp_path / "o.npy")).sum() == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.npy", "o.npy"]


def test_the_commands_of_the_page_run(imagepde, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures.KINDS["stack.ome.tif"](tmp_path / "cells.ome.tif")
    np.save("volume.npy", pictures.stack())
    tifffile.imwrite("camera.tif", pictures.stack()[0])
    heights = pictures.grey().astype(np.float32) * 10
    heights[:9, :9] = -9999
    tifffile.imwrite("elevation.tif", heights, extratags=[(42113, "s", 0, "-9999", True)])
    (tmp_path / "in").mkdir()
    for name in ("a.tif", "b.tif"):
        tifffile.imwrite(tmp_path / "in" / name, pictures.stack()[0])
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    commands = [line for line in page.splitlines() if line.startswith("imagepde ")]
    assert len(commands) >= 8
    for command in commands:
        code, text = imagepde(*shlex.split(command)[1:])
        assert code == 0, f"{command}: {text}"
    cells, made = open_picture("cells.ome.tif"), open_picture("clean.ome.zarr")
    assert (made.axes, made.dtype) == (cells.axes, cells.dtype)
    assert made.spacing["x"] == cells.spacing["x"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.tif", "b.tif"]
