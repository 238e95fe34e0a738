"""What is being traced: the one record of what the program under construction may contain.

A model is written once. Where it becomes a program for another runtime, some operations are better
replaced by others that compute the same. Whoever traces says what the runtime can do, and equations and
layers ask `being_traced`. They never ask for which file it is.
"""

import contextlib
import contextvars
import dataclasses
from collections.abc import Iterator


@dataclasses.dataclass(frozen=True)
class Traced:
    """What a program that is being traced may contain, and what is known of it.

    Attributes:
        own_gradients: Whether gradients may be written by hand. Some programs are loaded without our
            code, and then only derived gradients can be applied within a loop.
        compiled_parts: Whether a part may be a program of its own, which is compiled by itself.
        nested_loops: Whether the runtime can run a loop within a loop.
        fast_padding: Whether mirroring by a padding operation is as fast as copying rows and columns.
        transposed_convolutions: Whether transposed convolutions are as fast as others.
        frozen_weights: Whether weights are constants, so that what depends on them alone is one too.
        within_loop: Whether what is traced now is the body of a loop.
        bfloat16_convolutions: Whether correlations with banks of kernels may round their inputs and
            their results to bfloat16.
    """

    own_gradients: bool = True
    compiled_parts: bool = True
    nested_loops: bool = True
    fast_padding: bool = True
    transposed_convolutions: bool = True
    frozen_weights: bool = False
    within_loop: bool = False
    bfloat16_convolutions: bool = False


PORTABLE = Traced(
    own_gradients=False,
    compiled_parts=False,
    nested_loops=False,
    fast_padding=False,
    transposed_convolutions=False,
)
"""Plain operations alone, as every runtime can run them: for files, and for counting operations."""

# A context variable, since one thread may export a model while another one applies or trains it.
_ANYTHING = Traced()
_current = contextvars.ContextVar("traced", default=_ANYTHING)


def being_traced() -> Traced:
    """The record for what is traced now, in this thread; the default allows everything."""
    return _current.get()


@contextlib.contextmanager
def tracing_for(record: Traced) -> Iterator[Traced]:
    """Within this context, and in this thread only, programs are traced for `record`.

    Args:
        record: What the program may contain, for instance `PORTABLE`.

    Example:
        >>> with tracing_for(PORTABLE):
        ...     being_traced().nested_loops
        False
        >>> being_traced().nested_loops
        True
    """
    token = _current.set(record)
    try:
        yield record
    finally:
        _current.reset(token)


@contextlib.contextmanager
def bfloat16_convolutions(allowed: bool = True) -> Iterator[Traced]:
    """Within this context convolutions of programs in float32 are computed in bfloat16, if allowed.

    Everything between them stays in float32, so an image keeps its precision: of a step u ← u − KᵀφKu
    only the update is rounded, to eight bits of its own size. Processors with units for products of
    matrices in bfloat16 do it in less than half the time.

    Args:
        allowed: `False` leaves everything as it is.

    Example:
        >>> with bfloat16_convolutions():
        ...     being_traced().bfloat16_convolutions
        True
    """
    record = being_traced()
    if allowed:
        record = dataclasses.replace(record, bfloat16_convolutions=True)
    with tracing_for(record):
        yield record


@contextlib.contextmanager
def within_loop() -> Iterator[Traced]:
    """Within this context the body of a loop is traced, which a compiler keeps as a loop."""
    with tracing_for(dataclasses.replace(being_traced(), within_loop=True)) as record:
        yield record
