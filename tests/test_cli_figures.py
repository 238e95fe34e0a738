"""The command: figures of what models have learned."""

import keras
import pytest
from imagepde import zoo


@pytest.mark.parametrize(
    "arguments",
    [
        ("kernels", "foe_s.gauss25", "{out}"),
        ("kernels", "foe_rb.gauss25", "{out}"),
        ("diffusivity", "{out}", "perona_malik.gauss25", "foe_s.blind", "--picture", "{noisy}"),
        ("curves", "{out}", "perona_malik.*", "ka.gauss25"),
        ("curves", "{out}", "[dk]*.gauss50"),
        ("activations", "{out}"),
        ("states", "diffnet.pm_inverse", "{noisy}", "{out}"),
        ("diffnet.pm_inverse", "{noisy}", "{out}", "--degrade"),
        ("smoothing", "diffnet.pm_inverse_blind", "{out}", "--data", "{folder}", "--csv", "{csv}"),
        ("linear", "linear_diffusion.heat", "{out}"),
        ("filters", "blade.tv_flow", "{out}"),
        ("filters", "blade_flux.cahn_hilliard", "{out}"),
        ("attack", "blade_stable.tv_flow", "{noisy}", "{out}", "--steps", "2", "--side", "24"),
        ("features", "blade.ced", "{noisy}", "{out}"),
        ("surrogate", "{noisy}", "{out}", "blade.perona_malik", "blade_flux.perona_malik"),
    ],
)
def test_figures_are_drawn(imagepde, noisy_file, tmp_path, arguments):
    pytest.importorskip("matplotlib")
    places = {
        "out": tmp_path / "figure.png",
        "noisy": noisy_file,
        "folder": noisy_file.parent,
        "csv": tmp_path / "alpha.csv",
    }
    code, text = imagepde("explain", *(argument.format(**places) for argument in arguments))
    assert code == 0, text
    assert zoo.read_picture(tmp_path / "figure.png").std() > 5
    assert ("Left out, without a diffusivity to show: delta_resnet.gauss50" in text) == (
        "[dk]*.gauss50" in arguments
    )
    if "--csv" in arguments:
        lines = (tmp_path / "alpha.csv").read_text().splitlines()
        assert lines[0] == "sigma,alpha,alpha_1,alpha_2,alpha_3,alpha_4,alpha_5"
        assert len(lines) == 14


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf-keras-vis needs TensorFlow")
def test_saliency_is_drawn_beside_the_states(imagepde, noisy_photograph, tmp_path):
    pytest.importorskip("tf_keras_vis")
    noisy_file = tmp_path / "small.png"
    zoo.write_picture(noisy_file, noisy_photograph[:40, :48])
    code, text = imagepde(
        *("explain", "diffnet.pm_inverse", noisy_file, tmp_path / "states.png"),
        *("--saliency", "--pixel", "30", "20"),
    )
    assert code == 0, text
    for name in ("states.png", "states_saliency.png"):
        assert zoo.read_picture(tmp_path / name).std() > 5
    places = {file.name for file in tmp_path.iterdir()}
    code, text = imagepde(
        *("explain", "diffnet.pm_inverse", noisy_file, tmp_path / "more.png"),
        *("--saliency", "--pixel", "4000", "30"),
    )
    assert code == 2
    assert "must lie in the picture" in text
    assert {file.name for file in tmp_path.iterdir()} == places
