"""Files of every kind mean what they say, and what is written from them means the same."""

import numpy as np
import pytest
import tifffile
from checks import pictures
from checks.pictures import KINDS, color, grey, stack
from imagepde.errors import InputError
from imagepde.images import Picture, open_picture, write_picture
from PIL import Image

TURNED = np.rot90(color(), -1)
MEANT = {
    "negative.tif": (grey(), "yx", "L"),
    "turned.tif": (TURNED, "yxs", "RGB"),
    "planar.tif": (np.moveaxis(color(), -1, 0), "syx", "RGB"),
    "channels.tif": (np.stack([grey(), grey()[::-1]], -1), "yxs", "LC"),
    "alpha.tif": (np.concatenate([color(), grey()[..., None]], -1), "yxs", "RGBA"),
    "signed.tif": (grey().astype("i2") - 100, "yx", "L"),
    "imagej.tif": (stack(), "zyx", "L"),
    "stack.ome.tif": (np.stack([stack(), stack()[::-1]]), "czyx", "L"),
    "deep.png": (color().astype("u2") * 257 + 3, "yxs", "RGB"),
    "bits.tif": ((grey() > 100).astype("u1") * 255, "yx", "L"),
    "portable.pgm": (stack()[0], "yx", "L"),
    "portable.pfm": (grey().astype("f4"), "yx", "L"),
    **{f"{name}.tif": (grey(), "yx", "L") for name in ("lzw", "deflate", "packbits", "zstd", "lzma")},
}


@pytest.fixture(params=KINDS)
def kind(request, tmp_path):
    """The name of a kind, and a file of it."""
    path = tmp_path / request.param
    KINDS[request.param](path)
    return request.param, path


def test_pixels_axes_and_samples_are_what_is_meant(kind):
    name, path = kind
    picture = open_picture(path)
    assert len(picture.axes) == picture.values.ndim
    assert picture.values.dtype.isnative
    if name in MEANT:
        values, axes, samples = MEANT[name]
        np.testing.assert_array_equal(picture.values, values)
        assert (picture.axes, picture.samples) == (axes, samples)
        assert picture.dtype == values.dtype


def test_content_decides_not_the_name(kind):
    _, path = kind
    other = path.with_name("other.xyz")
    before = open_picture(path)
    path.rename(other)
    np.testing.assert_array_equal(open_picture(other).values, before.values)


def test_a_tiff_keeps_all_of_it(kind):
    name, path = kind
    picture = open_picture(path)
    write_picture(path.with_name("again.tif"), picture)
    again = open_picture(path.with_name("again.tif"))
    np.testing.assert_array_equal(again.values, picture.values)
    assert again.dtype == picture.dtype
    assert (again.axes, again.samples) == (picture.axes, picture.samples)
    for letter, (size, unit) in picture.spacing.items():
        assert again.spacing[letter][0] == pytest.approx(size, rel=1e-6)
        assert again.spacing[letter][1] == unit
    if picture.planes == 1 and picture.samples in ("L", "RGB", "RGBA") and name != "planar.tif":
        with Image.open(path.with_name("again.tif")) as image:
            # Pillow makes 8 bits of deep colors.
            if picture.dtype != np.int16 and (picture.samples == "L" or picture.dtype == np.uint8):
                np.testing.assert_array_equal(np.asarray(image), picture.values)


def test_the_same_format_keeps_all_of_it(kind):
    _, path = kind
    if path.suffix in (".jpg", ".tif"):
        pytest.skip("has losses, or a test of its own")
    picture = open_picture(path)
    again = path.with_name(f"again{path.suffix}")
    write_picture(again, picture)
    found = open_picture(again)
    np.testing.assert_array_equal(found.values, picture.values)
    assert (found.axes, found.samples, found.dtype) == (picture.axes, picture.samples, picture.dtype)
    assert found.white == picture.white


def test_inks_and_lab_become_colors(tmp_path):
    pictures.KINDS["inks.tif"](tmp_path / "inks.tif")
    picture = open_picture(tmp_path / "inks.tif")
    expected = Image.open(tmp_path / "inks.tif").convert("RGB")
    np.testing.assert_allclose(picture.values.astype(int), np.asarray(expected).astype(int), atol=1)
    assert picture.notes == ("CMYK became RGB.",)
    from skimage.color import rgb2lab

    lab = rgb2lab(color())
    stored = np.concatenate([lab[..., :1] * 2.55, np.mod(lab[..., 1:], 256)], -1)
    tifffile.imwrite(tmp_path / "lab.tif", np.rint(stored).astype("u1"), photometric="cielab")
    found = open_picture(tmp_path / "lab.tif").values.astype(int)
    assert np.abs(found - color()).mean() < 2


