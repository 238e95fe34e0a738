"""Models from `.keras` files: whatever a file holds, a model or one line, and nothing executed."""

import io
import json
import zipfile

import h5py
import keras
import numpy as np
import pytest
from imagepde import zoo
from imagepde.errors import InputError

PARTS = "config.json", "metadata.json", "model.weights.h5"


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """A small valid file."""
    path = tmp_path_factory.mktemp("valid") / "valid.keras"
    zoo.create("diffnet", blocks=2, layers=2).save(path)
    return path


def parts_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def refusal(path):
    """The one line that opening a file is answered with."""
    with pytest.raises(InputError) as caught:
        zoo.open_model(path)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 600
    assert str(path) in text or repr(path) in text
    return text


def small_model(*layers, shape=(None, None, 1)):
    return keras.Sequential([keras.Input(shape), *layers])


def test_a_model_of_ones_own_works(valid, tmp_path, rng):
    model = zoo.open_model(valid)
    expected = keras.saving.load_model(valid, compile=False)
    image = rng.random((20, 24)).astype("float32")
    np.testing.assert_array_equal(zoo.restore(image, model), zoo.restore(image, expected))
    assert zoo.open_model(str(valid)).count_params() == model.count_params()
    assert zoo.open_model("foe_s.gauss25").count_params() == 1531


def test_models_of_others(tmp_path, rng):
    path = tmp_path / "conv.keras"
    small_model(
        keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Conv2D(1, 3, padding="same", dtype="float16"),
    ).save(path)
    assert zoo.restore(rng.random((20, 24)).astype("float32"), zoo.open_model(path)).shape == (20, 24)
    small_model(keras.layers.Dense(3), shape=(5,)).save(path)
    assert "one image" in refusal(path)
    inputs = [keras.Input((None, None, 1)) for _ in range(2)]
    keras.Model(inputs, keras.layers.add(inputs)).save(path)
    assert "one image" in refusal(path)


class Foreign(keras.layers.Layer):
    """A layer that is not registered."""

    def call(self, inputs):
        return inputs


def test_code_in_a_file_is_not_run(tmp_path, monkeypatch):
    path = tmp_path / "a.keras"
    small_model(keras.layers.Lambda(lambda x: x, output_shape=(None, None, 1))).save(path)
    assert "'Lambda'" in refusal(path)
    small_model(Foreign()).save(path)
    assert "'Foreign' is not known" in refusal(path)
    # A function that would leave a trace.
    parts = parts_of(path)
    trace = tmp_path / "trace"
    for described in (
        {"class_name": "function", "module": "os", "config": "system", "registered_name": "system"},
        {"class_name": "Popen", "module": "subprocess", "config": {"args": f"touch {trace}"}},
        {"class_name": "get_file", "module": "keras.utils", "config": {"origin": f"file://{trace}"}},
        {"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": str(tmp_path)}},
    ):
        refusal(written(path, {**parts, "config.json": json.dumps(described)}))
    assert not trace.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"assets/x": b""}, "holds no 'assets/x'"),
        ({"../evil": b""}, "holds no"),
        ({"config.json": b"no json"}, "damaged"),
        ({"config.json": b"[" * 100_000}, "damaged"),
        ({"config.json": b"3"}, "damaged"),
        ({"config.json": b'{"class_name": 3}'}, "config.json"),
        ({"config.json": b" " * (5 << 20)}, "more than the"),
        ({"model.weights.h5": b""}, "damaged"),
        ({"model.weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(90)}, "damaged"),
    ],
)
def test_wrong_parts(valid, tmp_path, change, message):
    assert message in refusal(written(tmp_path / "a.keras", {**parts_of(valid), **change}))


def test_what_is_no_archive(valid, tmp_path):
    path = tmp_path / "a.keras"
    assert "There is no file" in refusal(path)
    path.write_bytes(b"")
    assert "no zip archive" in refusal(path)
    path.write_bytes(valid.read_bytes()[:-100])
    assert "no zip archive" in refusal(path)
    assert "holds no 'config.json'" in refusal(written(path, {"model.weights.h5": b""}))
    path.unlink()
    path.mkdir()
    assert "folder" in refusal(path)
    assert "File name too long" in refusal("x" * 300 + ".keras")
    assert "null" in refusal("a\0b.keras")


def test_bombs(valid, tmp_path):
    path = tmp_path / "a.keras"
    parts = parts_of(valid)
    bomb = {**parts, "model.weights.h5": bytes(200 << 20)}
    assert "expands" in refusal(written(path, bomb, zipfile.ZIP_DEFLATED))
    # An archive that declares a terabyte.
    declared = written(path, parts).read_bytes()
    size = len(parts["model.weights.h5"]).to_bytes(4, "little")
    path.write_bytes(declared.replace(size, (0xFFFFFFF0).to_bytes(4, "little")))
    refusal(path)


