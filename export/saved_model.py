"""SavedModel: for TensorFlow Serving, for TensorFlow without imagepde, and to train further."""

from ..pde.backend import derived_gradients


def write_saved_model(model, path):
    """Writes a SavedModel with dynamic height and width; returns a function that applies it.

    Its endpoint is `serve`, also under the signature `serving_default`: float32 images `(batch,
    height, width, channels)` in [0, 1] to images of the same shape. It can be trained after loading.
    """
    import tensorflow as tf

    with derived_gradients():
        model.export(path, format="tf_saved_model", verbose=False)
    loaded = tf.saved_model.load(path)
    # A lambda, because `serve` alone would not keep the variables of what was loaded alive.
    return lambda images: loaded.serve(images)