def test_palettes_become_colors(tmp_path):
    pictures.palette(tmp_path / "a.tif")
    picture = open_picture(tmp_path / "a.tif")
    assert picture.samples == "RGB"
    expected = np.stack([grey(), 255 - grey(), np.full_like(grey(), 7)], -1)
    np.testing.assert_array_equal(picture.values, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_pillow_turns_it(tmp_path, orientation):
    from PIL import ImageOps

    Image.fromarray(color()).save(tmp_path / "a.tif", tiffinfo={274: orientation})
    expected = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.tif")))
    np.testing.assert_array_equal(open_picture(tmp_path / "a.tif").values, expected)


def test_units_of_pixels_are_read(tmp_path):
    pictures.imagej(tmp_path / "a.tif")
    spacing = open_picture(tmp_path / "a.tif").spacing
    assert spacing["x"] == (pytest.approx(0.065), "µm")
    assert spacing["z"] == (pytest.approx(0.2), "µm")
    pictures.ome(tmp_path / "b.ome.tif")
    assert open_picture(tmp_path / "b.ome.tif").spacing["y"] == (0.065, "µm")
    pictures.KINDS["grey.png"](tmp_path / "a.png")
    assert open_picture(tmp_path / "a.png").spacing["x"][0] == pytest.approx(1 / 300, rel=1e-4)


def test_several_series_are_said(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(grey())
        file.write(color(), photometric="rgb")
    first = open_picture(tmp_path / "a.tif")
    assert "2 series" in first.notes[0]
    np.testing.assert_array_equal(open_picture(tmp_path / "a.tif", series=1).values, color())
    with pytest.raises(InputError, match="series 0 to 1"):
        open_picture(tmp_path / "a.tif", series=2)


def test_what_declares_too_much_is_refused_from_its_header(tmp_path):
    # One strip of zeros that says to be 45,000² pixels.
    tifffile.imwrite(
        tmp_path / "a.tif", np.zeros((450, 450), "u1"), compression="zlib", rowsperstrip=450
    )
    content = bytearray((tmp_path / "a.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        tags = file.pages[0].tags
        for code in (256, 257, 278):
            at = tags[code].offset + 8
            content[at - 6 : at - 4] = (4).to_bytes(2, "little")
            content[at : at + 4] = (45000).to_bytes(4, "little")
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(InputError, match="--max-pixels"):
        open_picture(tmp_path / "a.tif")
    Image.fromarray(np.zeros((400, 400), "u1")).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="--max-pixels"):
        open_picture(tmp_path / "a.png", max_pixels=1000)


def test_axes_may_be_given(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((3, 20, 30)))
    with pytest.raises(InputError, match="axes"):
        open_picture(tmp_path / "a.npy")
    assert open_picture(tmp_path / "a.npy", axes="ZYX").axes == "zyx"
    for wrong in ("zy", "zzx", "yxy", "z1x"):
        with pytest.raises(InputError, match="axes"):
            open_picture(tmp_path / "a.npy", axes=wrong)


def test_replacing_keeps_mode_and_links(tmp_path):
    target, link = tmp_path / "a.png", tmp_path / "link.png"
    write_picture(target, grey())
    target.chmod(0o640)
    link.symlink_to(target)
    write_picture(link, grey()[::-1].copy())
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    np.testing.assert_array_equal(open_picture(target).values, grey()[::-1])


def test_what_a_format_cannot_hold_is_refused(tmp_path):
    for name, picture, message in [
        ("a.png", Picture(stack(), "zyx"), "planes"),
        ("a.png", Picture(stack()[0].astype("i4"), "yx"), "int32"),
        ("a.jpg", Picture(stack()[0], "yx"), "uint16"),
        ("a.png", Picture(np.zeros((9, 9, 5), "u1"), "yxs", "RGBAC"), "samples"),
        ("a.png", Picture(stack()[0] * 7.0, "yx"), "float"),
    ]:
        with pytest.raises(InputError, match=message):
            write_picture(tmp_path / name, picture)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("a.mrc", Picture(stack().astype("f4"), "zyx", spacing={a: (1.5, "Å") for a in "zyx"})),
        ("a.pam", Picture(grey(), "yx")),
        ("a.bmp", Picture(color(), "yxs", "RGB")),
        ("a.png", Picture(np.stack([color(), color()[::-1]]), "tyxs", "RGB")),
    ],
)
def test_other_formats_hold_what_they_are_given(tmp_path, name, picture):
    write_picture(tmp_path / name, picture)
    again = open_picture(tmp_path / name)
    np.testing.assert_array_equal(again.values, picture.values)
    assert (again.axes, again.samples) == (picture.axes, picture.samples)
    for letter in picture.spacing:
        assert again.spacing[letter] == picture.spacing[letter]