def with_weights(valid, path, change):
    parts = parts_of(valid)
    file = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(file, "r+") as weights:
        change(weights)
    return written(path, {**parts, "model.weights.h5": file.getvalue()})


def test_weights_that_point_elsewhere_or_declare_too_much(valid, tmp_path):
    path = tmp_path / "a.keras"

    def declare(file):
        file.create_dataset("large", (1 << 28,), "f4", chunks=(1 << 20,))

    def link(file):
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")

    def external(file):
        file.create_dataset("outside", (10,), "u1", external=[("/etc/passwd", 0, 10)])

    assert "declare" in refusal(with_weights(valid, path, declare))
    assert "lie elsewhere" in refusal(with_weights(valid, path, link))
    assert "lie elsewhere" in refusal(with_weights(valid, path, external))


@pytest.mark.parametrize("filters", [10**5, 10**9, 10**15])
def test_a_configuration_that_declares_huge_weights(tmp_path, filters):
    path = tmp_path / "a.keras"
    small_model(keras.layers.Conv2D(1, 31, padding="same")).save(path)
    parts = parts_of(path)
    config = parts["config.json"].replace(b'"filters": 1,', b'"filters": %d,' % filters)
    assert config != parts["config.json"]
    assert "more than it holds" in refusal(written(path, {**parts, "config.json": config}))


def damaged(content, rng):
    """Some bytes flipped, cut off or doubled."""
    content = bytearray(content)
    kind = rng.integers(4)
    if kind < 2:
        for place in rng.integers(len(content), size=1 if kind else 40):
            content[place] ^= 1 << rng.integers(8)
    elif kind == 2:
        content = content[: rng.integers(len(content))]
    else:
        place = rng.integers(len(content))
        content[place:place] = content[: rng.integers(1, 64)]
    return bytes(content)


def test_random_damage_gives_a_model_or_one_line(valid, tmp_path, rng):
    path = tmp_path / "a.keras"
    whole, parts = valid.read_bytes(), parts_of(valid)
    refused = []
    for number in range(200):
        if number % 2:
            path.write_bytes(damaged(whole, rng))
        else:
            # The archive is right, so that the damage comes to its readers.
            name = PARTS[0] if number % 4 else PARTS[2]
            written(path, {**parts, name: damaged(parts[name], rng)})
        try:
            assert isinstance(zoo.open_model(path), keras.Model)
        except InputError as error:
            refused.append(str(error))
    assert len(refused) > 100
    assert not [text for text in refused if "\n" in text or len(text) > 600]


def test_the_layers_of_keras_are_as_before(valid):
    before = keras.layers.Layer.add_weight
    zoo.open_model(valid)
    assert keras.layers.Layer.add_weight is before


def test_commands_answer_in_one_line(imagepde, tmp_path, valid):
    bad = written(tmp_path / "bad.keras", {**parts_of(valid), "config.json": b"{}"})
    picture = tmp_path / "in.png"
    zoo.write_picture(picture, np.zeros((16, 16), "uint8"))
    before = sorted(tmp_path.iterdir())
    for arguments in (
        ("restore", picture, tmp_path / "out.png", "--model", bad),
        ("evaluate", bad, "--data", tmp_path, "--sigma", "25"),
        ("export", bad, tmp_path / "out.tflite", "--to", "litert"),
    ):
        code, text = imagepde(*arguments)
        assert code == 2, text
        assert text.startswith("Error: ")
        assert text.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_model_that_returns_no_numbers_is_refused(imagepde, tmp_path, value):
    model = small_model(keras.layers.Conv2D(1, 1))
    model.set_weights([np.full((1, 1, 1, 1), value), np.zeros(1)])
    picture = np.full((16, 16), 200, "uint8")
    with pytest.raises(InputError, match=f"{model.name}.*256 of 256"):
        zoo.restore(picture, model)
    zoo.write_picture(tmp_path / "in.png", picture)
    model.save(tmp_path / "a.keras")
    code, text = imagepde(
        *("restore", tmp_path / "in.png", tmp_path / "out.png", "--model", tmp_path / "a.keras")
    )
    assert code == 2
    assert text.count("\n") == 1
    assert model.name in text
    assert not (tmp_path / "out.png").exists()


def test_regions_and_resampled_pictures_are_numbers_too():
    picture = np.linspace(0, 1, 32 * 32, dtype="float32").reshape(32, 32)
    resample = zoo.load("blade_resample.default")
    resample.set_weights([np.full(w.shape, np.nan) for w in resample.get_weights()])
    with pytest.raises(InputError, match="blade_resample"):
        zoo.warp(picture, (0.5, 0.25), resample)
    region = small_model(keras.layers.Conv2D(1, 1), shape=(None, None, 1))
    region.set_weights([np.full((1, 1, 1, 1), np.nan), np.zeros(1)])
    with pytest.raises(InputError, match=region.name):
        zoo.segment(picture, region)
