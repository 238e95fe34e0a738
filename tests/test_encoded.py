"""The signature of a SavedModel that takes picture files: `restore`, with bytes in and bytes out."""

import io

import keras
import numpy as np
import pytest
from imagepde import export, zoo
from imagepde.export import saved_model
from imagepde.layers import ImageLayer, Traits
from PIL import Image
from skimage import data

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        keras.backend.backend() != "tensorflow", reason="export needs the TensorFlow backend"
    ),
]


def file_of(picture, kind="png", **options):
    """The bytes of a picture file."""
    if picture.dtype == np.uint16:
        import tensorflow as tf

        # Pillow writes no colours of 16 bits.
        return tf.io.encode_png(picture[..., None] if picture.ndim == 2 else picture).numpy()
    content = io.BytesIO()
    Image.fromarray(picture).save(content, kind, **options)
    return content.getvalue()


def picture_of(content):
    """The picture in a PNG file, with all its bits."""
    import tensorflow as tf

    assert content.startswith(b"\x89PNG")
    pixels = tf.io.decode_png(content, dtype=tf.uint16 if content[24] == 16 else tf.uint8).numpy()
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Applies a small model to files."""
    path = tmp_path_factory.mktemp("encoded") / "model"
    export.export(zoo.load("perona_malik.gauss25"), path, "saved_model")
    return saved_model.run_encoded(path)


def pictures():
    grey, colour = data.camera()[:40, :50], data.astronaut()[:48, :33]
    alpha = np.arange(48 * 33, dtype=np.uint8).reshape(48, 33, 1)
    yield "grey", grey
    yield "colour", colour
    yield "colour with alpha", np.concatenate([colour, alpha], -1)
    yield "16 bits", grey.astype(np.uint16) * 257 + 3
    yield "16 bits in colour", colour.astype(np.uint16) * 250 + 3


@pytest.mark.parametrize(("kind", "picture"), list(pictures()))
def test_a_file_is_restored(run, kind, picture):
    (answer,) = run([file_of(picture)])
    expected = zoo.restore(picture, "perona_malik.gauss25")
    found = picture_of(answer)
    assert found.dtype == picture.dtype
    assert found.shape == picture.shape
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_files_of_several_sizes_and_kinds_at_once(run):
    model = zoo.load("perona_malik.gauss25")
    grey, colour = data.camera()[:40, :50], data.astronaut()[:48, :33]
    jpeg = file_of(colour, "jpeg", quality=90)
    palette = io.BytesIO()
    Image.fromarray(colour).quantize(16).save(palette, "png")
    answers = run([file_of(grey), jpeg, palette.getvalue()])
    decoded = [np.array(Image.open(io.BytesIO(f)).convert("RGB")) for f in (jpeg, palette.getvalue())]
    for answer, picture in zip(answers, [grey, *decoded], strict=True):
        difference = np.abs(picture_of(answer).astype(int) - zoo.restore(picture, model))
        assert difference.max() <= 1


@pytest.mark.parametrize(
    "content", [b"", b"no picture", file_of(data.camera())[:900], file_of(data.camera()[:4, :50])]
)
def test_what_is_no_picture_is_refused(run, content):
    import tensorflow as tf

    with pytest.raises(tf.errors.InvalidArgumentError):
        run([content])


@keras.saving.register_keras_serializable(package="tests")
class Filled(ImageLayer):
    """What is not known is made dark."""

    traits = Traits(reach=0, takes="mask")

    def call(self, inputs):
        return keras.ops.where(inputs[..., -1:] > 0.5, inputs[..., :-1], 0.25)


def test_alpha_is_the_mask_of_a_model_that_inpaints(tmp_path, rng):
    import tensorflow as tf

    image = keras.Input((None, None, 2), name="image")
    model = keras.Model(image, Filled()(image))
    export.export(model, tmp_path / "model", "saved_model")
    run = saved_model.run_encoded(tmp_path / "model")
    picture, known = data.astronaut()[:40, :50], rng.random((40, 50)) < 0.4
    sent = np.dstack([picture, np.where(known, 255, 0).astype(np.uint8)])
    found = picture_of(run([file_of(sent)])[0])
    assert np.abs(found.astype(int) - zoo.restore(picture, model, mask=known)).max() <= 1
    assert np.array_equal(found[known], picture[known])
    with pytest.raises(tf.errors.InvalidArgumentError, match="alpha"):
        run([file_of(picture)])


def test_a_segmentation_is_black_and_white(tmp_path):
    model = zoo.load("segmentation.chan_vese", steps=30)
    export.export(model, tmp_path / "model", "saved_model")
    coins = data.coins()[:64, :80]
    (answer,) = saved_model.run_encoded(tmp_path / "model")([file_of(coins)])
    regions = zoo.segment(coins, model=model)
    assert np.mean((picture_of(answer) == 255) != regions) < 0.01


@keras.saving.register_keras_serializable(package="tests")
class Doubled(ImageLayer):
    """Each pixel becomes four."""

    traits = Traits(reach=0, magnification=2)

    def call(self, inputs):
        return keras.ops.repeat(keras.ops.repeat(inputs, 2, axis=1), 2, axis=2)


def test_alpha_is_magnified_with_the_picture(tmp_path):
    image = keras.Input((None, None, 1), name="image")
    model = keras.Model(image, Doubled()(image))
    export.export(model, tmp_path / "model", "saved_model")
    picture = dict(pictures())["colour with alpha"]
    found = picture_of(saved_model.run_encoded(tmp_path / "model")([file_of(picture)])[0])
    assert found.shape == (96, 66, 4)
    assert np.abs(found.astype(int) - zoo.restore(picture, model)).max() <= 1


@keras.saving.register_keras_serializable(package="tests")
class Moved(ImageLayer):
    """Takes a displacement, and moves nothing."""

    traits = Traits(reach=0, takes="displacement")

    def call(self, inputs):
        return inputs[..., :-2]


def test_a_model_of_displacements_has_no_such_signature(tmp_path):
    image = keras.Input((None, None, 3), name="image")
    model = keras.Model(image, Moved()(image))
    export.export(model, tmp_path / "model", "saved_model")
    assert saved_model.run_encoded(tmp_path / "model") is None
