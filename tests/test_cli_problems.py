"""The commands for inverse problems, segmentation and resampling."""

import re

import numpy as np
import pytest
from imagepde import zoo
from skimage import data


@pytest.fixture
def small(tmp_path):
    zoo.write_picture(tmp_path / "small.png", data.astronaut()[:64, 200:272])
    return tmp_path / "small.png"


def numbers(text):
    return [float(value) for value in re.findall(r"([\d.]+) dB", text)]


def test_deblur(imagepde, small, tmp_path):
    out = tmp_path / "out.png"
    code, text = imagepde("deblur", small, out, "--kernel", "0.8", "--weight", "2")
    assert code == 0, text
    expected = zoo.deblur(zoo.read_picture(small), 0.8, weight=2.0)
    np.testing.assert_allclose(zoo.read_picture(out).astype(int), expected, atol=1)
    code, text = imagepde("deblur", small, out, "--simulate", "5", "--model", "eed.default")
    assert code == 0, text
    before, after = numbers(text)
    assert after > before
    assert zoo.read_picture(out).shape[1] == 3 * 72 + 2 * 8
    zoo.write_picture(tmp_path / "kernel.png", np.array([[0, 9, 0], [9, 90, 9], [0, 9, 0]], "uint8"))
    code, text = imagepde("deblur", small, out, "--kernel", tmp_path / "kernel.png")
    assert code == 0, text
    assert "Kernel: 3×3" in text
    np.save(tmp_path / "kernel.npy", np.full((5, 5), 255.0))
    code, text = imagepde("deblur", small, out, "--kernel", tmp_path / "kernel.npy", "--weight", "2")
    assert code == 0, text
    assert abs(zoo.read_picture(out).mean() - zoo.read_picture(small).mean()) < 2


def test_upscale(imagepde, small, tmp_path):
    out, quick = tmp_path / "out.png", ("--factor", "3", "--model", "eed.default", "--steps", "2")
    code, text = imagepde("upscale", small, out, *quick)
    assert code == 0, text
    np.testing.assert_array_equal(
        zoo.read_picture(out)[1::3, 1::3].shape, zoo.read_picture(small).shape
    )
    code, text = imagepde("upscale", small, out, "--simulate", "--factor", "2")
    assert code == 0, text
    before, after = numbers(text)
    assert after > before
    assert imagepde("upscale", small, out, *quick, "--compare")[0] == 0
    assert zoo.read_picture(out).shape[1] == 2 * 3 * 72 + 8


def test_inpaint(imagepde, small, tmp_path, rng):
    out, known = tmp_path / "out.png", rng.random((64, 72)) < 0.4
    zoo.write_picture(tmp_path / "mask.png", known.astype("uint8") * 255)
    code, text = imagepde("inpaint", small, out, "--mask", tmp_path / "mask.png", "--steps", "5")
    assert code == 0, text
    picture, filled = zoo.read_picture(small), zoo.read_picture(out)
    np.testing.assert_array_equal(filled[known], picture[known])
    code, text = imagepde("inpaint", small, out, "--known", "40", "--model", "inpainting.eed")
    assert code == 0, text
    before, after = numbers(text)
    assert after > before + 10


def test_segment(imagepde, small, tmp_path):
    out = tmp_path / "out.png"
    code, text = imagepde("segment", small, out, "--steps", "100")
    assert code == 0, text
    region = zoo.read_picture(out)
    assert set(np.unique(region)) == {0, 255}
    np.testing.assert_array_equal(region > 0, zoo.segment(zoo.read_picture(small), steps=100))
    code, text = imagepde("segment", small, out, "--regions", "3")
    assert code == 0, text
    assert "Then, from bright to dark" in text
    labels = zoo.segment(zoo.read_picture(small), regions=3)
    np.testing.assert_array_equal(zoo.read_picture(out), np.array([0, 128, 255])[labels - 1])
    code, text = imagepde("segment", small, out, "--model", "segmentation.chan_vese", "--compare")
    assert code == 0, text
    assert zoo.read_picture(out).shape[1] == 2 * 72 + 8


