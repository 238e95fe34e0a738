"""Parts of a program that are compiled by themselves, and parts that are constants."""

import functools
from collections.abc import Callable

from .backend import building_program, keras, tensorflow
from .tracing import being_traced


def compiled(function: Callable) -> Callable:
    """Decorator for a part of a program that is compiled by itself, so that nothing is fused with it.

    XLA fuses what selects a filter with what applies it, and computes the index again for each tap.
    A function of its own is compiled as it stands. Within a program that XLA compiles as a whole it
    is no more than its lines, and so it is on other backends than TensorFlow, and where the program
    that is traced may have no such parts, see `Traced.compiled_parts`.

    Args:
        function: Function of tensors, and of constants that can be hashed.

    Returns:
        Function of the same arguments.
    """
    if tensorflow is None:
        return function
    program = tensorflow.function(function, jit_compile=True, reduce_retracing=True, autograph=False)

    @functools.wraps(function)
    def call(*args):
        # Keras hands out variables as they are.
        args = [tensorflow.convert_to_tensor(a) if isinstance(a, keras.Variable) else a for a in args]
        return program(*args) if being_traced().compiled_parts else function(*args)

    return call


def compiled_within(function: Callable) -> Callable:
    """Decorator as `compiled`, for what is a program of its own only within another one.

    Op by op, no image is met often enough to be worth that.
    """
    program = compiled(function)

    @functools.wraps(function)
    def call(*args):
        return (program if building_program() else function)(*args)

    return call


def of_weights_alone(function: Callable) -> Callable:
    """Decorator for what depends on weights and on nothing else: a constant where they are frozen.

    What optimises programs with frozen weights does not compute large constants from others, so a
    program would hold, and compute for each image, all that leads to a bound on a norm.

    Args:
        function: Function of weights.

    Returns:
        Function of the same weights; its value is a constant where `Traced.frozen_weights` says so.
    """

    @functools.wraps(function)
    def call(*args):
        if not (being_traced().frozen_weights and building_program()):
            return function(*args)
        with tensorflow.init_scope():
            value = function(*args).numpy()
        # Not as a captured tensor, which a converter may take for another input of the program.
        return tensorflow.constant(value)

    return call
