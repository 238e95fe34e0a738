"""The command line: what it prints and writes, and the exit codes that a script relies on."""

import re

import numpy as np
import pytest
from imagepde import zoo
from skimage import data


def test_restore_writes_what_restore_returns(imagepde, noisy_file, tmp_path):
    code, text = imagepde("restore", noisy_file, tmp_path / "clean.png", "--model", "foe_s.gauss25")
    assert code == 0, text
    expected = zoo.restore(zoo.read_picture(noisy_file), "foe_s.gauss25")
    np.testing.assert_array_equal(zoo.read_picture(tmp_path / "clean.png"), expected)


def test_the_order_of_the_first_version_still_works(imagepde, noisy_file, tmp_path):
    code, text = imagepde("restore", "foe_s.gauss25", noisy_file, tmp_path / "old.png")
    assert code == 0, text
    assert re.search(r"Deprecated: NAME IN OUT .* --model foe_s\.gauss25", text)
    code, text = imagepde("restore", "--auto", noisy_file, tmp_path / "auto.png")
    assert code == 0, text
    assert "Deprecated: --auto" in text
    expected = zoo.restore(zoo.read_picture(noisy_file), "foe_s.gauss25")
    np.testing.assert_array_equal(zoo.read_picture(tmp_path / "old.png"), expected)


def test_restore_with_noise_writes_a_comparison_with_both_numbers(imagepde, tmp_path):
    code, text = imagepde(
        *("restore", "skimage:coins", tmp_path / "both.png"),
        *("--model", "foe_s.gauss25", "--noise", "25"),
    )
    assert code == 0, text
    before, after = map(float, re.findall(r"([\d.]+) dB", text)[:2])
    assert 19 < before < 21
    assert after > before + 7
    assert zoo.read_picture(tmp_path / "both.png").shape[1] == 3 * 384 + 2 * 8


def test_restore_can_write_before_and_after(imagepde, noisy_file, tmp_path):
    code, text = imagepde(
        "restore", noisy_file, tmp_path / "both.jpg", "--model", "ced.default", "--compare"
    )
    assert code == 0, text
    assert zoo.read_picture(tmp_path / "both.jpg").shape[1] == 2 * 96 + 8


def test_inpainting_with_a_mask_and_with_random_pixels(imagepde, tmp_path, rng):
    picture, known = data.camera()[:64, :72], rng.random((64, 72)) < 0.3
    zoo.write_picture(tmp_path / "in.png", np.where(known, picture, 0).astype("uint8"))
    zoo.write_picture(tmp_path / "mask.png", known.astype("uint8") * 255)
    paths = tmp_path / "in.png", tmp_path / "out.png", "--mask", tmp_path / "mask.png"
    code, text = imagepde("restore", *paths, "--model", "inpainting.homogeneous")
    assert code == 0, text
    restored = zoo.read_picture(tmp_path / "out.png")
    np.testing.assert_array_equal(restored[known], picture[known])
    assert (restored > 0).all()
    zoo.write_picture(tmp_path / "picture.png", picture)
    paths = tmp_path / "picture.png", tmp_path / "three.png", "--known", "30"
    code, text = imagepde("restore", *paths, "--model", "inpainting.homogeneous")
    assert code == 0, text
    before, after = map(float, re.findall(r"([\d.]+) dB", text)[:2])
    assert after > before + 10