def test_warp(imagepde, small, tmp_path):
    out, picture = tmp_path / "out.png", zoo.read_picture(small)
    code, text = imagepde("warp", small, out, "--shift", "0.5", "-0.25")
    assert code == 0, text
    np.testing.assert_array_equal(zoo.read_picture(out), zoo.warp(picture, (0.5, -0.25)))
    field = np.full((64, 72, 2), 1.0, "float32")
    field[0, 0] = np.nan
    np.save(tmp_path / "flow.npy", field)
    code, text = imagepde("warp", small, out, "--flow", tmp_path / "flow.npy", "--model", "bicubic")
    assert code == 0, text
    assert "not known" in text
    np.testing.assert_array_equal(zoo.read_picture(out)[1:-1, :-1], picture[2:, 1:])
    code, text = imagepde("warp", out, tmp_path / "back.png", "--onto", small, "--compare")
    assert code == 0, text
    assert zoo.read_picture(tmp_path / "back.png").shape[1] == 3 * 72 + 2 * 8


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("deblur", "--regulariser", "eed.default"), ("--model", "eed.default")),
        (("segment", "--regulariser", "reference"), ("--model", "segmentation.chan_vese")),
        (("warp", "--shift", "1", "1", "--method", "bicubic"), ("--model", "bicubic")),
    ],
)
def test_options_of_the_first_version_still_work(imagepde, small, tmp_path, old, new):
    command, *old = old
    code, text = imagepde(command, small, tmp_path / "old.png", *old)
    assert code == 0, text
    assert f"Deprecated: {old[-2]} goes" in text
    assert " ".join(new) in text
    code, text = imagepde(command, small, tmp_path / "new.png", *old[:-2], *new)
    assert code == 0, text
    assert "Deprecated" not in text
    assert (tmp_path / "old.png").read_bytes() == (tmp_path / "new.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("deblur", "{in}", "{out}.xyz"), "must end with"),
        (("deblur", "{in}", "{out}.png", "--model", "blade.cde"), "blade.ced"),
        (("deblur", "{in}", "{out}.png", "--weight", "1000"), "stable"),
        (("deblur", "{in}", "{out}.png", "--kernel", "nowhere.png"), "no picture"),
        (("upscale", "{in}", "{out}.png", "--model", "diffnet.pm_inverse"), "evolution"),
        (("inpaint", "{in}", "{out}.png"), "one of --mask and --known"),
        (("inpaint", "{in}", "{out}.png", "--known", "0"), "between 0 and 100"),
        (("segment", "{in}", "{out}.png", "--model", "ced.default"), "surrogates"),
        (("warp", "{in}", "{out}.png"), "one of --shift"),
        (("warp", "{in}", "{out}.png", "--flow", "nowhere.flo"), "no file"),
        (("warp", "{in}", "{out}.png", "--shift", "1", "1", "--model", "x"), "no model"),
        (("warp", "{in}", "{out}.png", "--onto", "skimage:coins"), "same size"),
    ],
)
def test_problems_refuse_what_they_cannot_use(imagepde, small, tmp_path, arguments, message):
    arguments = [a.format(**{"in": small, "out": tmp_path / "result"}) for a in arguments]
    code, text = imagepde(*arguments)
    assert code == 2, text
    assert message in text
    assert [file.name for file in tmp_path.iterdir()] == ["small.png"]


@pytest.mark.parametrize(
    ("arguments", "before", "gain"),
    [
        (("reconstruction.deblur",), 20, 0.5),
        (("reconstruction.upscale4",), 20, -2),
        (("reconstruction.inpaint", "--known", "30"), 0, 10),
        (("blade_resample.default", "--smooth"), 20, 0.5),
    ],
)
def test_evaluate_problems(imagepde, photograph_folder, arguments, before, gain):
    code, text = imagepde("evaluate", *arguments, "--data", photograph_folder, "--first", "1")
    assert code == 0, text
    found = numbers(text)
    assert found[0] > before
    assert found[1] > found[0] + gain


def test_evaluate_refuses_what_it_cannot_measure(imagepde, photograph_folder):
    for arguments, message in [
        (("segmentation.blade",), "nothing to compare"),
        (("foe_s.gauss25", "--smooth"), "models that resample"),
        (("reconstruction.deblur", "--known", "10"), "inpaint"),
    ]:
        code, text = imagepde("evaluate", *arguments, "--data", photograph_folder)
        assert code == 2
        assert message in text
