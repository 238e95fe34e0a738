"""SavedModel: for TensorFlow Serving, for TensorFlow without imagepde, and to train further."""

from pathlib import Path

from ..errors import InputError
from ..pde.backend import keras
from ..pde.tracing import PORTABLE, tracing_for
from .encoded import encoded_endpoint

_EXTRA = Path("assets.extra", "imagepde.json")
"""Where TensorFlow Serving lets others keep what it does not read itself."""


def write(model, path):
    """Writes a SavedModel with dynamic height and width, which can be trained after loading.

    Signatures: `serving_default` from float32 images `(batch, height, width, channels)` in [0, 1] to
    such images; and `encoded` from the bytes of PNG and JPEG files, `image_bytes` `(batch,)`, to those
    of PNG files. The latter is left out for models that want more than a picture.
    """
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    archive.track(model)
    specification = tf.TensorSpec(model.input_shape, tf.float32, name=model.inputs[0].name)
    # TensorFlow keeps gradients of our own in the file, but cannot apply them in a loop after loading.
    with tracing_for(PORTABLE):
        serve = archive.add_endpoint(
            "serve", lambda images: model(images, training=False), [specification]
        )
        endpoint = encoded_endpoint(model, serve)
        if endpoint is not None:
            files = tf.TensorSpec((None,), tf.string, name="image_bytes")
            archive.add_endpoint("encoded", endpoint, [files])
        archive.write_out(str(path), verbose=False)


def run(path):
    """A function that applies the SavedModel to an array of images."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    if not hasattr(loaded, "serve"):
        raise InputError(f"{str(path)!r} has no endpoint `serve`, which every export has.")
    # A lambda, because `serve` alone would not keep the variables of what was loaded alive.
    return lambda images: loaded.serve(images)


def run_encoded(path):
    """A function that applies it to a list of the bytes of picture files; `None` if it cannot."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    if "encoded" not in loaded.signatures:
        return None

    def apply(files):
        answer = loaded.signatures["encoded"](image_bytes=tf.constant(files))
        return list(answer["image_bytes"].numpy())

    return apply


def attach(path, text):
    """Puts a text beside the model, where TensorFlow Serving does not read."""
    file = Path(path) / _EXTRA
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def attached(path):
    """This text, or `None`."""
    file = Path(path) / _EXTRA
    return file.read_text(encoding="utf-8") if file.is_file() else None


def contents(path):
    """The precision, always float32, and the one size that it is for, here none."""
    return "float32", None