def test_classical_filters_are_measured_too(imagepde, photograph_folder):
    common = ("--data", photograph_folder, "--first", "2", "--crop", "64")
    code, text = imagepde("evaluate", "eed.color", *common, "--sigma", "15")
    assert code == 0, text
    before, after = map(float, re.findall(r"([\d.]+) dB", text)[:2])
    assert after > before + 2
    code, text = imagepde("evaluate", "inpainting.homogeneous", *common, "--known", "20")
    assert code == 0, text
    assert "20 % of the pixels known" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("restore", "{noisy}", "{out}", "--model", "eed.default", "--mask", "{noisy}"),
            "does not inpaint",
        ),
        (("restore", "{noisy}", "{out}", "--model", "inpainting.eed"), "needs `mask`"),
        (("restore", "{noisy}", "{out}", "--model", "inpainting.eed", "--known", "0"), "per cent"),
        (
            ("restore", "{noisy}", "{out}", "--model", "eed.default", "--known", "9", "--noise", "9"),
            "one of",
        ),
        (("evaluate", "ced.default", "--data", "{folder}"), "--sigma"),
        (("evaluate", "eed.default", "--data", "{folder}", "--known", "9"), "inpaint"),
        (("evaluate", "inpainting.eed", "--data", "{folder}", "--sigma", "9"), "made for noise"),
        (("explain", "eed.default", "{noisy}", "{out}", "--degrade"), "Received"),
        (("restore", "{noisy}", "{out}", "--model", "foe_s.gauss52"), r"foe_s\.gauss25"),
        (("restore", "{text}", "{out}", "--model", "foe_s.gauss25"), "no picture that can be read"),
        (("restore", "{folder}/nowhere.png", "{out}", "--model", "foe_s.gauss25"), "no picture"),
        (
            ("restore", "skimage:nothing", "{out}", "--model", "foe_s.gauss25"),
            "scikit-image has no picture",
        ),
        (("restore", "{tiny}", "{out}", "--model", "foe_s.gauss25"), "8×8"),
        (("restore", "{five}", "{out}", "--model", "foe_s.gauss25"), "1, 3 or 4 channels"),
        (("restore", "{noisy}", "{folder}/nowhere/out.png", "--model", "foe_s.gauss25"), "no folder"),
        (("restore", "{deep}", "{folder}/out.jpg", "--model", "foe_s.gauss25"), "cannot hold"),
        (("restore", "{noisy}", "{out}", "--model", "foe_s.gauss25", "--noise", "-3"), "sigma"),
        (("restore", "{noisy}", "{out}", "--model", "own.keras"), "no file"),
        (("restore", "{noisy}"), "IN OUT"),
        (("restore", "{noisy}", "{out}", "{out}", "--model", "foe_s.gauss25"), "is a folder"),
        (("restore", "{text}", "{out}"), "no picture that can be read"),
        (("explain", "kernels", "perona_malik.gauss25", "{out}"), "Fields of Experts"),
        (("explain", "kernels", "foe_s.gauss25", "{folder}/k.tif"), "png or .svg"),
        (("explain", "curves", "{out}", "nothing*"), "No model matches"),
        (("explain", "curves", "{out}", "foe_s.blind"), "one strength"),
        (("explain", "diffusivity", "{out}", "foe_s.gauss52"), r"foe_s\.gauss25"),
        (("explain", "states", "foe_s.gauss25", "{noisy}", "{out}"), "filtering steps"),
        (("explain", "foe_s.gauss52", "{noisy}", "{out}"), r"foe_s\.gauss25"),
        (("explain", "linear", "foe_s.gauss25", "{out}"), "not known"),
        (("generalisation", "--data", "{folder}", "--test", "{folder}", "--count", "x"), "count"),
        (("evaluate", "foe_s.blind", "--data", "{folder}"), "--sigma"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}", "--noise", "1"), "--sigma 2.55"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}", "--scale", "2"), "scale"),
        (("evaluate", "trd.jpeg10", "--data", "{folder}", "--sigma", "25"), "made for noise"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}", "--crop", "5"), "at least 11"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}", "--without", "{folder}/no"), "no file"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}", "--steps", "9"), "surrogates"),
        (("train", "blade.tv_flow", "--data", "{folder}"), "needs `--cache`"),
        (("train", "foe_s.gauss25", "--data", "{folder}", "--cache", "{folder}/c"), "no `--cache`"),
        (("targets", "foe_s.gauss25", "--data", "{folder}", "--cache", "{folder}/c"), "no surrogate"),
        (("explain", "filters", "foe_s.gauss25", "{out}"), "Only surrogates"),
        (("explain", "surrogate", "{noisy}", "{out}", "foe_s.gauss25"), "Surrogates of equations"),
        (("explain", "surrogate", "{noisy}", "{out}", "blade.ced", "blade.tv_flow"), "one equation"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}", "--jpeg", "0"), "from 1 to 100"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}", "--jpeg", "9", "--sigma", "9"), "--jpeg"),
        (
            ("restore", "{noisy}", "{out}", "--model", "foe_s.gauss25", "--jpeg", "9", "--noise", "9"),
            "one of",
        ),
        (("explain", "influence", "foe_s.gauss25", "{out}"), "reaction"),
        (("show", "nothing"), "no model"),
        (("list", "nothing*"), "No model matches"),
        (("list", "--task", "denoising"), "denoise, deblock"),
        (("export", "foe_s.gauss25", "--to", "litert", "{folder}/model.bin"), "tflite"),
        (("export", "foe_s.gauss25", "--to", "paper", "{out}"), "paper"),
        (("evaluate", "foe_s.gauss25", "--data", "{folder}/nowhere"), "no folder"),
        (("evaluate", "own.keras", "--data", "{folder}"), "no file"),
        (("train", "foe_s.gauss52", "--data", "{folder}"), r"foe_s\.gauss25"),
        (("train", "foe_s.gauss25", "--data", "{folder}/nowhere"), "no folder"),
        (("train", "foe_s.gauss25"), "--data"),
        (("train", "diffnet.pm_inverse", "--data", "{folder}", "--scale", "0"), "scale"),
        (("publish", "{folder}"), "not the folder of a training run"),
        (("remove",), "remove"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2_and_nothing_is_written(
    imagepde, noisy_file, tmp_path, arguments, message
):
    zoo.write_picture(tmp_path / "tiny.png", np.zeros((3, 2), "uint8"))
    np.save(tmp_path / "five.npy", np.zeros((9, 9, 5), "uint8"))
    zoo.write_picture(tmp_path / "deep.tif", np.zeros((9, 9, 3), "uint16"))
    (tmp_path / "text.png").write_text("no picture")
    places = {
        "noisy": noisy_file,
        "folder": tmp_path,
        "out": tmp_path / "out.png",
        "text": tmp_path / "text.png",
        "tiny": tmp_path / "tiny.png",
        "five": tmp_path / "five.npy",
        "deep": tmp_path / "deep.tif",
    }
    before = sorted(tmp_path.rglob("*"))
    code, text = imagepde(*(argument.format(**places) for argument in arguments))
    assert code == 2, text
    assert re.search(message, text), text
    assert "Traceback" not in text
    assert sorted(tmp_path.rglob("*")) == before


def test_evaluate_prints_and_writes_a_row_a_picture(imagepde, photograph_folder, tmp_path):
    code, text = imagepde(
        *("evaluate", "perona_malik.gauss25", "--data", photograph_folder, "--first", "2"),
        *("--csv", tmp_path / "rows.csv"),
    )
    assert code == 0, text
    assert "photographs[:2]" in text
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0] == "picture,input_psnr,psnr,ssim,input_q,q"
    assert len(lines) == 3


