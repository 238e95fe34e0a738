"""Picture files: what is read and written, and that nothing is left half-written."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from imagepde import zoo
from imagepde.errors import InputError
from imagepde.images import check_output, picture_output, read_sample
from imagepde.images.color import luma
from imagepde.images.panels import side_by_side
from PIL import Image


@pytest.mark.parametrize(
    ("name", "dtype", "shape"),
    [
        ("a.png", "uint8", (10, 12)),
        ("a.png", "uint8", (10, 12, 3)),
        ("a.png", "uint8", (10, 12, 4)),
        ("a.png", "uint16", (10, 12)),
        ("a.tif", "uint16", (10, 12, 3)),
        ("a.tif", "float32", (10, 12)),
        ("a.bmp", "uint8", (10, 12, 3)),
    ],
)
def test_round_trip(tmp_path, rng, name, dtype, shape):
    largest = 1 if dtype == "float32" else np.iinfo(dtype).max
    picture = (rng.random(shape) * largest).astype(dtype)
    zoo.write_picture(tmp_path / name, picture)
    again = zoo.read_picture(tmp_path / name)
    assert again.dtype == dtype
    np.testing.assert_array_equal(again, picture)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_floats_become_eight_bits_in_png(tmp_path):
    picture = np.linspace(-0.1, 1.1, 100).reshape(10, 10)
    zoo.write_picture(tmp_path / "a.png", picture)
    again = zoo.read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(again, np.rint(np.clip(picture, 0, 1) * 255))


def test_unusual_png_files_become_pictures(tmp_path, rng):
    grey = Image.fromarray((rng.random((10, 12)) * 255).astype("uint8"))
    grey.convert("1").save(tmp_path / "bits.png")
    grey.convert("LA").save(tmp_path / "alpha.png")
    grey.convert("P").save(tmp_path / "palette.png")
    assert zoo.read_picture(tmp_path / "bits.png").dtype == np.uint8
    assert zoo.read_picture(tmp_path / "alpha.png").shape == (10, 12, 4)
    assert zoo.read_picture(tmp_path / "palette.png").shape == (10, 12)


def test_big_endian_tiff_becomes_an_ordinary_picture(tmp_path, rng):
    picture = (rng.random((10, 12)) * 65535).astype(">u2")
    tifffile.imwrite(tmp_path / "a.tif", picture, byteorder=">")
    again = zoo.read_picture(tmp_path / "a.tif")
    assert again.dtype == np.uint16
    np.testing.assert_array_equal(again, picture)


def test_a_photograph_taken_sideways_is_turned(tmp_path, rng):
    picture = Image.fromarray((rng.random((10, 12)) * 255).astype("uint8"))
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate by 90° to the right"
    picture.save(tmp_path / "sideways.png", exif=exif)
    upright = zoo.read_picture(tmp_path / "sideways.png")
    np.testing.assert_array_equal(upright, np.rot90(np.asarray(picture), -1))


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    good = tmp_path / "good.png"
    zoo.write_picture(good, np.zeros((20, 20), "uint8"))
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:40])
    with pytest.raises(InputError, match="no picture that can be read"):
        zoo.read_picture(tmp_path / "text.png")
    with pytest.raises(InputError, match="no picture that can be read"):
        zoo.read_picture(tmp_path / "cut.png")
    with pytest.raises(InputError, match="There is no picture"):
        zoo.read_picture(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="There is no picture"):
        zoo.read_picture(tmp_path)


@pytest.mark.parametrize(
    ("name", "picture", "message"),
    [
        ("missing/a.png", np.zeros((9, 9), "uint8"), "no folder"),
        ("a.xyz", np.zeros((9, 9), "uint8"), "must end with"),
        ("a.jpg", np.zeros((9, 9, 4), "uint8"), "cannot hold"),
        ("a.jpg", np.zeros((9, 9), "uint16"), "cannot hold"),
        ("a.png", np.zeros((9, 9), "int32"), "cannot hold"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(tmp_path, name, picture, message):
    with pytest.raises(InputError, match=message):
        zoo.write_picture(tmp_path / name, picture)
    assert not list(tmp_path.iterdir())


def test_luma_keeps_type_and_grey(rng):
    grey = (rng.random((5, 6)) * 255).astype("uint8")
    np.testing.assert_array_equal(luma(np.stack([grey] * 3, -1)), grey)
    np.testing.assert_array_equal(luma(grey), grey)
    np.testing.assert_array_equal(luma(grey[..., None]), grey)
    red = np.zeros((1, 1, 3), "uint8")
    red[..., 0] = 255
    assert luma(red) == 76


def test_side_by_side_shows_every_picture_pixel_for_pixel(rng):
    colour, grey = rng.random((40, 50, 3)), rng.random((40, 50))
    canvas = side_by_side([("first", colour), ("second", grey)], gap=8)
    assert canvas.shape == (40 + 24, 2 * 50 + 8, 3)
    np.testing.assert_array_equal(canvas[24:, :50], np.rint(colour * 255))
    np.testing.assert_array_equal(canvas[24:, 58:, 1], np.rint(grey * 255))
    assert canvas[:24].min() < 128, "there is no title"


def test_names_that_no_system_takes(tmp_path):
    for name in ("x" * 300 + ".png", "a\0b.png"):
        with pytest.raises(InputError, match="There is no picture"):
            zoo.read_picture(tmp_path / name)
        with pytest.raises(InputError, match="cannot be written"):
            zoo.write_picture(tmp_path / name, np.zeros((9, 9), "uint8"))
    # The longest name that there can be: that of the temporary file fits, too.
    longest = "x" * 251 + ".png"
    zoo.write_picture(tmp_path / longest, np.zeros((9, 9), "uint8"))
    assert [file.name for file in tmp_path.iterdir()] == [longest]


def test_folders_are_no_pictures(tmp_path):
    (tmp_path / "x.png").mkdir()
    with pytest.raises(InputError, match="There is no picture"):
        zoo.read_picture(tmp_path / "x.png")
    with pytest.raises(InputError, match="is a folder"):
        check_output(tmp_path / "x.png")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_found_before_the_work(tmp_path, monkeypatch, number):
    def fail(self, content):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(InputError, match=os.strerror(number)):
        check_output(tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_a_disk_that_becomes_full_leaves_nothing(tmp_path, monkeypatch):
    def fail(path, *args, **kwargs):
        Path(path).write_bytes(b"half a file")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(picture_output, "_write", lambda path, *_: fail(path))
    with pytest.raises(InputError, match="No space left"):
        zoo.write_picture(tmp_path / "a.png", np.zeros((9, 9), "uint8"))
    assert not list(tmp_path.iterdir())


def test_pictures_of_scikit_image():
    assert read_sample("camera").shape == (512, 512)
    assert read_sample("skimage:horse").dtype == np.uint8
    assert read_sample("stereo_motorcycle").shape == (500, 741, 3)
    for name in ("lbp_frontal_face_cascade_filename", "__doc__", "download_all", "os", "", "x" * 300):
        with pytest.raises(InputError, match="has no picture") as caught:
            read_sample(f"skimage:{name}")
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="cannot be restored"):
        read_sample("lfw_subset")
