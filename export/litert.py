"""LiteRT (formerly TensorFlow Lite): for phones and other small machines."""

from ..pde import InputError
from ..pde.backend import derived_gradients


def write_litert(model, path):
    """Writes a `.tflite` file with dynamic height and width; returns a function that applies it.

    Only built-in operations are allowed: by default the converter would fall back to TensorFlow's
    own kernels, which the interpreter does not have, and the file would fail on the phone.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise InputError(
            "A LiteRT file is checked after it is written, which needs an extra: "
            f"pip install 'imagepde[export]'. Received: {error}."
        ) from error
    import tensorflow as tf

    with derived_gradients():
        model.export(
            path,
            format="litert",
            verbose=False,
            target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]},
        )
    interpreter = Interpreter(model_path=str(path))
    signature = interpreter.get_signature_runner()
    (name,) = signature.get_input_details()

    def run(images):
        (result,) = signature(**{name: images}).values()
        return result

    return run