def test_evaluate_takes_crops_and_leaves_pictures_out(imagepde, photograph_folder, tmp_path):
    names = [f"photographs/{file.name}" for file in photograph_folder.glob("0*")]
    (tmp_path / "trained.txt").write_text("\n".join(names))
    code, text = imagepde(
        *("evaluate", "perona_malik.gauss25", "--data", photograph_folder, "--first", "3"),
        *("--without", tmp_path / "trained.txt", "--crop", "64", "--csv", tmp_path / "rows.csv"),
    )
    assert code == 0, text
    assert "photographs[:3], centre 64²" in text
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 4
    code, text = imagepde(
        *("evaluate", "perona_malik.gauss25", "--data", photograph_folder, "--crop", "400")
    )
    assert code == 2
    assert "400×400" in text


def test_restore_picks_a_model_for_the_noise(imagepde, tmp_path):
    noisy = np.random.default_rng(0).standard_normal((512, 512)) * 25 / 255 + data.camera() / 255
    zoo.write_picture(tmp_path / "noisy.tif", noisy.astype("float32"))
    code, text = imagepde("restore", tmp_path / "noisy.tif", tmp_path / "clean.tif")
    assert code == 0, text
    sigma, name = re.search(r"σ = ([\d.]+) .*\nRemoved by (\S+)\.\n", text).groups()
    assert 23 < 255 * float(sigma) < 27
    assert name == "trd.any"
    expected = zoo.restore(zoo.read_picture(tmp_path / "noisy.tif"), zoo.load(name))
    np.testing.assert_array_equal(zoo.read_picture(tmp_path / "clean.tif"), expected)


def test_evaluate_gives_a_model_what_it_was_trained_for(imagepde, photograph_folder, tmp_path):
    options = ["--data", photograph_folder, "--first", "1", "--crop", "48"]
    code, text = imagepde("evaluate", "diffnet.pm_inverse_noise1", *options)
    assert code == 0, text
    assert "scale 0.4, centre 48²" in text
    assert "σ=2.55/255" in text
    code, text = imagepde("evaluate", "diffnet.pm_inverse", *options, "--sigma", "5", "--scale", "0.5")
    assert code == 0, text
    assert "scale 0.5, centre 48²" in text
    assert "σ=5/255" in text


def test_evaluate_knows_what_a_saved_model_is_for(imagepde, photograph_folder, tmp_path):
    zoo.load("perona_malik.gauss25").save(tmp_path / "own.keras")
    options = ["--data", photograph_folder, "--first", "1", "--crop", "48"]
    code, text = imagepde("evaluate", tmp_path / "own.keras", *options)
    assert code == 0, text
    assert "Gaussian noise σ=25/255" in text


@pytest.mark.slow
def test_train_then_use_the_model_from_its_file(
    imagepde, photograph_folder, noisy_file, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    options = ["--data", photograph_folder, "--epochs", "1", "--steps-per-epoch", "1"]
    code, text = imagepde("train", "perona_malik.gauss25", *options)
    assert code == 0, text
    model = tmp_path / "run-perona_malik.gauss25" / "model.keras"
    assert imagepde("restore", noisy_file, tmp_path / "clean.png", "--model", model)[0] == 0
    code, text = imagepde(
        "evaluate", model, "--data", photograph_folder, "--first", "1", "--sigma", "25"
    )
    assert code == 0, text
    code, text = imagepde("train", "foe_s.gauss25", *options, "--run", model.parent)
    assert code == 2
    assert "another recipe" in text
