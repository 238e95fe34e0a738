"""The check that every layer runs: `check_layer`."""

import inspect

import keras
import numpy as np
from keras import ops


def check_layer(layer, shape, reference=None, output_shape=None, trainable=True, tolerance=1e-5):
    """Checks what must hold for every layer of imagepde.

    Args:
        layer: A layer with arguments that are not the defaults.
        shape: Shape of an input, with the batch; a list of shapes for a layer that takes several.
        reference: Function `(layer, input)` that computes the output with NumPy alone.
        output_shape: Shape of the output; that of the (first) input when `None`.
        trainable: Whether the layer has weights to train.
        tolerance: Largest accepted difference from the reference.

    Returns:
        A model of one such layer, for images of any size, and the image that it was given.
    """
    rng = np.random.default_rng(0)
    image = random_inputs(rng, shape)
    output = ops.convert_to_numpy(layer(keras.tree.map_structure(ops.convert_to_tensor, image)))

    assert output.shape == tuple(output_shape or (shape[0] if isinstance(shape, list) else shape))
    assert layer.compute_output_shape(shape) == output.shape
    assert np.isfinite(output).all()
    if reference is not None:
        np.testing.assert_allclose(output, reference(layer, image), atol=tolerance)

    _check_config(layer, image, output)
    model = _check_dynamic_shape(layer, shape)
    assert bool(model.trainable_weights) == trainable
    if trainable:
        _check_gradients(model, image, output.shape)
    _check_half_precision(layer, image, output)
    return model, image


def random_inputs(rng, shape):
    """An array of this shape, or a list of them."""
    if isinstance(shape, list):
        return [rng.random(one, dtype=np.float32) for one in shape]
    return rng.random(shape, dtype=np.float32)


def open_inputs(shape):
    """Keras inputs of any size with the channels of this shape, or a list of them."""
    if isinstance(shape, list):
        return [open_inputs(one) for one in shape]
    return keras.Input((*[None] * (len(shape) - 2), shape[-1]))


def _shape_of(image):
    return [one.shape for one in image] if isinstance(image, list) else image.shape


def _check_config(layer, image, output):
    arguments = inspect.signature(type(layer)).parameters.values()
    names = {one.name for one in arguments if one.kind is not one.VAR_KEYWORD}
    assert names <= set(layer.get_config()), "an argument of the constructor is not in `get_config`"
    copy = layer.__class__.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    copy.build(_shape_of(image))
    copy.set_weights(layer.get_weights())
    np.testing.assert_array_equal(ops.convert_to_numpy(copy(image)), output)


def _check_dynamic_shape(layer, shape):
    copy = layer.__class__.from_config(layer.get_config())
    inputs = open_inputs(shape)
    model = keras.Model(inputs, copy(inputs))
    copy.set_weights(layer.get_weights())
    # Any height and width, or one number for the whole image.
    spatial = len(model.output_shape) - 2
    assert model.output_shape[1:-1] in ((None,) * spatial, (1,) * spatial)
    return model


def _check_gradients(model, image, shape):
    """A compiled `fit` step changes every weight."""
    before = [np.copy(ops.convert_to_numpy(weight)) for weight in model.trainable_weights]
    target = np.random.default_rng(1).random(shape, dtype=np.float32)
    model.compile(keras.optimizers.SGD(1e-2), "mse")
    model.fit(image, target, epochs=1, batch_size=len(target), verbose=0)
    for old, weight in zip(before, model.trainable_weights, strict=True):
        assert np.any(old != ops.convert_to_numpy(weight)), f"no gradient reaches {weight.path}"


def check_keras_file(model, image, path):
    """A model saved as `.keras` and loaded safely gives the same output."""
    model.save(path)
    loaded = keras.saving.load_model(path, safe_mode=True)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(loaded(image)), ops.convert_to_numpy(model(image))
    )


def _check_half_precision(layer, image, output):
    half = layer.__class__.from_config(_with_dtype(layer.get_config(), "mixed_float16"))
    half.build(_shape_of(image))
    half.set_weights(layer.get_weights())
    result = half(image)
    assert keras.backend.standardize_dtype(result.dtype) == "float16"
    np.testing.assert_allclose(ops.convert_to_numpy(result), output, atol=2e-2)


def _with_dtype(config, dtype):
    """A configuration with another dtype policy, for the layers within it too."""
    if not isinstance(config, dict):
        return config
    return {key: dtype if key == "dtype" else _with_dtype(config[key], dtype) for key in config}
