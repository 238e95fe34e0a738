"""The command: help, `list` and `show`."""

import re
import subprocess
import sys

import pytest
from imagepde import zoo
from imagepde.commands import show


def test_every_command_has_help_with_examples(imagepde):
    code, text = imagepde("--help")
    assert code == 0
    assert "Exit codes" in text
    for command in (
        "list",
        "show",
        "restore",
        "evaluate",
        "explain",
        "train",
        "export",
        "verify",
        "generalisation",
        "targets",
        "publish",
        "deblur",
        "upscale",
        "inpaint",
        "segment",
        "warp",
    ):
        code, text = imagepde(command, "--help")
        assert code == 0
        assert f"imagepde {command}" in text, "there is no example"


def test_version(imagepde):
    import imagepde as package

    assert imagepde("--version") == (0, f"imagepde {package.__version__}\n")


def test_list_is_a_model_a_line(imagepde):
    code, text = imagepde("list")
    assert code == 0, text
    lines = [line.split("\t") for line in text.splitlines()]
    assert [line[0] for line in lines] == zoo.list_models()
    assert ["foe_s.gauss25", "denoise", "1", "1,531", "mean range norm"] in lines
    for filters, expected in [
        (("foe*",), zoo.list_models("foe*")),
        (("--task", "deblock"), zoo.list_models(task="deblock")),
        (("trd*", "--channels", "3"), zoo.list_models("trd*", channels=3)),
        (("--guarantee", "known"), zoo.list_models(guarantee="known")),
    ]:
        code, text = imagepde("list", *filters)
        assert [line.partition("\t")[0] for line in text.splitlines()] == expected


def test_list_fits_a_terminal(imagepde, monkeypatch):
    monkeypatch.setattr(show, "_is_terminal", lambda: True)
    header, *lines = imagepde("list")[1].splitlines()
    assert header.split() == ["model", "task", "ch", "parameters", "guarantees"]
    assert [line.split()[0] for line in lines] == zoo.list_models()
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("foe_s.gauss25", ("the Euclidean norm does not grow", "imagepde restore IN OUT --model")),
        ("eed.default", ("Theorem 1", "0 parameters")),
        ("inpainting.eed", ("--mask MASK", "10 % of the pixels known")),
        ("segmentation.blade", ("promises nothing", 'zoo.segment(image, "segmentation.blade")')),
        ("blade_resample.default", ("zoo.warp(image, displacement",)),
    ],
)
def test_show(imagepde, name, parts):
    code, text = imagepde("show", name)
    assert code == 0, text
    card = zoo.card(name)
    for part in (card.task, card.licence.split(";")[0], card.sha256 or "", *parts):
        assert part in re.sub(r"\s+", " ", text)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    "name",
    [
        name if k % 20 == 0 else pytest.param(name, marks=pytest.mark.every_model)
        for k, name in enumerate(zoo.list_models())
    ],
)
def test_what_is_kept_is_what_a_model_says(name):
    """`make docs` writes it anew."""
    assert show._kept(name) == show.text_of(zoo.load(name), name)


def test_a_new_card_is_shown_as_it_is(imagepde, monkeypatch):
    monkeypatch.setattr(show, "_checksum", lambda name: "of another card")
    assert show._kept("perona_malik.gauss25") is None
    assert imagepde("show", "perona_malik.gauss25")[1].rstrip("\n") == show.text_of(
        zoo.load("perona_malik.gauss25"), "perona_malik.gauss25"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (("list", "--guarantee", "norm"), 0, "foe_s.gauss25\tdenoise"),
        (("show", "foe_s.gauss25"), 0, "the Euclidean norm does not grow"),
        (("show", "foe_s.gauss24"), 2, "did you mean foe_s.gauss25"),
        (("restore", "in.png", "out.png", "--model", "foe_s.gauss24"), 2, "did you mean foe_s.gauss25"),
    ],
)
def test_names_and_cards_need_no_keras(arguments, code, part):
    command = f"import sys; sys.modules['keras'] = None; sys.argv = {['imagepde', *arguments]!r}"
    done = subprocess.run(
        [sys.executable, "-c", f"{command}; from imagepde.main import main; main()"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    assert part in done.stdout + done.stderr


def test_show_opens_files(imagepde, tmp_path):
    zoo.load("perona_malik.gauss25").save(tmp_path / "own.keras")
    code, text = imagepde("show", tmp_path / "own.keras")
    assert code == 0, text
    assert "Gaussian noise σ=25/255" in text
